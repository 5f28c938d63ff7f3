// One job that writes, until it proposes: what is to be seen of it, and what the user has done about it meanwhile.
import * as vscode from 'vscode';
import { same } from './documents';
import type { JobProgress } from './protocol';
import { shifted } from './rows';

export class Writing {
  /** Whether the user has accepted already what it will propose. */
  taken = false;
  private told: string; // where the server said that it writes

  /** What is to be seen, whose range moves, and whether the user has typed into its document since it was asked for. */
  constructor(
    public seen: JobProgress,
    public typed: boolean,
  ) {
    this.told = placeOf(seen);
  }

  /** The model has written more. */
  progress(more: JobProgress): void {
    const before = this.seen;
    const told = placeOf(more);
    // The server speaks of the text as it was when the job began.
    this.seen = this.told === told ? { ...more, range: before.range } : more;
    this.told = told;
    // The text that was accepted is given up for another one, which the user has not seen.
    if (before.again !== more.again || (before.text && !more.text)) this.taken = false;
  }

  /** Follows a change of its document that replaced the lines from..to by `now` lines. */
  follow(from: number, to: number, now: number, typed: boolean): void {
    if (!this.seen.range) return;
    this.seen = { ...this.seen, range: shifted(this.seen.range, from, to, now) };
    this.typed ||= typed;
  }

  /** Whether the cursor is where it writes. */
  get atCursor(): boolean {
    const editor = vscode.window.activeTextEditor;
    const { uri, range } = this.seen;
    if (!editor || !range || !same(uri, editor.document.uri.toString())) return false;
    const { line } = editor.selection.active;
    return range.start.line <= line && line <= range.end.line;
  }
}

function placeOf({ uri, range }: JobProgress): string {
  return JSON.stringify([uri, range]);
}

/** What a job is doing, for the end of a line. */
export function stage({ state, tokens_per_second }: JobProgress, taken = false): string {
  if (state === 'loading') return 'Hob is loading the model (Esc to cancel)';
  const rate = state === 'writing' && tokens_per_second >= 1 ? `, ${Math.round(tokens_per_second)} tokens/s` : '';
  return `Hob is ${state}${rate} (${taken ? 'accepted when done, ' : ''}Esc to cancel)`;
}
