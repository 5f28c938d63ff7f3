import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choices, Instructions } from '../src/instruction';
import { quoted, visible } from '../src/paint';
import { Review } from '../src/review';
import { linesOf, moved, reviewed, roomiest, writing, type Hunk, type Picture } from '../src/rows';

const document = ['a', 'b', 'c', 'd', 'e'];

/** A picture in short: =same, -removed, +added, .waiting, with the line that it is over. */
function drawn({ start, rows }: Picture): string[] {
  const sign = { same: '=', removed: '-', added: '+', waiting: '.' };
  return rows.map((row, i) => `${start + i}${sign[row.kind]}${row.text}`);
}

function hunk(start: number, end: number, ...lines: string[]): Hunk {
  return { start, end, lines };
}

test('what goes stands above what comes, and the rest moves down', () => {
  const picture = reviewed(document, [hunk(1, 2, 'B', 'B2'), hunk(3, 4)]);
  assert.deepEqual(drawn(picture), ['1-b', '2+B', '3+B2', '4=c', '5-d', '6=e']);
  assert.deepEqual(picture.at, [1, 5]);
});

test('a decided hunk shows its outcome', () => {
  assert.deepEqual(drawn(reviewed(document, [{ ...hunk(1, 2, 'B'), decided: true }, hunk(4, 5, 'E')])), ['1+B', '2=c', '3=d', '4-e', '5+E']);
  assert.deepEqual(drawn(reviewed(document, [{ ...hunk(1, 2, 'B'), decided: false }])), ['1=b', '2=c', '3=d', '4=e']);
});

test('an insertion and one at the end', () => {
  assert.deepEqual(drawn(reviewed(document, [hunk(2, 2, 'new')])), ['2+new', '3=c', '4=d', '5=e']);
  assert.deepEqual(drawn(reviewed(document, [hunk(5, 5, 'new')])), ['5+new']);
});

test('text that is being written takes the place of what stands there', () => {
  const place = { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } };
  assert.deepEqual(drawn(writing(document, place, '')), ['1.b', '2.c', '3=d', '4=e']);
  assert.deepEqual(drawn(writing(document, place, 'b\nX')), ['1=b', '2+X', '3=d', '4=e']);
  assert.deepEqual(drawn(writing(document, place, 'X\r\n')), ['1+X', '2.c', '3=d', '4=e']);
  assert.deepEqual(drawn(writing(document, place, 'x\ny\nz\n')), ['1+x', '2+y', '3+z', '4=d', '5=e']);
});

test('a place may begin and end inside lines', () => {
  const place = { start: { line: 0, character: 2 }, end: { line: 0, character: 4 } };
  assert.deepEqual(drawn(writing(['f(ab)', 'g'], place, 'x')), ['0+f(x', '1=g']);
});

test('an insertion moves the line at which it is made', () => {
  const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 0 } });
  assert.deepEqual(drawn(writing(['a', 'b'], at(1), 'x')), ['1+x', '2=b']);
  assert.deepEqual(drawn(writing(['a', '', 'b'], at(1), 'x\ny')), ['1+x', '2+y', '3=b']);
});

test('lines of a text', () => {
  assert.deepEqual(linesOf(''), []);
  assert.deepEqual(linesOf('a\r\nb\n'), ['a', 'b']);
  assert.deepEqual(linesOf('\n'), ['']);
});

test('hunks follow what is typed; one that was typed into is lost', () => {
  const hunks = [hunk(2, 4, 'x'), hunk(8, 8, 'y')];
  assert.deepEqual(moved(hunks, 0, 1, 3).map((h) => h.start), [4, 10]);
  assert.deepEqual(moved(hunks, 5, 7, 0).map((h) => [h.start, h.decided]), [[2, undefined], [6, undefined]]);
  assert.deepEqual(moved(hunks, 3, 4, 2).map((h) => h.decided), [false, undefined]);
  assert.deepEqual(moved(hunks, 20, 21, 5), hunks);
});

const params = (...hunks: [number, number, string][]) => ({
  job: 'j1', action: 'edit' as const, label: 'Hob: edit a.ts', uri: 'file:///a.ts', version: 1,
  range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } },
  hunks: hunks.map(([start, end, newText]) => ({ newText, range: { start: { line: start, character: 0 }, end: { line: end, character: 0 } } })),
});

test('the answer tells what was accepted', async () => {
  const some = new Review(params([0, 1, 'a\n'], [3, 3, 'b\n'], [5, 6, '']));
  assert.equal(some.summary(), '3 changes, 2 lines added, 2 removed');
  some.decide(1, true);
  some.decide(1, false); // said once
  some.decide(0, false);
  assert.ok(!some.over);
  some.decide(2, true);
  assert.deepEqual(await some.answer, { accept: true, hunks: [1, 2] });

  const rest = new Review(params([0, 1, 'a\n'], [3, 3, 'b\n']));
  rest.decide(0, true);
  rest.decideAll(false);
  assert.deepEqual(await rest.answer, { accept: true, hunks: [0] });

  const all = new Review(params([0, 1, 'a\n']));
  all.decideAll(true);
  assert.deepEqual(await all.answer, { accept: true });

  const none = new Review(params([0, 1, 'a\n']));
  none.decideAll(false);
  assert.deepEqual(await none.answer, { accept: false });

  const again = new Review(params([0, 1, 'a\n']));
  again.retry({ tier: 'balanced' });
  again.decideAll(true); // too late
  assert.deepEqual(await again.answer, { retry: { tier: 'balanced' } });
});

test('a proposal that was typed into everywhere is refused', async () => {
  const review = new Review(params([2, 3, 'a\n']));
  assert.ok(!review.follow(0, 1, 2));
  assert.equal(review.hunks[0].start, 3);
  assert.ok(review.follow(3, 4, 1));
  assert.deepEqual(await review.answer, { accept: false });
});

test('a last line without a line break is a line', () => {
  const review = new Review({ ...params(), hunks: [{ newText: 'x', range: { start: { line: 4, character: 0 }, end: { line: 4, character: 1 } } }] });
  assert.deepEqual(review.hunks, [{ start: 4, end: 5, lines: ['x'] }]);
});

test('text keeps its width and can not leave its quotes', () => {
  assert.equal(visible('\tif (a)  b\t', 4), '\u00a0\u00a0\u00a0\u00a0if\u00a0(a)\u00a0\u00a0b\u00a0\u00a0\u00a0');
  assert.equal(quoted("a\\'b;}"), 'a\\5c \\27 b\\3b \\7d ');
});

test('what was typed comes first, then what was asked before', () => {
  const history = ['add types', 'rename', 'add a test'];
  assert.deepEqual(choices('', history), history);
  assert.deepEqual(choices(' ADD ', history), ['ADD', 'add types', 'add a test']);
  assert.deepEqual(choices('rename', history), ['rename']);
});

test('the last instruction is remembered first, each once', () => {
  const kept = new Map<string, unknown>();
  const instructions = new Instructions({
    get: <T>(key: string, otherwise: T) => (kept.get(key) as T) ?? otherwise,
    update: async (key, value) => void kept.set(key, value),
  });
  for (const said of ['a', 'b', 'a']) instructions.remember(said);
  assert.deepEqual(instructions.history, ['a', 'b']);
  for (let i = 0; i < 60; i++) instructions.remember(`${i}`);
  assert.equal(instructions.history.length, 50);
});

test('a new file is told of as one, with those that come along', () => {
  const made = { ...params([0, 0, 'a\nb\n']), new: true, uri: 'file:///w/A.tsx' };
  assert.equal(new Review(made).summary(), 'a new file of 2 lines');
  assert.equal(new Review({ ...made, also: [{ uri: 'file:///w/A.module.css', text: '' }] }).summary(), 'a new file of 2 lines, A.module.css');
});

test('a remark stands after the first line that leaves it room', () => {
  for (const [widths, at] of [[[10, 5], 0], [[80], 0], [[81, 200, 79, 3], 2], [[200, 90, 120], 1], [[300], 0]] as const) {
    assert.equal(roomiest(widths), at, JSON.stringify(widths));
  }
});
