// What is seen of a job before the server has said anything of it: a server that is stopped says nothing.
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const original = 'export function add(a: number, b: number) {\n  return 0;\n}\n';
const reply = '```ts\n' + original.replace('0', 'a + b') + '```';
const note = 'Hob is starting (Esc to cancel)';

export const ahead: Case = {
  files: { 'sum.ts': original },
  async run(vs, model, server) {
    await vs.openFile('sum.ts');
    await vs.ready();
    const gone = () => until('nothing is painted', async () => (await vs.picture()) === original.trimEnd() && !(await vs.painted()));
    const edit = async (how: () => Promise<void>) => {
      await vs.select(1, 3);
      vs.signal('SIGSTOP');
      await how();
      await until('the start is seen', async () => (await vs.picture()).includes(note));
      ok((await vs.picture()).startsWith(original.split('\n')[0]), 'the text is seen still');
    };
    const byKey = async () => {
      await vs.press('Control+Alt+Enter');
      await vs.answer('return the sum');
    };

    // What the server tells takes its place; Escape ends it.
    await model.says({ text: reply, gates: [{ name: 'first', after: 0 }] });
    await edit(byKey);
    vs.signal('SIGCONT');
    await model.waitGate('first');
    await until('more is seen', async () => /Hob is (reading|loading)/.test(await vs.picture()));
    await vs.press('Escape');
    await model.waitCancelled(1);
    await gone();

    // From the menu the server asks, and is told before anything is seen.
    await model.says({ text: reply, gates: [{ name: 'second', after: 0 }] });
    await vs.select(1, 3);
    await vs.codeAction('Edit selection…', vs.input());
    ok(!(await vs.painted()), 'nothing is seen while the user is asked');
    vs.signal('SIGSTOP');
    await vs.answer('return the sum');
    await until('the start is seen', async () => (await vs.picture()).includes(note));
    vs.signal('SIGCONT');
    await model.waitGate('second');
    ok(!(await vs.toast('Hob').isVisible()), 'what is seen in place has no notification');
    await vs.press('Escape');
    await model.waitCancelled(2);
    await gone();

    // A server that refuses, and one that dies.
    await vs.press('Control+Alt+KeyN');
    await vs.page.locator('.tab.active', { hasText: 'Untitled' }).waitFor();
    await vs.page.keyboard.type('a');
    vs.signal('SIGSTOP');
    await vs.press('Control+KeyA');
    await byKey();
    await until('the start is seen', async () => (await vs.picture()).includes(note));
    vs.signal('SIGCONT');
    await vs.toast('save the document').waitFor();
    await until('nothing is painted', async () => !(await vs.painted()) && (await vs.picture()) === 'a');
    await vs.openFile('sum.ts');
    await edit(byKey);
    vs.signal('SIGKILL');
    await gone();
    await vs.ready();

    // Without a preview nothing is painted, and what is painted goes.
    await edit(byKey);
    server.settings({ 'hob.preview': false });
    await gone();
    vs.signal('SIGKILL');
    await vs.ready();
  },
};
