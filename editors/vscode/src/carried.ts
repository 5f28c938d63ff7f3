// A range that goes along with what is typed, as the server moves one of an older text: pure, so that it can be tested
// without an editor.
import type { Place } from './rows';

type Position = Place['start'];

/** What a place is after a text took that of another. Typed right before or after it, the text stays outside; where it was typed into, it takes all. */
export function carried(place: Place, at: Place, text: string): Place {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.length - 1;
  const after = { line: at.start.line + last, character: (last ? 0 : at.start.character) + lines[last].length };
  const moved = ({ line, character }: Position): Position =>
    line > at.end.line ? { line: line + after.line - at.end.line, character } : { line: after.line, character: character + after.character - at.end.character };
  const { start, end } = place;
  const from = before(start, at.start) ? start : before(start, at.end) ? at.start : moved(start);
  if (!before(start, end)) return { start: from, end: from };
  return { start: from, end: !before(at.start, end) ? end : before(end, at.end) ? after : moved(end) };
}

function before(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
