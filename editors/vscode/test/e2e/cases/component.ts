// A component from the menu of a folder in the explorer, in the second of two folders.
import fs from 'node:fs';
import path from 'node:path';
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const project = (at: string) => ({
  [`${at}/package.json`]: '{ "name": "shop", "dependencies": { "react": "^19.0.0" } }\n',
  [`${at}/tsconfig.json`]: '{ "compilerOptions": { "jsx": "react-jsx" } }\n',
  [`${at}/src/components/Card.tsx`]: 'export function Card() {\n  return <div className="card" />;\n}\n',
});

export const component: Case = {
  files: { ...project('admin'), ...project('shop'), 'all.code-workspace': '{ "folders": [{ "path": "admin" }, { "path": "shop" }] }\n' },
  workspace: 'all.code-workspace',
  async run(vs, model) {
    await vs.ready();
    await model.says({ text: '```tsx\nexport function PriceTag({ price }: { price: number }) {\n  return <span>{price}</span>;\n}\n```', last: 'price' });
    const row = (text: string) => vs.page.locator('.explorer-folders-view .monaco-list-row', { hasText: text });
    await row('shop').click(); // the first is open, this one not
    await vs.press('ArrowRight');
    await row('src').nth(1).click();
    await row('components').click({ button: 'right' });
    await vs.page.locator('.monaco-menu').getByText('Generate Component…').click();
    await vs.answer('a PriceTag that shows a price');
    await vs.page.locator('.tab.active', { hasText: 'PriceTag.tsx' }).waitFor();
    await until('the new file holds the component', async () => (await vs.picture()).includes('{price}</span>'));
    const made = (at: string) => fs.existsSync(path.join(vs.folder, at, 'src/components/PriceTag.tsx'));
    ok(made('shop') && !made('admin'), 'it stands in the folder that was chosen');

    // The item of the status bar tells how it went.
    await vs.status().click();
    await vs.page.locator('.quick-input-list .monaco-list-row', { hasText: 'component applied by' }).waitFor();
    await vs.shot('status');
    await vs.press('Escape');
  },
};
