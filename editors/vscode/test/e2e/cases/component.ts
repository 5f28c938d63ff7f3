// A component from the menu of a folder in the explorer, in the second of two folders: seen while it grows, and on disk
// only when the user has said yes.
import fs from 'node:fs';
import path from 'node:path';
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const project = (at: string, name: string) => ({
  [`${at}/package.json`]: '{ "name": "shop", "dependencies": { "react": "^19.0.0" } }\n',
  [`${at}/tsconfig.json`]: '{ "compilerOptions": { "jsx": "react-jsx" } }\n',
  [`${at}/src/components/${name}.tsx`]: 'export function Card() {\n  return <div className="card" />;\n}\n',
});
const text = `import styles from './PriceTag.module.css';

interface PriceTagProps {
  price: number;
  currency?: string;
}

/** A price as it is said in the country of the reader. */
export function PriceTag({ price, currency = 'EUR' }: PriceTagProps) {
  const formatted = new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(price);
  return <span className={styles.price}>{formatted}</span>;
}
`;
const reply = '```tsx\n' + text + '```';

export const component: Case = {
  files: { ...project('admin', 'Panel'), ...project('shop', 'Card'), 'all.code-workspace': '{ "folders": [{ "path": "admin" }, { "path": "shop" }] }\n' },
  workspace: 'all.code-workspace',
  async run(vs, model) {
    await vs.ready();
    const row = (text: string) => vs.page.locator('.explorer-folders-view .monaco-list-row', { hasText: text });
    const made = (at: string, name = 'PriceTag.tsx') => fs.existsSync(path.join(vs.folder, at, 'src/components', name));
    const tab = vs.page.locator('.tab.active', { hasText: 'PriceTag.tsx' });
    await row('shop').click(); // the first is open, this one not
    await vs.press('ArrowRight');
    await row('src').nth(1).click();
    const generate = async () => {
      const item = vs.page.locator('.monaco-menu').getByText('Generate Component…');
      await until('the menu takes the click', async () => { // one right after it opened is taken for the end of that
        if (await vs.input().isVisible()) return true;
        if (!(await item.isVisible())) await row('components').click({ button: 'right', timeout: 3000 });
        await item.click({ timeout: 3000 });
        return vs.input().waitFor({ timeout: 3000 }).then(() => true);
      });
    };

    // Cancelled while it is written.
    await model.says({ text: reply, last: 'price', decode: 400, gates: [{ name: 'component', after: 90 }] });
    await generate();
    await vs.answer('a PriceTag that shows a price');
    await model.waitGate('component');
    await until('what is written is seen', async () => (await vs.picture()).includes('as it is said in the country'));
    await until('and what goes on', async () => (await vs.picture()).includes('Esc to cancel'));
    await vs.shot('component');
    ok(!(await vs.toast('Hob').isVisible()), 'what is seen has no notification');
    ok(!made('shop') && !made('admin'), 'nothing is on disk while it is written');
    await vs.press('Escape'); // the new editor has the focus
    await model.waitCancelled(1);
    await tab.waitFor({ state: 'detached' });

    // Rejected, then accepted, by keys.
    for (let i = 0; i < 2; i++) await model.says({ text: reply, last: 'price' });
    await generate();
    await vs.answer('a PriceTag that shows a price');
    await vs.lens('Accept').waitFor();
    await vs.sees(text, 'the proposal is the whole file');
    ok(!made('shop'), 'nothing is on disk before it is accepted');
    // All its files can be looked at.
    await vs.lens('All 2 Files').click();
    const compared = vs.page.locator('.multiDiffEditor .multiDiffEntry');
    const names = ['PriceTag.tsx', 'PriceTag.module.css'];
    await until('both files are there to read', async () => {
      const texts = await compared.allTextContents();
      return names.every((name, i) => texts[i]?.startsWith(name));
    });
    await vs.shot('files');
    await vs.press('Control+KeyW');
    await tab.waitFor();
    await vs.lens('Reject').click();
    await tab.waitFor({ state: 'detached' });
    await generate();
    await vs.answer('a PriceTag that shows a price');
    await vs.decide('Tab');
    await until('both files are made', () => made('shop') && made('shop', 'PriceTag.module.css'));
    ok(!made('admin'), 'it stands in the folder that was chosen');
    await vs.lens('Accept').waitFor({ state: 'hidden' });
    await until('one editor is left, of the file', async () => (await vs.page.locator('.tab', { hasText: 'PriceTag.tsx' }).count()) === 1);
    await until('the file is saved as it was proposed', () => vs.read('shop/src/components/PriceTag.tsx') === text);
    ok((await vs.page.locator('.tab.active').textContent())?.includes('PriceTag.tsx'), 'the component is in front');

    // The other folder is as good.
    const other = '  return <article className="card" />;\n';
    await model.says({ text: '```tsx\n' + other + '```', last: 'an article' });
    await vs.openFile('Panel.tsx');
    await vs.select(2, 2);
    await vs.press('Control+Alt+Enter');
    await vs.answer('make it an article');
    await vs.decide('Tab');
    await vs.holds(project('admin', 'Panel')['admin/src/components/Panel.tsx'].replace('div', 'article'));

    // The item of the status bar tells how it went.
    await vs.status().click();
    await vs.page.locator('.quick-input-list .monaco-list-row', { hasText: 'component applied by' }).waitFor();
    await vs.shot('status');
    await vs.press('Escape');
  },
};
