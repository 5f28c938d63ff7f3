import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreseen, instructs, Ahead } from '../src/ahead';

const uri = 'file:///a.ts';
const range = (line: number, character: number, toLine = line, to = character) => ({ start: { line, character }, end: { line: toLine, character: to } });
const lines = range(2, 0, 4, 3);

test('what a command will change is foreseen, and nothing where it changes nothing', () => {
  const at = (command: string, where = lines, commented = false) => foreseen(command, { uri, range: where }, commented)?.range;
  const above = range(2, 0);
  assert.deepEqual(at('hob.edit'), lines);
  assert.deepEqual(at('hob.fix'), lines);
  assert.deepEqual(at('hob.edit', range(2, 5)), above, 'of the symbol around a cursor nothing is known');
  assert.deepEqual(at('hob.generate', range(2, 5)), above);
  assert.deepEqual(at('hob.generate', range(2, 5), true), range(2, 0, 3, 0), 'the comment is replaced');
  assert.deepEqual(at('hob.generate', lines), lines);
  assert.deepEqual(at('hob.document'), above);
  assert.deepEqual(at('hob.implement'), above);
  for (const command of ['hob.explain', 'hob.review', 'hob.test', 'hob.refactor', 'hob.component', 'hob.run', 'hob.cancel', 'constructor']) {
    assert.equal(at(command), undefined, command);
  }
  assert.equal(foreseen('hob.edit', { uri }, false), undefined);
  assert.equal(foreseen('hob.edit', { range: lines }, false), undefined);
});

test('a comment that tells Hob what to do is known', () => {
  for (const line of ['// hob: a table', '  # hob: x']) assert.ok(instructs(line), line);
  for (const line of ['', 'const hob = 1', '// xhob: y', undefined]) assert.ok(!instructs(line), line);
});

/** Ahead that note what they ask for. */
function ahead() {
  const cancelled: string[] = [];
  let changes = 0;
  const all = new Ahead({ changed: () => changes++, cancel: (job) => cancelled.push(job) });
  const send = (command = 'hob.edit', prompt: string | undefined = 'do it') => {
    const { promise, resolve, reject } = withResolvers<{ job?: string } | undefined>();
    all.sent(command, { uri, range: lines, prompt }, promise, false);
    return { resolve, reject };
  };
  const seen = () => all.seen.map(({ state, uri }) => `${state} ${uri}`);
  return { all, cancelled, send, seen, changes: () => changes };
}

const painted = [`starting ${uri}`];

/** Lets what waits for a promise run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (err: Error) => void;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

test('a start is seen from the command until the server tells of its job', async () => {
  const { all, send, seen, changes } = ahead();
  const { resolve } = send();
  assert.deepEqual(seen(), painted);
  assert.equal(changes(), 1);
  assert.ok(!all.told('j1'), 'of somebody else');
  resolve({ job: 'j2' });
  await settled();
  assert.deepEqual(seen(), painted);
  assert.equal(all.of('j2')?.uri, uri);
  assert.equal(all.of('j1'), undefined);
  all.told('j1');
  assert.deepEqual(seen(), painted);
  assert.ok(all.told('j2'));
  assert.deepEqual(seen(), []);
  assert.equal(all.of('j2'), undefined);
  assert.equal(changes(), 1);
});

test('a start goes away in every other end', async () => {
  for (const [what, end] of Object.entries<(of: ReturnType<typeof ahead>, reply: ReturnType<ReturnType<typeof ahead>['send']>) => unknown>({
    'refused': (_, reply) => reply.reject(new Error('refused')),
    'it became no job': (_, reply) => reply.resolve(undefined),
    'the job has ended before the reply': ({ all }, reply) => (all.told('j1'), reply.resolve({ job: 'j1' })),
    'the server is gone': ({ all }, reply) => (all.clear(), reply.resolve({ job: 'j1' })),
    'the user rather does not': ({ all }) => all.cancel(all.seen[0]),
  })) {
    const of = ahead();
    const reply = of.send();
    assert.deepEqual(of.seen(), painted, what);
    end(of, reply);
    await settled();
    assert.deepEqual(of.seen(), [], what);
  }
});

test('who rather does not cancels the job, before and after it has a name', async () => {
  const { all, cancelled, send, seen } = ahead();
  const { resolve } = send();
  all.cancel(all.seen[0]);
  assert.deepEqual(seen(), []);
  assert.deepEqual(cancelled, []);
  all.told('j1');
  resolve({ job: 'j1' });
  await settled();
  assert.deepEqual(cancelled, ['j1']);
  send().resolve({ job: 'j2' });
  await settled();
  all.cancel(all.seen[0]);
  assert.deepEqual(cancelled, ['j1', 'j2']);
  assert.deepEqual(seen(), []);
});

test('what the user is asked about is seen when he has said it', async () => {
  const { all, send, seen, changes } = ahead();
  send('hob.edit', '').resolve({ job: 'j1' });
  await settled();
  assert.deepEqual(seen(), []);
  assert.equal(all.of('j1'), undefined, 'a bar tells of it until then');
  assert.equal(changes(), 0);
  all.said();
  assert.deepEqual(seen(), painted);
  all.said(); // to an own command, of which nothing is foreseen
  assert.deepEqual(seen(), painted);
  assert.deepEqual(ahead().seen(), []);
  send('hob.document', '');
  assert.equal(seen().length, 2, 'what needs no instruction is seen at once');
});

test('a job that is tried again is seen until the server tells of the next one', async () => {
  const { all, seen, changes, cancelled } = ahead();
  all.again('j1', uri, lines);
  assert.deepEqual(seen(), painted);
  assert.equal(changes(), 1);
  assert.ok(all.ended('j1', 'j2'));
  assert.deepEqual(seen(), painted, 'the next has not been heard of');
  assert.equal(all.of('j2')?.uri, uri);
  assert.ok(all.told('j2'));
  assert.deepEqual(seen(), []);
  all.again('j2', uri, lines);
  all.told('j3'); // it was quicker than the end of the one before
  all.ended('j2', 'j3');
  assert.deepEqual(seen(), []);
  all.again('j3', uri, lines);
  assert.ok(all.ended('j3'), 'there is no next one');
  assert.deepEqual(seen(), []);
  all.again('j4', uri, lines);
  all.cancel(all.seen[0]);
  all.ended('j4', 'j5');
  assert.deepEqual(cancelled, ['j5']);
  all.again('j6', uri, lines);
  all.clear();
  assert.ok(!all.ended('j6', 'j7'));
  assert.deepEqual(seen(), []);
});

test('a start moves with its document', () => {
  const { all, send } = ahead();
  send();
  const down = ({ start, end }: typeof lines) => ({ start: { ...start, line: start.line + 1 }, end: { ...end, line: end.line + 1 } });
  all.follow((other) => other !== uri, down, true);
  assert.ok(!all.typed((other) => other === uri), 'what is typed into another document is not typed into this one');
  assert.deepEqual(all.seen[0].range, lines);
  all.follow((other) => other === uri, down, false);
  assert.ok(!all.typed((other) => other === uri), 'what the server changes is not typed');
  all.follow((other) => other === uri, (range) => range, true);
  all.follow((other) => other === uri, (range) => range, false);
  assert.ok(all.typed((other) => other === uri) && !all.typed((other) => other !== uri));
  assert.deepEqual(all.seen[0].range, range(3, 0, 5, 3));
});
