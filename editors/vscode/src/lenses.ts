// The buttons above a proposal: of all of it, and of each of its changes.
import * as vscode from 'vscode';
import type { Review } from './review';

export const acceptKey = process.platform === 'darwin' ? 'Cmd+Enter' : 'Ctrl+Enter';

/** The buttons of a proposal whose hunks stand at these lines. */
export function lenses(review: Review, at: readonly number[], lineCount: number): vscode.CodeLens[] {
  const { job, new: made, also = [] } = review.params;
  const several = review.hunks.length > 1;
  const lens = (line: number, title: string, command: string, ...args: unknown[]) => {
    const where = Math.min(line, lineCount - 1);
    // An icon swallows the blank after it.
    return new vscode.CodeLens(new vscode.Range(where, 0, where, 0), { title: title.replace(') ', ')\u00a0'), command, arguments: [job, ...args] });
  };
  const all = several ? ' All' : '';
  const out = [
    lens(at[0], `$(check) Accept${all} (${several ? acceptKey : 'Tab'})`, 'hob.ui.accept'),
    lens(at[0], `$(close) Reject${all} (Esc)`, 'hob.ui.reject'),
    lens(at[0], '$(refresh) Retry…', 'hob.ui.retry'),
  ];
  if (!made) out.push(lens(at[0], '$(diff) Diff', 'hob.ui.diff'));
  else if (also.length) out.push(lens(at[0], `$(files) All ${1 + also.length} Files`, 'hob.ui.diff'));
  if (!several) return out;
  for (const i of review.open) {
    out.push(
      lens(at[i], `$(check) Accept ${i + 1} of ${review.hunks.length}`, 'hob.ui.acceptHunk', i),
      lens(at[i], `$(close) Reject ${i + 1}`, 'hob.ui.rejectHunk', i),
    );
  }
  return out;
}
