import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, test } from 'node:test';
import manifest from '../package.json';
import { findServer, serverKeys, serverSettings } from '../src/config';
import { settings } from './vscode';

afterEach(() => settings.clear());

test('only what the user set is sent, nested as the server reads it', () => {
  settings.set('hob.models.fast', { defaultValue: 'auto', globalValue: 'ollama/a:1b', workspaceValue: 'ollama/b:1b' });
  settings.set('hob.models.quality', { defaultValue: 'auto' });
  settings.set('hob.providers', { globalValue: { ollama: { url: 'http://127.0.0.1:1' } } });
  settings.set('hob.prewarm.prefill', { workspaceFolderValue: false });
  settings.set('hob.path', { globalValue: '/bin/hob' });
  settings.set('hob.trace.server', { globalValue: 'verbose' });
  assert.deepEqual(serverSettings(manifest), {
    models: { fast: 'ollama/b:1b' },
    providers: { ollama: { url: 'http://127.0.0.1:1' } },
    prewarm: { prefill: false },
  });
});

test('nothing is sent where nothing is set', () => assert.deepEqual(serverSettings(manifest), {}));

test('the keys are those of the manifest but for the own ones', () => {
  const keys = serverKeys(manifest);
  assert.ok(keys.includes('models.fast') && keys.includes('privacy.allow_remote'));
  assert.ok(!keys.includes('preview') && !keys.includes('path') && !keys.includes('announce') && !keys.includes('trace.server'));
});

test('a workspace can set nothing that starts programs, names servers or lets text out', () => {
  const properties: Record<string, { scope?: string; default?: unknown }> = manifest.contributes.configuration.properties;
  for (const [key, property] of Object.entries(properties)) {
    if (/^hob\.(providers|tools|privacy|status|cache\.(redis|s3))/.test(key)) assert.equal(property.scope, 'machine', key);
    // A default here would overrule the server's own files.
    if (!['hob.trace.server', 'hob.preview', 'hob.announce'].includes(key)) assert.equal(property.default, undefined, key);
  }
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ['hob.path']);
});

test('finding the server', (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'hob'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const program = path.join(dir, 'hob');
  fs.writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  fs.writeFileSync(path.join(dir, 'text'), '');
  const PATH = ['', 'relative', path.join(dir, 'absent'), dir].join(path.delimiter);

  assert.deepEqual(findServer('', { PATH }, '/nowhere'), { command: program });
  assert.deepEqual(findServer(` ${program} `, {}, '/nowhere'), { command: program });
  assert.match(JSON.stringify(findServer('', { PATH: '/nowhere' }, '/nowhere')), /not in the PATH.*hob\.path/);
  assert.match(JSON.stringify(findServer('', {}, '/nowhere')), /not in the PATH/);
  assert.match(JSON.stringify(findServer(path.join(dir, 'text'), { PATH }, '/nowhere')), /no program/);
  assert.match(JSON.stringify(findServer(dir, { PATH }, '/nowhere')), /no program/);
  assert.match(JSON.stringify(findServer('bin/hob', { PATH }, '/nowhere')), /whole path/);
  const own = bundled(dir);
  assert.deepEqual(findServer('', { PATH: '/nowhere' }, dir), { command: own });
  assert.deepEqual(findServer('', { PATH }, dir), { command: program });
  const home = path.relative(os.homedir(), program);
  assert.deepEqual(findServer(`~/${home}`, {}, '/nowhere'), { command: program });
});

/** A server that came with the extension. */
function bundled(dir: string): string {
  const program = path.join(dir, 'bin', 'hob');
  fs.mkdirSync(path.dirname(program), { recursive: true });
  fs.writeFileSync(program, '', { mode: 0o755 });
  return program;
}

test('a program in the current folder is not taken from a relative PATH', (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'hob'));
  const before = process.cwd();
  t.after(() => {
    process.chdir(before);
    fs.rmSync(dir, { recursive: true });
  });
  fs.writeFileSync(path.join(dir, 'hob'), '', { mode: 0o755 });
  process.chdir(dir);
  for (const PATH of ['.', '', `.${path.delimiter}`]) assert.ok('problem' in findServer('', { PATH }, '/nowhere'), PATH);
});
