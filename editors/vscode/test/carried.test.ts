import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carried } from '../src/carried';

/** Where offset n is in a text. */
const at = (text: string, n: number) => {
  const lines = text.slice(0, n).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)!.length };
};

/** A text whose place is in brackets, after what stands between < and > became another text. */
function typed(before: string, now: string): string {
  const offsets: Record<string, number> = {};
  let text = '';
  for (const char of before) {
    if ('[]<>'.includes(char)) offsets[char] = text.length;
    else text += char;
  }
  const place = (from: string, to: string) => ({ start: at(text, offsets[from]), end: at(text, offsets[to]) });
  const { start, end } = carried(place('[', ']'), place('<', '>'), now);
  const after = text.slice(0, offsets['<']) + now + text.slice(offsets['>']);
  const lines = after.split('\n');
  const offset = ({ line, character }: typeof start) => lines.slice(0, line).join('\n').length + (line ? 1 : 0) + character;
  return after.slice(0, offset(start)) + '[' + after.slice(offset(start), offset(end)) + ']' + after.slice(offset(end));
}

test('a place goes along with what is typed', () => {
  for (const [before, now, after] of [
    // Elsewhere.
    ['a<>\nb\n[c\nd]\ne', 'x', 'ax\nb\n[c\nd]\ne'],
    ['a<>\nb\n[c\nd]\ne', '\n\n', 'a\n\n\nb\n[c\nd]\ne'],
    ['a<\nb>\n[c\nd]\ne', '', 'a\n[c\nd]\ne'],
    ['[c\nd]\ne<>', 'x\ny', '[c\nd]\nex\ny'],
    // On its own lines.
    ['a<> [c\nd] e', 'x', 'ax [c\nd] e'],
    ['a<> [c d] e', 'x\ny', 'ax\ny [c d] e'],
    ['a<\n>b [c d]', '', 'ab [c d]'],
    ['a [c d] e<>', 'x', 'a [c d] ex'],
    // Right before and right after.
    ['a<>[c]e', 'x', 'ax[c]e'],
    ['a[c]<>e', 'x', 'a[c]xe'],
    ['<a>[c]', 'x\n', 'x\n[c]'],
    ['[c]<e>', 'xyz', '[c]xyz'],
    // Into it.
    ['a[c<>d]e', 'x\n', 'a[cx\nd]e'],
    ['a[c<d>]e', '', 'a[c]e'],
    ['a[<c>d]e', 'xy', 'a[xyd]e'],
    ['<a[c>d]e', 'x', '[xd]e'],
    ['a[c<d]e>', 'x', 'a[cx]'],
    ['<a[cd]e>', 'x', '[x]'],
    // A cursor.
    ['a[]<>b', 'x', 'ax[]b'],
    ['a[]\n<>b', 'x', 'a[]\nxb'],
    ['a<b[]c>d', 'x', 'a[]xd'],
    ['<a>[]b', 'x\ny', 'x\ny[]b'],
  ]) assert.equal(typed(before, now), after, `${before} with ${JSON.stringify(now)}`);
});
