// What is painted is not read out. Where a screen reader is used a notification tells of it, as VS Code reads those.
import * as vscode from 'vscode';

/** Tells something that counts until a promise is settled. */
export function announce(text: string, until: Promise<unknown>): void {
  if (!listening()) return;
  void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: text }, () => until.then(() => {}, () => {}));
}

function listening(): boolean {
  const wanted = vscode.workspace.getConfiguration('hob').get<string>('announce', 'auto');
  // Whether VS Code itself found a screen reader, extensions are not told.
  return wanted === 'on' || (wanted === 'auto' && vscode.workspace.getConfiguration('editor').get('accessibilitySupport') === 'on');
}
