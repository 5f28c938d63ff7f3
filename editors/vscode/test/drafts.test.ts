import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Uri } from 'vscode';
import { Drafts } from '../src/drafts';
import { window } from './vscode';

test('what a draft was given while its editor opened is told again', async () => {
  const changes: string[] = [];
  const at = { toString: () => 'hob-text:/1/a.ts' } as Uri;
  const drafts = new Drafts({ put: () => at, change: (_, text) => changes.push(text) });
  for (const [opened, told] of [['a', ['abc']], ['abc', []]] as const) {
    let open!: (editor: unknown) => void;
    window.showTextDocument = () => new Promise((resolve) => (open = resolve));
    drafts.show('j1', 'file:///a.ts', 'a');
    assert.ok(drafts.opening('j1'));
    drafts.show('j1', 'file:///a.ts', 'abc');
    changes.length = 0;
    open({ document: { getText: () => opened } });
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(!drafts.opening('j1'));
    assert.deepEqual(changes, told, `opened with ${opened}`);
    drafts.close('j1');
  }
});
