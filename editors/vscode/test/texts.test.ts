import assert from 'node:assert/strict';
import { test } from 'node:test';
import { harmless } from '../src/texts';

test('an answer loads nothing from elsewhere, and stays as it is otherwise', () => {
  const picture = '![x](https://a.b/?q=secret)';
  for (const [said, html, shown] of [
    ['It is **1**, a `Map<K>`.', '<p>It is <strong>1</strong>, a <code>Map&lt;K&gt;</code>.</p>', undefined],
    ['`<img>` and url(x)', '<p><code>&lt;img&gt;</code> and url(x)</p>', undefined],
    [picture, '<p><img src="https://a.b/?q=secret" alt="x"></p>', '!\\[x](https://a.b/?q=secret)'],
    ['<b style="background: url(https://a.b)">', '<b style="background: url(https://a.b)">', '&lt;b style="background: url(https://a.b)">'],
    [picture + ' `a<b`', undefined, '!\\[x](https://a.b/?q=secret) `a&lt;b`'],
  ] as const) {
    assert.equal(harmless(said, html), shown ?? said);
  }
});
