// A workspace that is not trusted starts no program of its own; Hob works there with the user's.
import fs from 'node:fs';
import path from 'node:path';
import type { Case } from '../run.ts';
import { env } from '../server.ts';
import { ok, until } from '../until.ts';

const original = 'export const one = 0;\n';

export const untrusted: Case = {
  files: {
    'one.ts': original,
    'evil.sh': `#!/bin/sh\ntouch "$(dirname "$0")/started"\nexec '${env('E2E_HOB')}' "$@"\n`,
    '.vscode/settings.json': '{ "hob.path": "${folder}/evil.sh", "hob.models.fast": "ollama/qwen2.5-coder:7b" }\n',
  },
  settings: { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' },
  async run(vs, model) {
    fs.chmodSync(path.join(vs.folder, 'evil.sh'), 0o755);
    await vs.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await vs.openFile('one.ts');
    await vs.ready();
    await model.says({ text: '```ts\nexport const one = 1;\n```', last: 'make it 1' });
    await vs.select(1, 1);
    await vs.press('Control+Alt+Enter');
    await vs.answer('make it 1');
    await vs.decide('Control+Enter');
    await vs.holds('export const one = 1;\n');
    const started = () => fs.existsSync(path.join(vs.folder, 'started'));
    ok(!started(), 'the program of the workspace was not started');

    // Trusted, it may name the program, which is started in the place of the other at once.
    await vs.command('Workspaces: Manage Workspace Trust');
    await vs.page.locator('.workspace-trust-buttons').getByRole('button', { name: /^Trust(,|$)/ }).click();
    await until('the program of the workspace is started', started);
    await vs.ready();
    await model.says({ text: '```ts\nexport const one = 2;\n```', last: 'make it 2' });
    await vs.openFile('one.ts');
    await vs.select(1, 1);
    await vs.asks('Control+Alt+Enter');
    await vs.answer('make it 2');
    await vs.decide('Control+Enter');
    await vs.holds('export const one = 2;\n');
  },
};
