// The first minute: a model, and something to try it on.
import * as vscode from 'vscode';

/**
 * Ticks the steps of the walkthrough. VS Code reads them when it opens the page, and a context that is true by then
 * never ticks its step: so these come true after that, and not before.
 */
export class Steps implements vscode.Disposable {
  private readonly done = new Set<string>();
  private opened = false;
  private readonly tabs = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
    if (opened.some(({ input }) => input === undefined)) this.open(); // a page of VS Code itself
  });

  /** The page may be open. */
  open(): void {
    this.opened = true;
    for (const step of this.done) void vscode.commands.executeCommand('setContext', `hob.step.${step}`, true);
  }

  finish(step: 'server' | 'model'): void {
    if (this.done.has(step)) return;
    this.done.add(step);
    if (this.opened) this.open();
  }

  dispose(): void {
    this.tabs.dispose();
  }
}

const model = 'qwen2.5-coder:3b';

const terminalName = 'Ollama';

/** Fetches a small model where the user can watch it. */
export function pullModel(): void {
  const terminal = vscode.window.terminals.find((t) => t.name === terminalName && !t.exitStatus) ?? vscode.window.createTerminal(terminalName);
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

function exists(file: vscode.Uri): Thenable<boolean> {
  return vscode.workspace.fs.stat(file).then(() => true, () => false);
}

function sampleIn(storage: vscode.Uri): { folder: vscode.Uri; file: vscode.Uri } {
  const folder = vscode.Uri.joinPath(storage, 'hob-sample');
  return { folder, file: vscode.Uri.joinPath(folder, 'basket.ts') };
}

/** Opens a folder with a file that invites to try. A file of the user there stays as it is. */
export async function openSample(storage: vscode.Uri): Promise<void> {
  const { folder, file } = sampleIn(storage);
  await vscode.workspace.fs.createDirectory(folder);
  if (!(await exists(file))) await vscode.workspace.fs.writeFile(file, Buffer.from(sample));
  const empty = !vscode.workspace.workspaceFolders?.length;
  await vscode.commands.executeCommand('vscode.openFolder', folder, empty ? { forceReuseWindow: true } : { forceNewWindow: true });
}

/** In a window that was opened on the sample, shows its file. */
export async function showSample(storage: vscode.Uri): Promise<void> {
  const { folder, file } = sampleIn(storage);
  const here = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.path === folder.path);
  const empty = vscode.window.tabGroups.all.every(({ tabs }) => tabs.length === 0);
  if (here && empty && (await exists(file))) await vscode.window.showTextDocument(file);
}
