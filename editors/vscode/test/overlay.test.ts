import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hunksAt, overlay } from '../src/overlay';
import { Review } from '../src/review';
import { composed, moved, shifted, type Picture } from '../src/rows';

const document = ['a', 'b', 'c', 'd', 'e'];

/** A picture in short: =same, -removed, +added, .waiting, with the line that it is over. */
function drawn({ start, rows }: Picture): string {
  const sign = { same: '=', removed: '-', added: '+', waiting: '.' };
  return rows.map((row, i) => `${start + i}${sign[row.kind]}${row.text}`).join(' ');
}

const range = (line: number, end: number, character = 0) => ({ start: { line, character: 0 }, end: { line: end, character } });
const review = (...hunks: [number, number, string][]) => new Review({
  job: 'j1', action: 'edit', label: '', uri: 'file:///a.ts', version: 1, range: range(0, 5),
  hunks: hunks.map(([start, end, newText]) => ({ newText, range: range(start, end) })),
});
const writer = (line: number, end: number, text: string) => ({ place: range(line, end), text, note: `writes ${line}` });

test('what two jobs do in one document is seen of both', () => {
  const proposal = review([0, 1, 'A\nA2\n'], [4, 5, 'E\n']);
  const { picture, hunks, notes } = overlay(document, [proposal], [writer(2, 4, 'C\n')]);
  assert.equal(drawn(picture), '0-a 1+A 2+A2 3=b 4+C 5.d 6-e 7+E');
  assert.deepEqual(hunks, [[0, 6]]);
  assert.deepEqual(notes, [{ text: 'writes 2', first: 4, last: 5 }]);
  assert.deepEqual(hunksAt(proposal, hunks[0], 2, 5), [0]);
  assert.deepEqual(hunksAt(proposal, hunks[0], 3, 5), []);
  assert.deepEqual(hunksAt(proposal, hunks[0], 4, 5), [1], 'what is beyond the end stands at the last line');
  const two = overlay(document, [], [writer(3, 4, ''), writer(0, 2, 'x\ny\nz\n')]);
  assert.equal(drawn(two.picture), '0+x 1+y 2+z 3=c 4.d 5=e');
  assert.deepEqual(two.notes, [{ text: 'writes 3', first: 4, last: 4 }, { text: 'writes 0', first: 0, last: 2 }]);
});

test('of two on the same lines the first is seen, and the note of the other', () => {
  const { picture, notes } = overlay(document, [review([1, 3, 'B\n'])], [writer(2, 4, 'C\n'), writer(1, 1, 'new\n')]);
  assert.equal(drawn(picture), '1+new 2-b 3-c 4+B 5=d 6=e');
  assert.deepEqual(notes.map(({ text, first }) => [text, first]), [['writes 2', 2], ['writes 1', 1]]);
});

test('parts beyond the end, and none', () => {
  assert.equal(drawn(composed(document, [])), '');
  assert.deepEqual(composed(document, [{ start: 7, end: 8, rows: [] }]), { start: 7, rows: [], at: [7] });
  assert.equal(drawn(overlay([], [], [writer(0, 0, 'x\n')]).picture), '0+x');
});

test('a place follows what changes above it and grows with what is typed inside', () => {
  const at = (from: number, to: number, now: number, place = range(3, 5)) => {
    const { start, end } = shifted(place, from, to, now);
    return [start.line, end.line];
  };
  assert.deepEqual(at(0, 1, 3), [5, 7]);
  assert.deepEqual(at(0, 2, 0), [1, 3]);
  assert.deepEqual(at(2, 3, 1), [3, 5], 'typed into the line above');
  assert.deepEqual(at(3, 3, 2), [5, 7], 'lines inserted right above');
  assert.deepEqual(at(4, 5, 2), [3, 6]);
  assert.deepEqual(at(5, 5, 2), [3, 5]);
  assert.deepEqual(at(3, 4, 2, range(3, 3, 4)), [3, 4], 'a place inside a line');
  assert.deepEqual(at(0, 0, 1, range(3, 3)), [4, 4]);
  assert.deepEqual(at(2, 6, 0), [3, 3], 'all of it is gone');
});

test('what is typed right above a hunk leaves it alone', () => {
  const fate = (start: number, end: number, from: number, to: number, now: number) => {
    const [hunk] = moved([{ start, end, lines: ['x'] }], from, to, now);
    return [hunk.start, hunk.end, hunk.decided];
  };
  assert.deepEqual(fate(2, 3, 1, 2, 1), [2, 3, undefined]);
  assert.deepEqual(fate(2, 3, 1, 2, 2), [3, 4, undefined]);
  assert.deepEqual(fate(2, 3, 2, 2, 1), [3, 4, undefined]);
  assert.deepEqual(fate(2, 2, 1, 2, 2), [3, 3, undefined]);
  assert.deepEqual(fate(2, 2, 2, 2, 1), [2, 3, false], 'lines in the place of lines');
  assert.deepEqual(fate(2, 3, 2, 3, 1), [2, 3, false]);
});
