// VS Code's own diffs of proposals: each compares two texts of the moment at which it was opened.
import * as path from 'path';
import * as vscode from 'vscode';
import { closeTabs } from './documents';
import type { Texts } from './texts';

export class Diffs {
  private readonly jobs = new Map<string, string>(); // by the URI of either side
  private opening = ''; // the job whose diff is on its way: no editor is active then, and the keys are about it

  constructor(private readonly texts: Pick<Texts, 'put'>) {}

  /** The job whose diff a document is a side of; without a document the job whose diff opens. */
  of(uri: string | undefined): string {
    return uri === undefined ? this.opening : (this.jobs.get(uri) ?? '');
  }

  async open(job: string, title: string, uri: string, before: readonly string[], after: readonly string[]): Promise<void> {
    const name = path.posix.basename(vscode.Uri.parse(uri).path);
    const [left, right] = [before, after].map((lines) => this.texts.put(name, lines.join('\n')));
    for (const side of [left, right]) this.jobs.set(side.toString(), job);
    this.opening = job;
    await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
    if (!this.jobs.has(right.toString())) closeTabs(isDiff([right.toString()])); // closed while it opened
  }

  /** An editor has become the active one. */
  activated(): void {
    this.opening = '';
  }

  close(job: string): void {
    const sides = [...this.jobs].flatMap(([uri, of]) => (of === job ? [uri] : []));
    for (const uri of sides) this.jobs.delete(uri);
    if (sides.length > 0) closeTabs(isDiff(sides));
  }
}

function isDiff(sides: string[]): (input: unknown) => boolean {
  return (input) => input instanceof vscode.TabInputTextDiff && sides.includes(input.modified.toString());
}
