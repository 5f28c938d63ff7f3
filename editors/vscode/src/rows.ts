// What a document will look like, line by line: pure, so that it can be tested without an editor.
//
// An editor's lines can't be moved apart by an extension. So the picture is laid over the lines that are there:
// the row number i stands over the document's line start + i, and what follows the new text is shown further down.

/** A replacement of whole lines: those from start up to, not including, end. */
export interface Hunk {
  start: number;
  end: number;
  lines: string[];
  /** What the user said: nothing yet, yes or no. */
  decided?: boolean;
}

/**
 * One row: a line of the document that stays or goes, or a new one; `line` is where it stands in the document.
 * A row "waiting" is a line that the model has not come to.
 */
export type Row =
  | { kind: 'same' | 'removed' | 'waiting'; text: string; line: number }
  | { kind: 'added'; text: string };

export interface Picture {
  /** The line of the document over which the first row stands. */
  start: number;
  rows: Row[];
  /** For each hunk, the line over which it begins. */
  at: number[];
}

/** The document with its hunks: what goes above what comes. A hunk that was decided shows its outcome. */
export function reviewed(lines: readonly string[], hunks: readonly Hunk[]): Picture {
  const start = hunks.length ? hunks[0].start : lines.length;
  const rows: Row[] = [];
  const at: number[] = [];
  let line = start;
  const keep = (until: number, kind: 'same' | 'removed') => {
    for (; line < until; line++) rows.push({ kind, text: lines[line], line });
  };
  for (const hunk of hunks) {
    keep(hunk.start, 'same');
    at.push(start + rows.length);
    if (hunk.decided === false) {
      keep(hunk.end, 'same');
      continue;
    }
    if (hunk.decided) line = hunk.end;
    keep(hunk.end, 'removed');
    for (const text of hunk.lines) rows.push({ kind: 'added', text });
  }
  keep(lines.length, 'same');
  return { start, rows, at };
}

/** A place of a document, as vscode.Range and LSP have it. */
export interface Place {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

/** The document while the text of a place is being written over what stands there. */
export function writing(lines: readonly string[], place: Place, text: string): Picture {
  const { start, end } = place;
  const here = lines[start.line] ?? '';
  const fresh = text === '' ? [] : (here.slice(0, start.character) + text).split(/\r?\n/);
  if (fresh.at(-1) === '') fresh.pop(); // of the line that comes next, nothing is known
  // The first line that stays. A place that ends where a line begins does not take that line.
  let rest = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  const between = start.line === end.line && start.character === end.character && start.character === 0;
  if (between && here.trim() !== '') rest = start.line;
  const rows = fresh.map((now, i): Row => {
    const line = start.line + i;
    return line < rest && now === lines[line] ? { kind: 'same', text: now, line } : { kind: 'added', text: now };
  });
  for (let line = start.line + fresh.length; line < rest; line++) rows.push({ kind: 'waiting', text: lines[line], line });
  for (let line = rest; line < lines.length; line++) rows.push({ kind: 'same', text: lines[line], line });
  return { start: start.line, rows, at: [start.line] };
}

/** Up to where a remark after a line is seen in most windows, in columns. */
const room = 80;

/** After which of some lines a remark is seen: the first that leaves it room, else the shortest. The widths are in columns. */
export function roomiest(widths: readonly number[]): number {
  const first = widths.findIndex((width) => width <= room);
  return first >= 0 ? first : widths.indexOf(Math.min(...widths));
}

/** How many lines come and go. */
export function count(hunks: readonly Hunk[]): { added: number; removed: number } {
  return hunks.reduce((sum, h) => ({ added: sum.added + h.lines.length, removed: sum.removed + h.end - h.start }), { added: 0, removed: 0 });
}

/** The lines of a hunk's text; what ends with a line break has no empty line after it. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/**
 * Moves hunks after a change of the document that replaced the lines from..to by `now` lines. One that was typed
 * into is no longer what was proposed: it is taken as refused.
 */
export function moved(hunks: readonly Hunk[], from: number, to: number, now: number): Hunk[] {
  const by = now - (to - from);
  return hunks.map((hunk) => {
    if (to < hunk.start) return { ...hunk, start: hunk.start + by, end: hunk.end + by };
    if (from >= Math.max(hunk.end, hunk.start + 1)) return hunk;
    return { ...hunk, end: Math.max(hunk.start, hunk.end + by), decided: false };
  });
}
