import assert from 'node:assert/strict';
import { test } from 'node:test';
import { local } from '../src/texts';

test('an answer loads nothing from elsewhere, and its code stays as it is', () => {
  for (const [said, shown] of [
    ['It is **1**. [See](https://a.b/c)', 'It is **1**. [See](https://a.b/c)'],
    ['a ![x](https://a.b/?q=secret) b', 'a !\\[x](https://a.b/?q=secret) b'],
    ['![x][r]\n\n[r]: https://a.b/', '!\\[x][r]\n\n[r]: https://a.b/'],
    ['<img src="https://a.b/">', '&lt;img src="https://a.b/">'],
    ['a < b, <!-- c -->', 'a < b, &lt;!-- c -->'],
    ['`Map<K, V>` and ``a ` <b>`` <i>', '`Map<K, V>` and ``a ` <b>`` &lt;i>'],
    ['`open <b>', '`open &lt;b>'],
    ['```tsx\n<b>![</b>\n```\n<b>', '```tsx\n<b>![</b>\n```\n&lt;b>'],
    ['~~~~\n<b>\n~~~\n<b>\n~~~~\n<b>', '~~~~\n<b>\n~~~\n<b>\n~~~~\n&lt;b>'],
    ['```x``` <b>\n<b>', '```x``` &lt;b>\n&lt;b>'],
  ]) {
    assert.equal(local(said), shown);
  }
});
