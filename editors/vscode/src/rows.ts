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

/** Rows that stand for the lines from start up to, not including, end. */
export interface Part {
  start: number;
  end: number;
  rows: Row[];
}

/**
 * The document with its parts, of which two are never seen on the same lines: the one that is given first counts.
 * `at` are the places of all parts; one that is not seen has that of the part in its place.
 */
export function composed(lines: readonly string[], parts: readonly Part[]): Picture {
  const seen: Part[] = [];
  const by = parts.map((part) => {
    const other = seen.find((s) => s.start < part.end && part.start < s.end);
    if (!other) seen.push(part);
    return other ?? part;
  });
  seen.sort((a, b) => a.start - b.start || a.end - b.end);
  const start = seen.length ? seen[0].start : lines.length;
  const rows: Row[] = [];
  const places = new Map<Part, number>();
  let line = start;
  const keep = (until: number) => {
    for (; line < until && line < lines.length; line++) rows.push({ kind: 'same', text: lines[line], line });
  };
  for (const part of seen) {
    keep(part.start);
    places.set(part, start + rows.length);
    rows.push(...part.rows);
    line = part.end;
  }
  keep(lines.length);
  return { start, rows, at: by.map((part) => places.get(part)!) };
}

/** The lines of a document from start up to, not including, end. */
function kept(lines: readonly string[], start: number, end: number, kind: 'same' | 'removed' | 'waiting'): Row[] {
  return lines.slice(start, end).map((text, i) => ({ kind, text, line: start + i }));
}

/** The part of a hunk: what goes above what comes, and of one that was decided the outcome. */
export function hunkPart(lines: readonly string[], { start, end, lines: now, decided }: Hunk): Part {
  if (decided === false) return { start, end, rows: kept(lines, start, end, 'same') };
  const was = decided ? [] : kept(lines, start, end, 'removed');
  return { start, end, rows: [...was, ...now.map((text): Row => ({ kind: 'added', text }))] };
}

/** The document with its hunks. */
export function reviewed(lines: readonly string[], hunks: readonly Hunk[]): Picture {
  return composed(lines, hunks.map((hunk) => hunkPart(lines, hunk)));
}

/** A place of a document, as vscode.Range and LSP have it. */
export interface Place {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

/** The lines that a place takes: where it begins, and the first that stays. */
function linesAt(lines: readonly string[], { start, end }: Place): { start: number; end: number } {
  // A place that ends where a line begins does not take that line.
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  const between = start.line === end.line && start.character === end.character && start.character === 0;
  return { start: start.line, end: between && lines[start.line]?.trim() ? start.line : last };
}

/** The part of a place while its text is being written over what stands there. */
export function writtenPart(lines: readonly string[], place: Place, text: string): Part {
  const here = lines[place.start.line] ?? '';
  const fresh = text === '' ? [] : (here.slice(0, place.start.character) + text).split(/\r?\n/);
  if (fresh.at(-1) === '') fresh.pop(); // of the line that comes next, nothing is known
  const { start, end } = linesAt(lines, place);
  const rows = fresh.map((now, i): Row => {
    const line = start + i;
    return line < end && now === lines[line] ? { kind: 'same', text: now, line } : { kind: 'added', text: now };
  });
  return { start, end, rows: [...rows, ...kept(lines, start + fresh.length, end, 'waiting')] };
}

/** The document while the text of a place is being written. */
export function writing(lines: readonly string[], place: Place, text: string): Picture {
  return composed(lines, [writtenPart(lines, place, text)]);
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
    // Lines that are inserted where a hunk inserts some are typed into it; they come above one that replaces lines.
    const above = to < hunk.start || (to === hunk.start && (from < to || hunk.start < hunk.end));
    if (above) return { ...hunk, start: hunk.start + by, end: hunk.end + by };
    if (from >= Math.max(hunk.end, hunk.start + 1)) return hunk;
    return { ...hunk, end: Math.max(hunk.start, hunk.end + by), decided: false };
  });
}

/** A place after such a change. */
export function shifted({ start, end }: Place, from: number, to: number, now: number): Place {
  const rest = end.character > 0 ? 1 : 0; // its last line counts where it takes some of it
  const [hunk] = moved([{ start: start.line, end: end.line + rest, lines: [] }], from, to, now);
  return { start: { ...start, line: hunk.start }, end: { ...end, line: Math.max(hunk.start, hunk.end - rest) } };
}
