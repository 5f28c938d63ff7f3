// The commands of the palette and the menus. Their ids differ from the server's, which the library
// registers itself.
import * as vscode from 'vscode';
import type { Client } from './client';
import type { Action, JobParams, Status } from './protocol';
import { describe, fileName, modelsOf } from './status';

/** The server's command of each action. */
const commands: Record<Action, string> = {
  edit: 'hob.edit',
  generate: 'hob.generate',
  component: 'hob.component',
  document: 'hob.document',
  implement: 'hob.implement',
  test: 'hob.test',
  explain: 'hob.explain',
  review: 'hob.review',
  refactor: 'hob.refactor',
  run: 'hob.run',
  fix: 'hob.fix',
};

export function registerCommands(client: Client): vscode.Disposable[] {
  const register = (id: string, run: (...args: any[]) => unknown) => vscode.commands.registerCommand(id, run);
  return [
    register('hob.ui.edit', () => here(client, 'edit')),
    register('hob.ui.generate', () => here(client, 'generate')),
    register('hob.ui.document', () => here(client, 'document')),
    register('hob.ui.implement', () => here(client, 'implement')),
    register('hob.ui.test', () => here(client, 'test')),
    register('hob.ui.explain', () => here(client, 'explain')),
    register('hob.ui.review', () => here(client, 'review')),
    register('hob.ui.refactor', () => here(client, 'refactor')),
    // The commands that the project defines for itself are in the server's menu.
    register('hob.ui.run', () => vscode.commands.executeCommand('editor.action.codeAction', { kind: 'refactor.rewrite.hob.run', apply: 'never' })),
    register('hob.ui.component', (folder?: vscode.Uri) => component(client, folder)),
    register('hob.ui.fix', () => fix(client)),
    register('hob.ui.cancel', () => cancel(client)),
    register('hob.ui.revert', () => client.execute('hob.revert', {})),
    register('hob.ui.status', () => showStatus(client)),
    register('hob.ui.log', () => client.log.show()),
    register('hob.ui.restart', () => client.restart()),
  ];
}

/** Where a job is to work: the document and the selection of the active editor. */
function target(client: Client): JobParams | undefined {
  const editor = vscode.window.activeTextEditor;
  const convert = client.running?.code2ProtocolConverter;
  if (!editor || !convert) return undefined;
  return {
    uri: convert.asUri(editor.document.uri),
    version: editor.document.version,
    range: convert.asRange(editor.selection),
  };
}

/** Starts an action at the selection. The server asks for an instruction where it needs one. */
async function here(client: Client, action: Action): Promise<void> {
  const params = target(client);
  if (!params && client.running) return void vscode.window.showInformationMessage('Hob: open a file first.');
  await client.execute(commands[action], params ?? {});
}

/** From the explorer in that folder, else beside the active file. */
async function component(client: Client, folder?: vscode.Uri): Promise<void> {
  const params = folder ? { uri: client.running?.code2ProtocolConverter.asUri(folder) } : target(client);
  await client.execute(commands.component, params ?? {});
}

async function fix(client: Client): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const params = target(client);
  if (!editor || !params) return here(client, 'fix');
  const { selection, document } = editor;
  const lines = new vscode.Range(selection.start.line, 0, selection.end.line, Number.MAX_SAFE_INTEGER);
  const found = vscode.languages
    .getDiagnostics(document.uri)
    .filter((d) => d.range.intersection(lines))
    .sort((a, b) => a.severity - b.severity);
  if (found.length === 0) return void vscode.window.showInformationMessage('Hob: there is no problem on this line to fix.');
  const one = found.length === 1 ? found[0] : await pickProblem(found);
  const convert = client.running?.code2ProtocolConverter;
  if (!one || !convert) return;
  await client.execute(commands.fix, { ...params, range: convert.asRange(one.range), diagnostics: await convert.asDiagnostics([one]) });
}

async function pickProblem(found: vscode.Diagnostic[]): Promise<vscode.Diagnostic | undefined> {
  const items = found.map((d) => ({ label: d.message.replace(/\s+/g, ' '), description: d.source, d }));
  return (await vscode.window.showQuickPick(items, { title: 'Hob: fix which problem?' }))?.d;
}

type Job = Status['jobs'][number];

function jobItem(job: Job): vscode.QuickPickItem & { job: Job } {
  return { label: `$(close) Cancel ${job.action} ${fileName(job.uri)}`, description: job.state, job };
}

async function stop(client: Client, job: Job): Promise<void> {
  await client.execute('hob.cancel', { job: job.job });
}

async function cancel(client: Client): Promise<void> {
  const status = await client.execute<Status>('hob.status');
  if (!status) return;
  const jobs = status.jobs;
  if (jobs.length === 0) return void vscode.window.showInformationMessage('Hob: no job is running.');
  if (jobs.length === 1) return stop(client, jobs[0]);
  const picked = await vscode.window.showQuickPick(jobs.map(jobItem), { title: 'Hob: cancel which job?' });
  if (picked) await stop(client, picked.job);
}

/** What runs, what ended and how, and what can be done. */
async function showStatus(client: Client): Promise<void> {
  const status = client.running && (await client.execute<Status>('hob.status'));
  type Item = vscode.QuickPickItem & { run?: () => unknown };
  const title = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: Item[] = [];
  if (status?.jobs.length) {
    items.push(title('Running'), ...status.jobs.map((job) => ({ ...jobItem(job), run: () => stop(client, job) })));
  }
  if (status) {
    const models = modelsOf(status).map(([tier, model]) => ({ label: `$(server) ${model}`, description: tier }));
    items.push(title('Models'), ...(models.length ? models : [{ label: `$(warning) ${status.message || 'none'}` }]));
  }
  const results = client.status.results.slice(0, 5);
  if (results.length) items.push(title('Ended'), ...results.map((r) => ({ label: `$(history) ${describe(r)}` })));
  items.push(
    title(''),
    { label: '$(output) Show Log', run: () => client.log.show() },
    { label: '$(gear) Open Settings', run: () => vscode.commands.executeCommand('workbench.action.openSettings', 'hob.') },
    { label: '$(debug-restart) Restart', run: () => client.restart() },
  );
  const heading = status ? `Hob is ${status.state}` : 'Hob is not running';
  const picked = await vscode.window.showQuickPick(items, { title: heading, placeHolder: status?.message || undefined });
  await picked?.run?.();
}
