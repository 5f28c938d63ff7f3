// From Enter, which ends the instruction, to what is seen of it; and what the least of extensions takes for as much.
import type { Case } from '../run.ts';
import { until } from '../until.ts';

const original = 'export function add(a: number, b: number) {\n  return 0;\n}\n';
const rounds = 9;

export const pace: Case = {
  files: { 'sum.ts': original },
  async run(vs, model) {
    await vs.openFile('sum.ts');
    await vs.ready();
    const floor = [];
    for (let i = 0; i < rounds; i++) {
      await vs.asks('Control+Alt+F9');
      const seen = await vs.watch('change');
      await vs.press('Enter');
      floor.push((await seen()).change);
      await vs.press('Control+Alt+F10');
      await until('nothing is painted', async () => !(await vs.painted()));
    }
    const changes = [];
    const texts = [];
    for (let i = 0; i < rounds; i++) {
      await model.says({ text: '```ts\n' + original.replace('0', 'a + b') + '```' });
      await vs.select(1, 3);
      await vs.asks('Control+Alt+Enter');
      await vs.input().fill('return the sum');
      const seen = await vs.watch('text');
      await vs.press('Enter');
      const { change, text } = await seen();
      changes.push(change);
      texts.push(text);
      await vs.decide('Escape');
      await until('nothing is painted', async () => !(await vs.painted()));
    }
    const show = (ms: number[]) => {
      const sorted = ms.toSorted((a, b) => a - b);
      return `${sorted[rounds >> 1].toFixed(0)} ms (${sorted[0].toFixed(0)} to ${sorted.at(-1)!.toFixed(0)})`;
    };
    console.log(`figure: from Enter to the first change ${show(changes)}, to the first new text ${show(texts)}; an extension that only paints ${show(floor)}`);
  },
};
