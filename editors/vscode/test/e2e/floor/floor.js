// The least that an extension can do after a question: it paints one line. What VS Code takes for that, in this browser
// and on this machine, no extension can save.
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const painted = vscode.window.createTextEditorDecorationType({ opacity: '0.45' });
  const paint = (...ranges) => vscode.window.activeTextEditor?.setDecorations(painted, ranges);
  subscriptions.push(
    painted,
    vscode.commands.registerCommand('floor.clear', () => paint()),
    vscode.commands.registerCommand('floor.ask', () => {
      const pick = vscode.window.createQuickPick();
      pick.title = 'Floor';
      pick.items = [{ label: 'paint' }];
      pick.onDidAccept(() => {
        paint(vscode.window.activeTextEditor.document.lineAt(0).range);
        pick.dispose();
      });
      pick.show();
    }),
  );
};
