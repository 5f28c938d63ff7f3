// The first minute: a model, and something to try it on.
import * as vscode from 'vscode';

const model = 'qwen2.5-coder:3b';

/** Fetches a small model where the user can watch it. */
export function pullModel(): void {
  const terminal = vscode.window.createTerminal('Ollama');
  terminal.show();
  terminal.sendText(`ollama pull ${model}`);
}

const sample = `// Try Hob here:
//   1. Select total, press Ctrl+Alt+Enter and say "add 19 % tax, rounded to cents".
//   2. Accept with Tab or reject with Escape; Ctrl+Z takes it back.
//   3. Put the cursor on the last line and choose Generate Here from the menu.

interface Item {
  name: string;
  price: number;
  count: number;
}

export function total(items: Item[]): number {
  let sum = 0;
  for (let i = 0; i < items.length; i++) {
    sum = sum + items[i].price * items[i].count;
  }
  return sum;
}

// hob: a function that gives the most expensive item, or undefined
`;

/** Opens a folder with a file that invites to try. A file of the user there stays as it is. */
export async function openSample(storage: vscode.Uri): Promise<void> {
  const folder = vscode.Uri.joinPath(storage, 'hob-sample');
  const file = vscode.Uri.joinPath(folder, 'basket.ts');
  await vscode.workspace.fs.createDirectory(folder);
  const there = await vscode.workspace.fs.stat(file).then(() => true, () => false);
  if (!there) await vscode.workspace.fs.writeFile(file, Buffer.from(sample));
  const empty = !vscode.workspace.workspaceFolders?.length;
  await vscode.commands.executeCommand('vscode.openFolder', folder, empty ? { forceReuseWindow: true } : { forceNewWindow: true });
}
