import * as vscode from 'vscode';
import { Client } from './client';
import { registerCommands } from './commands';

let client: Client | undefined;

/** Starts the server and offers its commands. A server that can't be started leaves them able to say why. */
export async function activate(extension: vscode.ExtensionContext): Promise<void> {
  client = new Client(extension.extension.packageJSON);
  extension.subscriptions.push(client, ...registerCommands(client));
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
