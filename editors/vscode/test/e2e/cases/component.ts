// A component from the menu of a folder in the explorer.
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

export const component: Case = {
  files: {
    'package.json': '{ "name": "shop", "dependencies": { "react": "^19.0.0" } }\n',
    'tsconfig.json': '{ "compilerOptions": { "jsx": "react-jsx" } }\n',
    'src/components/Card.tsx': 'export function Card() {\n  return <div className="card" />;\n}\n',
  },
  async run(vs, model) {
    await vs.ready();
    await model.says({ text: '```tsx\nexport function PriceTag({ price }: { price: number }) {\n  return <span>{price}</span>;\n}\n```', last: 'price' });
    const folder = vs.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'components' });
    await vs.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'src' }).click();
    await folder.click({ button: 'right' });
    await vs.page.locator('.monaco-menu').getByText('Generate Component…').click();
    await vs.answer('a PriceTag that shows a price');
    await vs.page.locator('.tab.active', { hasText: 'PriceTag.tsx' }).waitFor();
    await until('the new file holds the component', async () => (await vs.text()).includes('{price}</span>'));
    ok(vs.read('src/components/Card.tsx').includes('card'), 'other files stay');
  },
};
