// More than one thing at once: two jobs in one document, a proposal that no editor shows, and one that is tried again.
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const one = 'export function one() {\n  return 0;\n}\n';
const two = 'export function two() {\n  return 0;\n}\n';
const more = one.replace('  return 0;', '  const first = 1;\n  return first;');
const other = two.replace('return 0', 'return 1 + 1');
const note = 'Esc to cancel';

/** What the model answers. */
function reply(text: string): string {
  return '```ts\n' + text + '```';
}

export const together: Case = {
  files: { 'both.ts': one + '\n' + two },
  async run(vs, model) {
    await vs.openFile('both.ts');
    await vs.ready();
    const ask = async (line: number, what: string) => {
      await vs.select(line, line + 2);
      await vs.press('Control+Alt+Enter');
      await vs.answer(what);
    };
    const notes = (count: number) => until(`${count} are under way`, async () => (await vs.picture()).split(note).length === count + 1);

    // Both are seen while they write, and while one waits; each goes its own way.
    await model.says({ text: reply(more), last: 'count from one', gates: [{ name: 'one', after: 45 }] });
    await ask(1, 'count from one');
    await model.waitGate('one');
    await until('the first is seen', async () => (await vs.picture()).includes('const first'));
    await model.says({ text: reply(other), last: 'add it up', gates: [{ name: 'two', after: 30 }] });
    await ask(5, 'add it up');
    await notes(2);
    ok((await vs.picture()).includes('const first'), 'the first is seen still');
    await vs.shot('together');
    await model.release('one');
    await vs.lens('Accept').waitFor();
    await notes(1);
    await vs.decide('Tab');
    await vs.holds(more + '\n' + two);
    await notes(1);
    await model.waitGate('two');
    await until('the second stands where its text is now', async () => (await vs.picture()).replaceAll(/Hob is.*/g, '').startsWith(more + '\nexport function two() {\n  return 1 +'));
    await model.release('two');
    await vs.decide('Tab');
    await vs.holds(more + '\n' + other);

    // Escape is about the one at the cursor, else about all.
    await model.says({ text: reply(two), last: 'once more', gates: [{ name: 'three', after: 0 }] });
    await model.says({ text: reply(two), last: 'and here', gates: [{ name: 'four', after: 0 }], keep: true }); // it may wait for the other
    await ask(1, 'once more');
    await notes(1);
    await ask(6, 'and here');
    await notes(2);
    await vs.press('Escape');
    await notes(1);
    ok((await vs.picture()).split('\n')[0].includes(note), 'the other goes on');
    await vs.goto(5);
    await vs.press('Escape');
    await notes(0);
    await vs.sees(more + '\n' + other, 'nothing is left of them');
    await vs.ready();
  },
};

export const hidden: Case = {
  files: { 'seen.ts': one, 'other.ts': two },
  async run(vs, model, server) {
    await vs.openFile('seen.ts');
    await vs.ready();
    const waits = vs.page.locator('[id="hob-ls.hob.hob.review"]', { hasText: '1 change to review' });
    const asked = async (name: string) => {
      await model.says({ text: reply(more), last: 'count from one', gates: [{ name, after: 20 }] });
      await vs.openFile('seen.ts');
      await vs.select(1, 3);
      await vs.press('Control+Alt+Enter');
      await vs.answer('count from one');
      await model.waitGate(name);
      await vs.openFile('other.ts');
      await model.release(name);
      await waits.waitFor();
    };
    const proposal = 'Hob: edit seen.ts: one change';

    // What nobody can see is told, with what can be done about it.
    await asked('reject');
    await vs.notified(proposal, 'Reject');
    await waits.waitFor({ state: 'detached' });
    await asked('accept');
    await vs.notified(proposal, 'Accept');
    await waits.waitFor({ state: 'detached' });
    await vs.openFile('seen.ts');
    await vs.holds(more);
    await vs.undo();
    await vs.holds(one);
    await asked('show');
    await vs.notified(proposal, 'Show');
    await vs.page.locator('.tab.active', { hasText: 'seen.ts' }).waitFor();
    await vs.lens('Accept').waitFor();
    await vs.focusEditor();
    await vs.decide('Escape');
    await vs.holds(one);

    // Where it was closed meanwhile VS Code asks about the edit.
    await model.says({ text: reply(other), last: 'add it up', gates: [{ name: 'closed', after: 20 }] });
    await vs.openFile('other.ts');
    await vs.select(1, 3);
    await vs.press('Control+Alt+Enter');
    await vs.answer('add it up');
    await model.waitGate('closed');
    await vs.press('Control+KeyW');
    await server.logged('document closed', 'hidden/other.ts');
    await model.release('closed');
    await vs.applyAll(1);
    await vs.openFile('other.ts');
    await vs.holds(other);

    // Nor is it lost when the notification is: the item of the status bar leads there.
    await asked('waits');
    await vs.press('Escape'); // to the notification: there is no proposal here
    await vs.toast(proposal).waitFor({ state: 'detached' });
    await waits.click();
    await vs.page.locator('.tab.active', { hasText: 'seen.ts' }).waitFor();
    await vs.lens('Accept').waitFor();

    // Tried again by a larger model, and the same once more: seen at once, though the server says nothing yet.
    const again = async (row: string, now: string) => {
      await vs.asks('Alt+KeyR');
      const choice = vs.page.locator('.quick-input-list .monaco-list-row', { hasText: row });
      const larger = /qwen2\.5-coder:\d+b/.exec((await choice.textContent()) ?? '');
      await model.says({ text: reply(one.replace('0', now)), model: larger?.[0] });
      vs.signal('SIGSTOP');
      await choice.click();
      await until('the start is seen', async () => (await vs.picture()).includes('Hob is starting (Esc to cancel)'));
      vs.signal('SIGCONT');
      await vs.lens('Accept').waitFor();
      await vs.sees(one.replace('  return 0;', `  return 0;\n  return ${now};`), 'what is proposed now');
      await vs.statusSays('edit declined by ollama');
    };
    await again('A larger model', '2');
    await again('The same again', '3');
    await vs.focusEditor();
    await vs.decide('Control+Enter');
    await vs.holds(one.replace('0', '3'));
  },
};
