import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobResult, Status } from '../src/protocol';
import { describe, fileName, render, StatusItem } from '../src/status';
import { items } from './vscode';

const idle: Status = { state: 'idle', jobs: [], models: { quality: 'ollama/b:14b', fast: 'ollama/a:3b' }, message: '' };
const job = { job: 'j1', action: 'edit', uri: 'file:///w/a%20b.ts', state: 'writing' } as const;
const applied: JobResult = {
  job: 'j1', action: 'edit', status: 'applied', tier: 'fast', model: 'ollama/a:3b', why: 'one symbol', timing_ms: { total: 2612 },
};

test('the item tells the state', () => {
  assert.match(render('stopped', undefined, undefined).text, /slash/);
  assert.match(render('starting', undefined, undefined).text, /spin/);
  assert.deepEqual(render('running', idle, undefined), { text: '$(flame) Hob', tooltip: 'Hob is idle\nfast: ollama/a:3b\nquality: ollama/b:14b', warn: false });
  assert.equal(render('running', { ...idle, state: 'busy', jobs: [job] }, undefined).text, '$(loading~spin) Hob: edit writing');
  assert.equal(render('running', { ...idle, state: 'busy', jobs: [job, job, job] }, undefined).text, '$(loading~spin) Hob: edit writing +2');
  assert.match(render('running', { ...idle, jobs: [job] }, undefined, 41.6).text, /writing 42 tok\/s$/);
  assert.match(render('running', { ...idle, jobs: [{ ...job, state: 'loading' }] }, undefined, 41.6).text, /loading the model$/);
  const degraded = render('running', { ...idle, state: 'degraded', message: 'nothing answers' }, applied);
  assert.ok(degraded.warn);
  assert.match(degraded.tooltip, /^nothing answers\nLast: edit applied/);
});

test('a result says which model and why', () => {
  assert.equal(describe(applied), 'edit applied by ollama/a:3b in 2.6 s (one symbol)');
  assert.equal(describe({ job: 'j', action: 'component', status: 'applied', tier: 'instant', timing_ms: { total: 8.2 } }), 'component applied by the instant tier in 8 ms');
  const failed: JobResult = { job: 'j', action: 'edit', status: 'failed', error: { kind: 'stale', message: 'the text was changed', hint: 'again' } };
  assert.equal(describe(failed), 'edit failed: the text was changed');
  assert.equal(describe({ ...failed, status: 'cancelled' }), 'edit cancelled');
});

test('names of files', () => assert.equal(fileName(job.uri), 'a b.ts'));

test('the item is kept up to date, and only so many results', () => {
  const item = new StatusItem();
  const shown = items.at(-1)!;
  assert.ok(shown.shown);
  item.setLife('running');
  item.setStatus({ ...idle, state: 'busy', jobs: [job] });
  assert.match(shown.text, /edit writing/);
  assert.match((shown.accessibilityInformation as { label: string }).label, /^Hob: edit writing, /);
  item.setStatus(idle);
  for (let i = 0; i < 30; i++) item.ended({ ...applied, job: `j${i}` });
  assert.equal(item.results.length, 20);
  assert.equal(item.results[0].job, 'j29');
  assert.match(String(shown.tooltip), /Last: edit applied/);
  assert.deepEqual(item.larger('fast'), { tier: 'quality', model: 'ollama/b:14b' });
  item.setStatus({ ...idle, models: { fast: 'ollama/a:3b', balanced: 'ollama/a:3b' } });
  assert.equal(item.larger('fast'), undefined);
  assert.equal(item.larger('instant'), undefined);
  item.setLife('stopped');
  assert.match(shown.text, /slash/);
  item.dispose();
  assert.ok(!shown.shown);
});
