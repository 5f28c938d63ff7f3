// One document: what the model writes is seen in place, decided about with keys and lenses, and taken back by one undo.
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const original = `interface Item {
  name: string;
  price: number;
  count: number;
}

export function total(items: Item[]): number {
  let sum = 0;
  for (let i = 0; i < items.length; i++) {
    sum = sum + items[i].price * items[i].count;
  }
  console.log("total", sum);
  return sum;
}

export const empty: Item[] = [];
`;
const first = 7; // line of the function, from 1
const last = 14;
const loop = '  for (let i = 0; i < items.length; i++) {\n    sum = sum + items[i].price * items[i].count;\n  }\n';
const short = '  for (const { price, count } of items) {\n    sum += price * count;\n  }\n';
const log = '  console.log("total", sum);\n  return sum;\n';
const tax = '  const tax = 0.19;\n  return Math.round(sum * (1 + tax) * 100) / 100;\n';
const withTax = original.replace('  return sum;\n', tax);

/** What the model answers: the function anew. */
function answer(text: string): string {
  return '```ts\n' + text.split('\n').slice(first - 1).join('\n').split('\n}\n')[0] + '\n}\n```';
}

export const edit: Case = {
  files: { 'basket.ts': original },
  async run(vs, model) {
    await vs.openFile('basket.ts');
    await vs.ready();

    // By the menu; seen while it is written; accepted; undone.
    await model.says({ text: answer(withTax), last: 'add 19 % tax', decode: 400, gates: [{ name: 'writing', after: 75 }] });
    await vs.select(first, last);
    await vs.menu('Edit selection…');
    await vs.shot('menu');
    await vs.press('Escape');
    await vs.codeAction('Edit selection…', vs.input());
    await vs.answer('add 19 % tax');
    await model.waitGate('writing');
    await until('the new text is seen', async () => (await vs.picture()).includes('const tax'));
    await vs.shot('preview');
    await vs.holds(original);
    await model.release('writing');
    await vs.lens('Accept').waitFor();
    await vs.sees(original.replace('  return sum;\n', '  return sum;\n' + tax), 'the proposal, lenses aside');
    ok(!(await vs.toast('Hob').isVisible()), 'what is seen in place has no notification');
    await vs.holds(original);
    await vs.press('Tab');
    await vs.holds(withTax);
    await vs.lens('Accept').waitFor({ state: 'hidden' });
    await vs.undo();
    await vs.holds(original);

    // By the key, with the last instruction; rejected.
    await model.says({ text: answer(withTax), last: 'add 19 % tax' });
    await vs.select(first, last);
    await vs.press('Control+Alt+Enter');
    await vs.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'add 19 % tax' }).waitFor();
    await vs.press('Enter');
    await vs.lens('Reject').waitFor();
    // In VS Code's own diff, too, which is closed then.
    const inDiff = async (decide: () => Promise<void>) => {
      await vs.lens('Diff').click();
      const diff = vs.page.locator('.tab', { hasText: '(proposed)' });
      await vs.page.locator('.tab.active', { hasText: '(proposed)' }).waitFor();
      await vs.page.locator('.monaco-diff-editor .view-line', { hasText: 'Math' }).waitFor();
      await vs.page.locator('.monaco-diff-editor .monaco-editor.focused').waitFor();
      await decide();
      await diff.waitFor({ state: 'detached' });
      await vs.lens('Reject').waitFor({ state: 'hidden' });
    };
    await inDiff(() => vs.press('Escape'));
    await vs.sees(original, 'nothing is left of the proposal');
    await vs.holds(original);
    const again = async () => {
      await model.says({ text: answer(withTax), last: 'add 19 % tax' });
      await vs.select(first, last);
      await vs.asks('Control+Alt+Enter');
      await vs.answer('add 19 % tax');
      await vs.lens('Reject').waitFor();
    };
    const title = (what: string) => vs.page.locator('.editor-group-container.active .title').getByRole('button', { name: what }).click();
    await again();
    await inDiff(() => title('Reject'));
    await vs.sees(original, 'nothing is left of the proposal');
    for (const yes of [() => vs.press('Control+Enter'), () => title('Accept')]) {
      await again();
      await inDiff(yes);
      await vs.holds(withTax);
      await vs.undo();
      await vs.holds(original);
    }

    // Accepted while it is written: it is made when it is done, and no key is typed into the text.
    const acceptEarly = async (what: string) => {
      await vs.select(first, last);
      await vs.asks('Control+Alt+Enter');
      await vs.answer(what);
      await model.waitGate(what);
      await until('the new text is seen', async () => (await vs.picture()).includes('const tax'));
      await vs.press('Tab');
      await until('the decision is seen', async () => (await vs.picture()).includes('accepted when done'));
      await vs.holds(original);
      await model.release(what);
    };
    await model.says({ text: answer(withTax), last: 'add tax at once', gates: [{ name: 'add tax at once', after: 75 }] });
    await acceptEarly('add tax at once');
    await vs.holds(withTax);
    await vs.sees(withTax, 'nothing is painted');
    await vs.undo();
    await vs.holds(original);

    // What was accepted is given up with a reply that can't be taken: the next one is looked at.
    await model.says({ text: answer(withTax).replace('round(', 'round(('), last: 'add tax again', gates: [{ name: 'add tax again', after: 75 }] });
    await model.says({ text: answer(withTax), contains: 'add tax again' });
    await acceptEarly('add tax again');
    await vs.lens('Accept').waitFor();
    await vs.holds(original);
    await vs.decide('Escape');

    // Cancelled while the model writes.
    await model.says({ text: answer(withTax), last: 'slowly', gates: [{ name: 'slow', after: 60 }] });
    await vs.select(first, last);
    await vs.press('Control+Alt+Enter');
    await vs.answer('slowly');
    await model.waitGate('slow');
    await until('writing is seen', async () => (await vs.picture()).includes('Esc to cancel'));
    await vs.focusEditor();
    await vs.press('Escape');
    await model.waitCancelled(1);
    await vs.sees(original, 'the picture is gone');
    await vs.holds(original);

    // What was asked is remembered, the last first.
    await vs.select(first, last);
    await vs.press('Control+Alt+Enter');
    const rows = vs.page.locator('.quick-input-list .monaco-list-row .label-name');
    await until('what was asked is listed', async () => (await rows.allTextContents()).join() === 'slowly,add tax again,add tax at once,add 19 % tax');
    await model.says({ text: answer(withTax), last: 'slowly' });
    await vs.page.keyboard.type('s');
    await until('what is like it is listed', async () => (await rows.allTextContents()).join() === 's,slowly');
    await vs.press('ArrowDown');
    await vs.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'slowly' }).waitFor();
    await vs.press('Enter');
    await vs.decide('Escape');

    // Who types elsewhere meanwhile goes on there, though the server has said nothing yet.
    await model.says({ text: answer(withTax), last: 'meanwhile' });
    await vs.select(first, last);
    vs.signal('SIGSTOP');
    await vs.asks('Control+Alt+Enter');
    await vs.answer('tax, meanwhile');
    await until('the start is seen', async () => (await vs.picture()).includes('Hob is starting'));
    await vs.goto(16);
    await vs.page.keyboard.type('const one');
    vs.signal('SIGCONT');
    await vs.lens('Accept').waitFor();
    await vs.page.keyboard.type(' = 1;\n');
    const more = original.replace('export const', 'const one = 1;\nexport const');
    await vs.holds(more);
    await vs.decide('Control+Enter');
    await vs.holds(more.replace('  return sum;\n', tax));

    // What is typed while the box is open moves what the instruction is about, however much it is.
    await model.says({ text: answer(original), last: 'no tax' });
    await vs.select(first, last);
    await vs.asks('Control+Alt+Enter');
    await vs.page.locator('.view-line', { hasText: 'empty' }).click();
    await vs.press('Control+Home');
    await vs.page.keyboard.type('const two = 2;\n');
    await vs.answer('no tax');
    await vs.decide('Control+Enter');
    await vs.holds('const two = 2;\n' + more);
  },
};

export const hunks: Case = {
  files: { 'basket.ts': original },
  async run(vs, model) {
    const both = original.replace(loop, short).replace(log, tax);
    await vs.openFile('basket.ts');
    await vs.ready();

    // One taken, one not, by keys.
    await model.says({ text: answer(both), last: 'tidy up' });
    await vs.select(first, last);
    await vs.press('Control+Alt+Enter');
    await vs.answer('tidy up');
    await vs.lens('Accept 2 of 2').waitFor();
    await vs.sees(original.replace(loop, halves(loop, short)).replace(log, log + tax), 'both changes');
    await vs.shot('review');
    await vs.press('Alt+F5', 'Alt+KeyN'); // to the second, which is refused
    await vs.lens('Accept 2 of 2').waitFor({ state: 'hidden' });
    await vs.holds(original);
    await vs.press('Alt+KeyY');
    await vs.holds(original.replace(loop, short));
    await vs.undo();
    await vs.holds(original);

    // By clicks; what is typed meanwhile stays.
    await model.says({ text: answer(both), last: 'tidy up' });
    await vs.select(first, last);
    await vs.press('Control+Alt+Enter');
    await vs.answer('tidy up');
    await vs.lens('Reject 1').waitFor();
    await vs.goto(1);
    await vs.page.keyboard.type('const rate = 1;\n');
    await until('the proposal has moved', async () => (await vs.picture()).startsWith('const rate = 1;\ninterface'));
    await vs.lens('Reject 1').click();
    await vs.lens('Accept 2 of 2').click();
    await vs.holds('const rate = 1;\n' + original.replace(log, tax));

    // Again, with another instruction.
    await model.says({ text: answer(original.replace(loop, short)), last: 'use for of' });
    await model.says({ text: answer(original.replace('let sum', 'let all')), last: 'call it all' });
    await vs.undo();
    await vs.goto(first + 1);
    await vs.select(first + 1, last + 1);
    await vs.press('Control+Alt+Enter');
    await vs.answer('use for of');
    await vs.lens('Retry').click();
    await vs.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Another instruction' }).click();
    await vs.answer('call it all');
    await until('the second proposal is seen', async () => (await vs.picture()).includes('let all = 0'));
    await vs.decide('Control+Enter'); // not before it is one: what is seen may still be written
    await vs.holds('const rate = 1;\n' + original.replace('let sum', 'let all'));
  },
};

/** What a change of the loop looks like: its last line stays. */
function halves(was: string, now: string): string {
  const cut = (text: string) => text.split('\n').slice(0, 2).join('\n') + '\n';
  return cut(was) + cut(now) + '  }\n';
}
