import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { Hob } from './hob';
import { showSample } from './start';

let hob: Hob | undefined;

/** Starts the server and offers its commands. A server that can't be started leaves them able to say why. */
export async function activate(extension: vscode.ExtensionContext): Promise<void> {
  hob = new Hob(extension);
  extension.subscriptions.push(hob, ...registerCommands(hob));
  await Promise.all([hob.client.start(), showSample(extension.globalStorageUri)]);
}

export async function deactivate(): Promise<void> {
  await hob?.client.stop();
}
