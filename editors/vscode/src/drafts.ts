// Files that do not exist yet: each in an editor of its own that can't be typed into, as far as it is written. On disk
// there is nothing before the user has said yes.
import * as vscode from 'vscode';
import { closeTabs } from './documents';
import { fileName } from './status';
import type { Texts } from './texts';

interface Draft {
  readonly at: vscode.Uri;
  text: string;
  opening: boolean;
}

export class Drafts {
  private readonly drafts = new Map<string, Draft>(); // by job

  constructor(private readonly texts: Pick<Texts, 'put' | 'change'>) {}

  /** Shows what a job has written of a file, and gives where that can be read. The first time an editor is opened. */
  show(job: string, file: string, text: string): string {
    let draft = this.drafts.get(job);
    if (!draft) {
      draft = { at: this.texts.put(fileName(file), text), text, opening: true };
      this.drafts.set(job, draft);
      void this.open(draft);
    } else if (draft.text !== text) {
      draft.text = text;
      this.texts.change(draft.at, text);
    }
    return draft.at.toString();
  }

  /** Whether a document is a draft. */
  has(uri: string): boolean {
    return [...this.drafts.values()].some(({ at }) => at.toString() === uri);
  }

  /** Whether the editor of a job's draft is on its way. */
  opening(job: string): boolean {
    return this.drafts.get(job)?.opening ?? false;
  }

  /** Shows all that a job wants to make, file by file. */
  async compare(job: string, title: string, also: readonly { uri: string; text: string }[]): Promise<void> {
    const draft = this.drafts.get(job);
    if (!draft) return;
    const files = [draft.at, ...also.map(({ uri, text }) => this.texts.put(fileName(uri), text))];
    await vscode.commands.executeCommand('vscode.changes', title, files.map((file) => [file, undefined, file])); // there was nothing
  }

  /** Takes away the editors of a job's draft. */
  close(job: string): void {
    const draft = this.drafts.get(job);
    if (!draft) return;
    this.drafts.delete(job);
    if (!draft.opening) closeTabs(isDraft(draft), true);
  }

  clear(): void {
    for (const job of [...this.drafts.keys()]) this.close(job);
  }

  private async open(draft: Draft): Promise<void> {
    try {
      const { document } = await vscode.window.showTextDocument(draft.at, { preview: false });
      // VS Code does not hear of what is written before the document is there.
      if (document.getText() !== draft.text) this.texts.change(draft.at, draft.text);
    } finally {
      draft.opening = false;
      if (!this.has(draft.at.toString())) closeTabs(isDraft(draft), true); // its job has ended meanwhile
    }
  }
}

function isDraft({ at }: Draft): (input: unknown) => boolean {
  return (input) => input instanceof vscode.TabInputText && input.uri.toString() === at.toString();
}
