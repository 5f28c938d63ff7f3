// What goes wrong, and what the user can do about it.
import fs from 'node:fs';
import path from 'node:path';
import type { Case } from '../run.ts';
import { env } from '../server.ts';
import { ok, until } from '../until.ts';

const original = 'export function add(a: number, b: number) {\n  return 0;\n}\n';
const edited = original.replace('return 0', 'return a + b');
const reply = '```ts\n' + edited + '```';

export const trouble: Case = {
  files: { 'sum.ts': original, '.hob/commands/opinion.md': '---\ntitle: Say What You Think\ntier: fast\n---\nWhat do you think?\n' },
  settings: { 'hob.preview': false },
  async run(vs, model, server) {
    await vs.openFile('sum.ts');
    await vs.ready();

    // The server is killed, and comes back.
    const before = vs.servers();
    ok(before.length > 0, 'a server runs');
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await until('another one runs', () => vs.servers().some((pid) => !before.includes(pid)));
    await vs.ready();

    // The menu of the status bar leads to the log, to the settings and to another server.
    const soon = { timeout: 10_000 };
    await vs.choose('Show Log', () => vs.page.locator('.part.panel .action-item.checked', { hasText: 'Output' }).waitFor(soon));
    const settings = vs.page.locator('.settings-editor');
    await vs.choose('Open Settings', () => settings.getByText('Hob', { exact: false }).first().waitFor(soon));
    await until('the settings are closed', async () => {
      await vs.press('Escape');
      return settings.waitFor({ state: 'hidden', timeout: 3000 }).then(() => true);
    });
    const old = vs.servers();
    await vs.choose('Restart', () => until('the old one ends', () => !vs.servers().some((pid) => old.includes(pid)), soon.timeout));
    await until('another one runs', () => vs.servers().length > 0);
    await vs.ready();
    await vs.focusEditor();

    // Without a preview an edit is applied at once.
    await model.says({ text: reply, last: 'return the sum' });
    await vs.select(1, 3);
    await vs.asks('Control+Alt+Enter'); // the keys work a moment after the server does
    await vs.answer('return the sum');
    await vs.holds(edited);
    await vs.undo();
    await vs.holds(original);

    // No model server: said with a button, which works once there is one.
    await model.goesAway();
    await vs.select(1, 3);
    await vs.press('Control+Alt+Enter');
    await vs.answer('return the sum again');
    const failure = vs.toast('Try Again');
    await failure.waitFor();
    await vs.shot('failure');
    await model.comesBack();
    await model.says({ text: reply, last: 'return the sum again' });
    await failure.getByRole('button', { name: 'Try Again' }).click();
    await vs.holds(edited);

    // A model that only talks: a larger one can be asked instead.
    for (let i = 0; i < 2; i++) await model.says({ text: 'It is a matter of taste.', model: 'qwen2.5-coder:3b' });
    await model.says({ text: reply, model: 'qwen2.5-coder:7b' });
    await vs.undo();
    await vs.holds(original);
    await vs.select(1, 3);
    const larger = vs.toast('Use a Larger Model');
    await vs.codeAction('Say What You Think', larger);
    await larger.getByRole('button', { name: 'Use a Larger Model' }).click();
    await vs.holds(edited);

    // What was written for a text that was changed meanwhile is not lost.
    await model.says({ text: reply, gates: [{ name: 'stale', after: 10 }] });
    await vs.undo();
    await vs.holds(original);
    await vs.select(1, 3);
    await vs.press('Control+Alt+Enter');
    await vs.answer('return the sum, slowly');
    await model.waitGate('stale');
    await vs.goto(2, 10);
    await vs.page.keyboard.type('1 + ');
    await model.release('stale');
    const stale = vs.toast('changed while the model wrote');
    await stale.getByRole('button', { name: 'Show Diff' }).click();
    await vs.page.locator('.tab.active', { hasText: '.diff' }).waitFor();
    await until('the diff tells what was written', async () => (await vs.picture()).includes('+  return a + b;'));
    await vs.page.locator('.tab', { hasText: 'sum.ts' }).click();
    await vs.holds(original.replace('0', '1 + 0'));
    await vs.undo();

    // No program: said with what to do.
    server.settings({ 'hob.path': path.join(vs.folder, 'absent') });
    const missing = vs.toast('no program that can be started');
    await missing.waitFor();
    await vs.statusSays('Hob is not running');
    await missing.getByRole('button', { name: 'How to Install' }).click();
    await vs.page.locator('.gettingStartedContainer', { hasText: 'Have a model' }).waitFor();

    // The one that came with the extension.
    const own = path.join(server.extension(), 'bin');
    fs.mkdirSync(own);
    fs.symlinkSync(env('E2E_HOB'), path.join(own, 'hob'));
    server.settings({ 'hob.path': '' });
    await vs.ready();
    fs.rmSync(own, { recursive: true });
  },
};
