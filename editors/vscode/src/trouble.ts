// A server that does not run: why, and buttons for what can be done about it.
import * as vscode from 'vscode';

/** Why there is no server. */
export type Trouble =
  | { kind: 'missing'; message: string } // no program
  | { kind: 'broken'; message: string } // a program that does not start, or does not stay
  ;

/** Says so and does what the user chooses. */
export async function show(trouble: Trouble, actions: { retry(): unknown; log(): unknown }): Promise<void> {
  const choices: Record<string, () => unknown> = {};
  if (trouble.kind === 'missing') choices['How to Install'] = howToInstall;
  choices['Choose Program…'] = async () => (await choose()) && actions.retry();
  choices['Try Again'] = actions.retry;
  if (trouble.kind === 'broken') choices['Show Log'] = actions.log;
  const choice = await vscode.window.showErrorMessage(`Hob: ${trouble.message}`, ...Object.keys(choices));
  if (choice) await choices[choice]();
}

/** The first steps, of which the program is the first. */
export function howToInstall(): Thenable<unknown> {
  return vscode.commands.executeCommand('workbench.action.openWalkthrough', 'hob-ls.hob#hob.start', false);
}

/** Lets the user point at the program. True where it is the one that was tried: another one is started as the setting changes. */
async function choose(): Promise<boolean> {
  const [file] = (await vscode.window.showOpenDialog({ title: 'The program hob', openLabel: 'Use', canSelectMany: false })) ?? [];
  if (!file) return false;
  if (vscode.workspace.getConfiguration('hob').get('path') === file.fsPath) return true;
  await vscode.workspace.getConfiguration('hob').update('path', file.fsPath, vscode.ConfigurationTarget.Global);
  return false;
}
