// The keys of the manifest take nothing away: where VS Code binds one by default, the two never apply at once. And a
// program that never answers is ended.
import fs from 'node:fs';
import path from 'node:path';
import type { Case } from '../run.ts';
import { equal, ok, until } from '../until.ts';

interface Binding {
  key: string;
  command: string;
  when?: string;
}

/** Defaults with the same key as ours, each for where ours does not apply: find and search, questions, chats. */
const shared = [
  'editor.action.replaceAll',
  'quickInput.accept',
  'search.action.replaceAll',
  'workbench.action.chat.openSessionInNewEditorGroup',
  'workbench.action.chat.runInTerminal',
  'workbench.action.chat.skipTool',
  'workbench.action.terminal.chat.insertCommand',
  'workbench.action.terminal.chat.insertFirstCommand',
];

/** A program that starts and says nothing. */
const mute = '#!/bin/sh\necho $$ >"${folder}/pid"\nexec sleep 300\n';

export const keys: Case = {
  files: { 'a.txt': 'a\n', 'mute.sh': mute },
  async run(vs, _, server) {
    // No server is needed here, so that meanwhile one is given up that does not answer.
    const program = path.join(vs.folder, 'mute.sh');
    fs.chmodSync(program, 0o755);
    server.settings({ 'hob.path': program });
    const pid = await until('the mute program is started', () => Number(vs.read('pid')));

    await vs.command('Preferences: Open Default Keyboard Shortcuts (JSON)');
    await vs.focusEditor();
    const text = await until('the default keys are there', async () => {
      await vs.press('Control+KeyA', 'Control+KeyC');
      const copied = await vs.page.evaluate(() => navigator.clipboard.readText());
      return copied.includes('"command"') ? copied : '';
    });
    const defaults: Binding[] = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1).replace(/^\s*\/\/.*$/gm, ''));
    ok(defaults.length > 500, 'all default keys were read');
    const manifest = JSON.parse(fs.readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    const own: Binding[] = manifest.contributes.keybindings;
    // Keys of a proposal apply only while there is one; the others always.
    const always = own.filter((binding) => !/hob\.(reviewing|writing|atHunk)/.test(binding.when ?? ''));
    equal(always.map(({ command }) => command), ['hob.ui.edit', 'hob.ui.generate'], 'keys that always apply');
    const theirs = defaults.filter((d) => d.key === always[0].key && !d.command.startsWith('hob.'));
    equal(theirs.map(({ command }) => command).filter((command) => !shared.includes(command)), [], 'default keys that are taken away');

    await vs.toast('mute.sh did not start: no answer').waitFor();
    await vs.statusSays('Hob is not running');
    await until('the mute program is gone', () => !fs.existsSync(`/proc/${pid}`));
  },
};
