// From Enter, which ends the instruction, to what is seen of it; and what the least of extensions takes for as much.
import type { Case } from '../run.ts';
import { until } from '../until.ts';

const original = 'export function add(a: number, b: number) {\n  return 0;\n}\n';
const rounds = 15;

export const pace: Case = {
  files: { 'sum.ts': original },
  async run(vs, model) {
    await vs.openFile('sum.ts');
    await vs.ready();
    const [floor, changes, texts]: number[][] = [[], [], []];
    const gone = () => until('nothing is painted', async () => !(await vs.painted()));
    for (let i = 0; i < rounds; i++) { // in turn, so that both have the same machine
      await vs.asks('Control+Alt+F9');
      const least = await vs.watch('change');
      await vs.press('Enter');
      floor.push((await least()).change);
      await vs.press('Control+Alt+F10');
      await gone();
      await model.says({ text: '```ts\n' + original.replace('0', 'a + b') + '```' });
      await vs.select(1, 3);
      await vs.asks('Control+Alt+Enter');
      await vs.input().fill('return the sum');
      await vs.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'return the sum' }).waitFor();
      const seen = await vs.watch('text');
      await vs.press('Enter');
      const { change, text } = await seen();
      changes.push(change);
      texts.push(text);
      await vs.decide('Escape');
      await gone();
    }
    const median = (ms: number[]) => ms.toSorted((a, b) => a - b)[rounds >> 1];
    const show = (ms: number[]) => {
      return `${median(ms).toFixed(0)} ms (${Math.min(...ms).toFixed(0)} to ${Math.max(...ms).toFixed(0)})`;
    };
    console.log(`figure: from Enter to the first change ${show(changes)}, to the first new text ${show(texts)}; an extension that only paints ${show(floor)}: ${(median(changes) - median(floor)).toFixed(0)} ms more`);
  },
};
