// Texts without a file, such as answers and proposals, as documents that can't be edited.
import * as vscode from 'vscode';
import type { JobResult } from './protocol';

export const scheme = 'hob-text';
const kept = 32;

export class Texts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly provider = vscode.workspace.registerTextDocumentContentProvider(scheme, this); // reads onDidChange
  private count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'This text is no longer there.';
  }

  /** Where a text can be read, under a name that tells its language. */
  put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme, path: `/${++this.count}/${name}` });
    this.texts.set(uri.toString(), text);
    for (const old of [...this.texts.keys()].slice(0, -kept)) this.texts.delete(old);
    return uri;
  }

  /** Another text at the same place: what is open of it follows. */
  change(uri: vscode.Uri, text: string): void {
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
  }

  /** Shows an answer as a preview of Markdown. */
  async showAnswer(result: JobResult): Promise<void> {
    const title = result.action[0].toUpperCase() + result.action.slice(1);
    const by = result.model ? `\n\n---\n\n*${result.model}*\n` : '\n';
    const answer = result.answer ?? '';
    const html = await vscode.commands.executeCommand<string>('markdown.api.render', answer).then((html) => html, () => undefined);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', this.put(`${title}.md`, harmless(answer, html) + by));
  }

  dispose(): void {
    this.provider.dispose();
    this.changed.dispose();
  }
}

/** What would be fetched, or run, as VS Code shows it. */
const loads = /<(img|picture|source|video|audio|iframe|object|embed|input|link|style|script|svg|image)\b|\bstyle=[^>]*url\(/i;

/**
 * Markdown that loads nothing, html being what VS Code makes of it: code that was explained may have told the model to
 * name a picture whose address says what it read. Of such an answer no picture and no HTML is left.
 */
export function harmless(markdown: string, html: string | undefined): string {
  if (html !== undefined && !loads.test(html)) return markdown;
  return markdown.replaceAll('![', '!\\[').replaceAll('<', '&lt;');
}
