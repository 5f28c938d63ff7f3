// One proposal that waits for its user: which hunks there are, what was said about each, and the answer.
import { count, linesOf, moved, reviewed, shifted, type Hunk, type Picture, type Place } from './rows';
import { fileName } from './status';
import type { ReviewParams, ReviewResult } from './protocol';

export class Review {
  hunks: Hunk[];
  /** What the model was asked about, where it is now. */
  range: Place;
  private settle!: (answer: ReviewResult | null) => void;
  /** The answer, once there is one. */
  readonly answer = new Promise<ReviewResult | null>((resolve) => (this.settle = resolve));
  over = false;

  constructor(readonly params: ReviewParams) {
    this.range = params.range;
    this.hunks = params.hunks.map(({ range, newText }) => ({
      start: range.start.line,
      // A last line without a line break ends inside itself.
      end: range.end.character > 0 ? range.end.line + 1 : range.end.line,
      lines: linesOf(newText),
    }));
  }

  /** The document as it would be, whatever else is seen of it. */
  picture(lines: readonly string[]): Picture {
    return reviewed(lines, this.hunks);
  }

  /** The hunks that nothing was said about. */
  get open(): number[] {
    return this.hunks.flatMap((hunk, i) => (hunk.decided === undefined ? [i] : []));
  }

  /** Says yes or no to one hunk; the last one settles all. */
  decide(hunk: number, yes: boolean): void {
    if (this.over || this.hunks[hunk]?.decided !== undefined) return;
    this.hunks[hunk].decided = yes;
    if (this.open.length === 0) this.finish();
  }

  /** Says the same to all that is left. */
  decideAll(yes: boolean): void {
    for (const i of this.open) this.hunks[i].decided = yes;
    this.finish();
  }

  retry(change: { prompt?: string; tier?: string }): void {
    this.end({ retry: change });
  }

  /** Takes the proposal back, with no answer that counts. */
  drop(): void {
    this.end(null);
  }

  /** Follows a change of the document; reports whether a hunk was lost to it. */
  follow(from: number, to: number, now: number): boolean {
    const kept = () => this.hunks.filter(({ decided }) => decided !== false).length;
    const before = kept();
    this.hunks = moved(this.hunks, from, to, now);
    this.range = shifted(this.range, from, to, now);
    const lost = kept() < before;
    if (lost && this.open.length === 0) this.finish();
    return lost;
  }

  /** The proposal in words. */
  summary(): string {
    const { added, removed } = count(this.hunks);
    const { also = [] } = this.params;
    if (this.params.new) return `a new file of ${added} ${added === 1 ? 'line' : 'lines'}${also.map(({ uri }) => `, ${fileName(uri)}`).join('')}`;
    const changes = this.hunks.length === 1 ? 'one change' : `${this.hunks.length} changes`;
    return `${changes}, ${added} ${added === 1 ? 'line' : 'lines'} added, ${removed} removed`;
  }

  private finish(): void {
    const yes = this.hunks.flatMap((hunk, i) => (hunk.decided ? [i] : []));
    if (yes.length === 0) this.end({ accept: false });
    else this.end(yes.length === this.hunks.length ? { accept: true } : { accept: true, hunks: yes });
  }

  private end(answer: ReviewResult | null): void {
    this.over = true;
    this.settle(answer);
  }
}
