// What is laid over one document, of all jobs that are about it: pure, so that it can be tested without an editor.
import type { Review } from './review';
import { composed, hunkPart, writtenPart, type Picture, type Place } from './rows';

/** What a job has written of a place. */
export interface Writer {
  readonly place: Place;
  readonly text: string;
  /** What it is doing. */
  readonly note: string;
}

/** A remark about what stands over these lines. */
export interface Note {
  text: string;
  first: number;
  last: number;
}

export interface Overlay {
  picture: Picture;
  /** For each review, the lines over which its hunks begin. */
  hunks: number[][];
  /** For each writer, what it is doing and where that is. */
  notes: Note[];
}

/** Lays reviews and writers over a document. A writer on lines that another one has is seen by its note alone. */
export function overlay(lines: readonly string[], reviews: readonly Review[], writers: readonly Writer[]): Overlay {
  const proposed = reviews.map(({ hunks }) => hunks.map((hunk) => hunkPart(lines, hunk)));
  const written = writers.map(({ place, text }) => writtenPart(lines, place, text));
  const all = [...proposed.flat(), ...written];
  const picture = composed(lines, all);
  const at = [...picture.at];
  const hunks = proposed.map((parts) => at.splice(0, parts.length));
  const notes = writers.map(({ note }, i): Note => {
    const rows = picture.rows.slice(at[i] - picture.start, at[i] - picture.start + written[i].rows.length);
    return { text: note, first: at[i], last: at[i] + rows.findLastIndex((row) => row.kind !== 'same') };
  });
  return { picture, hunks, notes };
}

/** Which of the hunks stand at a line; one that is beyond the end of the document stands at its last line. */
export function hunksAt(review: Review, at: readonly number[], line: number, lineCount: number): number[] {
  return review.open.filter((i) => {
    const { start, end, lines } = review.hunks[i];
    return line >= Math.min(at[i], lineCount - 1) && line < at[i] + Math.max(1, end - start + lines.length);
  });
}
