// Documents by their URIs, and the editors that show them.
import * as vscode from 'vscode';
import type { JobProgress } from './protocol';

/** Whether two URIs mean one document: the server may write one otherwise than VS Code. */
export function same(a: string, b: string): boolean {
  return a === b || vscode.Uri.parse(a).toString() === b;
}

/** The editors that show a document. */
export function editorsOf(uri: string): vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter((editor) => same(uri, editor.document.uri.toString()));
}

/** The lines of a document that is open. */
export function linesOf(uri = ''): string[] {
  const document = uri && vscode.workspace.textDocuments.find((d) => same(uri, d.uri.toString()));
  return document ? document.getText().split(/\r?\n/) : [];
}

/** Takes away a selection that would lie over what is shown. */
export function unselect({ uri, range }: JobProgress): void {
  if (!range) return;
  for (const editor of editorsOf(uri)) {
    const { start, end, isEmpty } = editor.selection;
    if (!isEmpty && start.line <= range.end.line && end.line >= range.start.line) editor.selection = new vscode.Selection(start, start);
  }
}

/** Closes the tabs whose input is one of these. */
export function closeTabs(is: (input: unknown) => boolean, preserveFocus?: boolean): void {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  void vscode.window.tabGroups.close(tabs.filter(({ input }) => is(input)), preserveFocus);
}
