// The first minute: the steps know what is there already, and the sample invites to try.
import type { Case } from '../run.ts';
import { ok } from '../until.ts';

const taxed = `export function total(items: Item[]): number {
  let sum = 0;
  for (let i = 0; i < items.length; i++) {
    sum = sum + items[i].price * items[i].count;
  }
  return Math.round(sum * 119) / 100;
}
`;

export const start: Case = {
  files: { 'a.txt': 'a\n' },
  async run(vs, model) {
    await vs.ready();
    await vs.command('Hob: Get Started');
    const step = (title: string) => vs.page.locator('.getting-started-step', { hasText: title });
    const done = (title: string) => step(title).locator('.codicon.complete');
    await done('Have the program').waitFor();
    await done('Have a model').waitFor();
    ok((await done('Try it on a sample').count()) === 0, 'what was not done is not ticked');
    await step('Have a model').click();
    await vs.page.getByRole('button', { name: 'Is it there?', exact: true }).click();
    await vs.page.locator('.quick-input-list .monaco-list-row', { hasText: 'qwen2.5-coder:3b' }).waitFor();
    // Not by Escape: where the list went away by itself, the page would take it and go back to all walkthroughs.
    await vs.command('Hob: Get Started');
    await step('Try it on a sample').click();
    await vs.shot('walkthrough');
    const [page] = await Promise.all([
      vs.page.context().waitForEvent('page'),
      vs.page.getByRole('button', { name: 'Open the sample', exact: true }).click(),
    ]);
    const sample = vs.on(page);
    await page.locator('.tab.active', { hasText: 'basket.ts' }).waitFor();
    await sample.ready();
    await model.says({ text: '```ts\n' + taxed + '```', last: 'tax' });
    await sample.focusEditor();
    await sample.select(12, 18);
    await sample.asks('Control+Alt+Enter');
    await sample.answer('add 19 % tax');
    await sample.decide('Escape');
    await page.close();
  },
};
