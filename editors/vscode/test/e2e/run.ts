// Runs the cases, each in a window of its own, and ends with 1 where one fails.
import fs from 'node:fs';
import path from 'node:path';
import * as ahead from './cases/ahead.ts';
import * as answers from './cases/answers.ts';
import * as component from './cases/component.ts';
import * as edit from './cases/edit.ts';
import * as keys from './cases/keys.ts';
import * as pace from './cases/pace.ts';
import * as refactor from './cases/refactor.ts';
import * as several from './cases/several.ts';
import * as start from './cases/start.ts';
import * as symbols from './cases/symbols.ts';
import * as trouble from './cases/trouble.ts';
import * as trust from './cases/trust.ts';
import { Model } from './model.ts';
import { Server, env } from './server.ts';
import { ok } from './until.ts';
import { Workbench } from './workbench.ts';

/** What a user does in one window. */
export interface Case {
  /** The folder, by relative path; ${folder} in a text is its own. */
  files: Record<string, string>;
  /** Settings of the user beside those of all cases. */
  settings?: object;
  /** The file of the folder that names several folders, where there is one. */
  workspace?: string;
  run(vs: Workbench, model: Model, server: Server): Promise<void>;
}

// The longest, which waits for a program that never answers, is first: others run beside it.
const cases: Record<string, Case> = { ...keys, ...edit, ...several, ...ahead, ...component, ...symbols, ...answers, ...refactor, ...trouble, ...trust, ...start };
// What is measured is no test: it runs where it is asked for.
const figures: Record<string, Case> = { ...pace };

/** A browser beside other work loses a key now and then: a case that failed is run once more, alone, and both are told. */
async function main(): Promise<number> {
  const named = process.env.E2E_RUN ?? '';
  const only = new RegExp(named);
  const queue = Object.entries(named ? { ...cases, ...figures } : cases).filter(([name]) => only.test(name));
  const workers = Number(env('E2E_WORKERS'));
  const root = (i: number) => path.join(env('E2E_ROOT'), String(i));
  const failed = (await Promise.all(Array.from({ length: Math.min(workers, queue.length) }, (_, i) => work(root(i), queue)))).flat();
  if (failed.length === 0) return 0;
  const names = failed.map(([name]) => name).join(', ');
  const again = await work(root(workers), failed); // where nothing is left of the others
  if (again.length === 0) console.log(`UNSTEADY: ${names} failed, and did not when run once more`);
  return again.length > 0 ? 1 : 0;
}

/** Takes cases while there are any, and gives those that failed. */
async function work(root: string, queue: [string, Case][]): Promise<[string, Case][]> {
  const model = new Model(path.join(root, 'model.sock'));
  const server = await Server.start(root);
  const failed: [string, Case][] = [];
  try {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, one] = next;
      const began = Date.now();
      const problem = await runCase(server, model, name, one);
      console.log(`${problem ? 'FAIL' : 'ok'}  ${name}  ${((Date.now() - began) / 1000).toFixed(1)} s${problem ? '\n' + problem : ''}`);
      if (problem) failed.push(next);
    }
  } finally {
    await server.stop();
    model.close();
  }
  return failed;
}

/** What went wrong, "" if nothing did. */
async function runCase(server: Server, model: Model, name: string, one: Case): Promise<string> {
  const folder = path.join(server.root, 'work', name);
  for (const [file, text] of Object.entries(one.files)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text.replaceAll('${folder}', folder));
  }
  server.settings(one.settings ?? {});
  await model.begin();
  let vs: Workbench | undefined;
  try {
    vs = await Workbench.open(server, folder, one.workspace && path.join(folder, one.workspace));
    await one.run(vs, model, server);
    ok((await model.left()) <= 0, 'the model was not asked all that the case told it to say');
    return '';
  } catch (err) {
    const shot = path.join(server.root, `${name}.png`);
    await vs?.page.screenshot({ path: shot }).catch(() => {});
    const prompts = await model.prompts().catch(() => []);
    return [
      `the model was asked last: ${prompts.slice(-3).map((p) => p.slice(-300)).join('\n----\n')}`,
      ...(vs?.said.filter((line) => serious(line)).slice(-5).map((line) => line.split('\n')[0]) ?? []),
      `screenshot: ${shot}`,
      await Promise.race([vs?.looks().catch((gone: Error) => gone.message), new Promise((resolve) => setTimeout(resolve, 10_000, 'the window says nothing'))]),
      (err as Error).stack,
    ].join('\n');
  } finally {
    await vs?.close();
  }
}

/** Whether a line of the console is worth reading: modules that are not built log without them. */
function serious(line: string): boolean {
  return line.startsWith('error') && !line.includes('bindings file') && !line.includes('build/Release');
}

process.exitCode = await main();
