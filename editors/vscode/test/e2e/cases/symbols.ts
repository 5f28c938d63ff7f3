// What is done with a symbol: documented, implemented, tested; and commands of the project's own.
import fs from 'node:fs';
import path from 'node:path';
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const cart = `import { Item } from "./item";

export class Cart {
  private items: Item[] = [];

  total(): number {
    throw new Error("Method not implemented.");
  }
}
`;
const body = '    return this.items.reduce((sum, item) => sum + item.price, 0);';
const implemented = cart.replace(/ {4}throw.*/, body);
const documented = implemented.replace('  total', '  /** The price of all items. */\n  total');
const command = '---\ntitle: Shout\nkind: shell\nscope: symbol\n---\nMake the names of {{symbol}} upper case.\n';
const spec = `import { expect, it } from 'vitest';
import { Cart } from './cart';

it('is 0 for an empty cart', () => {
  expect(new Cart().total()).toBe(0);
});
`;

export const symbols: Case = {
  files: {
    'cart.ts': cart,
    'package.json': '{ "devDependencies": { "vitest": "^3" } }\n',
    '.hob/commands/shout.md': command,
  },
  async run(vs, model) {
    await vs.openFile('cart.ts');
    await vs.ready();
    const propose = async (text: string, last: string, start: () => Promise<void>) => {
      await model.says({ text: '```ts\n' + text + '\n```', last });
      await start();
      await vs.lens('Accept').waitFor();
    };

    await propose(`  total(): number {\n${body}\n  }`, 'mplement', async () => {
      await vs.goto(7, 5);
      await vs.codeAction('Implement total', vs.lens('Accept'));
    });
    await vs.decide('Control+Enter');
    await vs.holds(implemented);

    await propose('/** The price of all items. */\n', 'ocument', async () => {
      await vs.goto(6, 5);
      await vs.command('Hob: Document');
    });
    await vs.decide('Control+Enter');
    await vs.holds(documented);
    await vs.save();

    // Tests are a file that is looked at before it is made.
    await propose(spec.trimEnd(), 'total', async () => {
      await vs.goto(7, 5);
      await vs.codeAction('Write tests for total', vs.lens('Accept'));
    });
    const file = path.join(vs.folder, 'cart.test.ts');
    await vs.page.locator('.tab.active', { hasText: 'cart.test.ts' }).waitFor();
    ok(!fs.existsSync(file), 'nothing is on disk before it is accepted');
    await vs.decide('Tab');
    await until('the tests are there', () => fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes('is 0 for an empty cart'));

    // An own command with a mistake is not offered, and says what is wrong; right and saved it is in the menu at once.
    await vs.openFile('shout.md');
    await vs.squiggle('error').waitFor();
    await vs.goto(3, 7);
    await vs.press('Shift+End');
    await vs.page.keyboard.type('edit');
    await vs.squiggle('error').waitFor({ state: 'detached' });
    await vs.save();
    await vs.openFile('cart.ts');
    await propose(`  total(): number {\n${body.replaceAll('item', 'ITEM')}\n  }`, 'names of total upper case', async () => {
      await vs.goto(8, 5);
      await vs.codeAction('Shout', vs.lens('Accept'));
    });
    await vs.decide('Escape');
    await vs.command('Hob: Run Own Command');
    await vs.page.locator('.action-widget .monaco-list-row.action', { hasText: 'Shout' }).waitFor();
    await vs.press('Escape');

    // What runs and what ended stands behind the item of the status bar.
    const listed = (text: string) => vs.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    await vs.status().click();
    await listed('document applied by ollama/qwen2.5-coder').waitFor();
    ok(/ in [\d.]+ m?s \(.+\)/.test((await listed('document applied').textContent()) ?? ''), 'a result tells how long it took and why that model');
    await listed('qwen2.5-coder:3b').waitFor();
    await vs.press('Escape');
    await model.says({ text: 'It keeps items.', last: 'explain', gates: [{ name: 'explaining', after: 1 }] });
    await vs.goto(3, 15);
    await vs.command('Hob: Explain');
    await model.waitGate('explaining');
    await vs.statusSays('explain writing');
    await vs.status().click();
    await listed('Cancel explain cart.ts').click();
    await model.waitCancelled(1);
    await vs.ready();
  },
};
