// The conditions under which keys, menus and commands apply.
import * as vscode from 'vscode';

/** Contexts of its owner alone. Each is told when it changes only: telling is a message to the window. */
export class Contexts {
  private readonly told = new Map<string, boolean>();

  set(key: string, value: boolean): void {
    if (this.told.get(key) === value) return;
    this.told.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
