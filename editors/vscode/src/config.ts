// The user's settings: what of them is the server's, and where the server is.
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import * as vscode from 'vscode';

/** Keys of the section "hob" that the extension itself reads. */
const own = new Set(['path', 'preview', 'announce', 'trace.server']);

/** The part of the manifest that declares settings. */
export interface Manifest {
  contributes: { configuration: { properties: Record<string, unknown> } };
}

/** The keys that are the server's, without the section: "models.fast", ... */
export function serverKeys(manifest: Manifest): string[] {
  return Object.keys(manifest.contributes.configuration.properties)
    .map((key) => key.replace(/^hob\./, ''))
    .filter((key) => !own.has(key));
}

/**
 * What the user set, as the server reads it: {models: {fast: "…"}}. A key that was not set is left
 * out, so that the server's own files and defaults hold.
 */
export function serverSettings(manifest: Manifest): Record<string, unknown> {
  const section = vscode.workspace.getConfiguration('hob');
  const out: Record<string, unknown> = {};
  for (const key of serverKeys(manifest)) {
    const at = section.inspect(key);
    const set = [at?.globalValue, at?.workspaceValue, at?.workspaceFolderValue];
    if (set.every((value) => value === undefined)) continue;
    const names = key.split('.');
    let table = out;
    for (const name of names.slice(0, -1)) table = (table[name] ??= {}) as Record<string, unknown>;
    // get, not inspect, knows which of them counts: a workspace that is not trusted sets less.
    table[names[names.length - 1]] = section.get(key);
  }
  return out;
}

/** The server that settings and PATH lead to, or why there is none. */
export type Found = { command: string } | { problem: string };

/** Finds the server: the setting hob.path, else hob in the PATH, else the one that came with the extension. */
export function findServer(setting: string, env: NodeJS.ProcessEnv, folder: string): Found {
  const wanted = setting.trim();
  if (wanted) {
    const command = wanted === '~' || /^~[/\\]/.test(wanted) ? path.join(os.homedir(), wanted.slice(1)) : wanted;
    if (!path.isAbsolute(command)) return { problem: `The setting hob.path is "${wanted}": give the whole path of the program.` };
    if (!executable(command)) return { problem: `The setting hob.path names ${command}, which is no program that can be started.` };
    return { command };
  }
  const name = process.platform === 'win32' ? 'hob.exe' : 'hob';
  // A relative entry of PATH would let a workspace choose the program.
  const dirs = (env.PATH ?? '').split(path.delimiter).filter((dir) => path.isAbsolute(dir));
  for (const dir of [...dirs, path.join(folder, 'bin')]) {
    const command = path.join(dir, name);
    if (executable(command)) return { command };
  }
  return { problem: 'The program hob is not in the PATH. Install it, or say in the setting hob.path where it is.' };
}

function executable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
