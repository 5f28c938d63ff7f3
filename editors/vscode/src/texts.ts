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
    await vscode.commands.executeCommand('markdown.showPreviewToSide', this.put(`${title}.md`, local(result.answer ?? '') + by));
  }

  dispose(): void {
    this.provider.dispose();
    this.changed.dispose();
  }
}

/**
 * Markdown that loads nothing: VS Code's preview would fetch the pictures of an answer, and code that was explained may
 * have told the model to name one whose address says what it read. Outside of code no HTML and no picture is left.
 */
export function local(markdown: string): string {
  let fence = '';
  return markdown
    .split('\n')
    .map((line) => {
      const [, mark] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
      if (fence) {
        if (mark?.startsWith(fence) && line.trim() === mark) fence = '';
        return line;
      }
      if (mark && !(mark[0] === '`' && line.trim().slice(mark.length).includes('`'))) {
        fence = mark;
        return line;
      }
      return line.replace(/(`+)(?!`).*?[^`]\1(?!`)|!\[|<(?=[a-zA-Z/!?])/g, (found) => (found === '![' ? '!\\[' : found === '<' ? '&lt;' : found));
    })
    .join('\n');
}
