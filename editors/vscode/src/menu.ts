// What runs, what ended and how, and what can be done about it: the list behind the item of the status bar.
import * as vscode from 'vscode';
import type { Hob } from './hob';
import type { Status } from './protocol';
import { describe, fileName, modelsOf } from './status';

type Job = Status['jobs'][number];
type Item = vscode.QuickPickItem & { run?: () => unknown };

function jobItem(hob: Hob, job: Job): Item {
  const label = `$(close) Cancel ${job.action} ${fileName(job.uri)}`;
  return { label, description: job.state, run: () => hob.client.execute('hob.cancel', { job: job.job }) };
}

export async function pickJobToCancel(hob: Hob): Promise<void> {
  const status = await hob.client.execute<Status>('hob.status');
  if (!status) return;
  const jobs = status.jobs.map((job) => jobItem(hob, job));
  if (jobs.length === 0) return void vscode.window.showInformationMessage('Hob: no job is running.');
  const picked = jobs.length === 1 ? jobs[0] : await vscode.window.showQuickPick(jobs, { title: 'Hob: cancel which job?' });
  await picked?.run?.();
}

export async function showStatus(hob: Hob): Promise<void> {
  const status = hob.client.running && (await hob.client.execute<Status>('hob.status'));
  const title = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: Item[] = [];
  if (status?.jobs.length) items.push(title('Running'), ...status.jobs.map((job) => jobItem(hob, job)));
  if (status) {
    const models = modelsOf(status).map(([tier, model]) => ({ label: `$(server) ${model}`, description: tier }));
    items.push(title('Models'), ...(models.length ? models : [{ label: `$(warning) ${status.message || 'none'}` }]));
  }
  const results = hob.status.results.slice(0, 5);
  if (results.length) {
    items.push(title('Ended'), ...results.map((r) => ({ label: `$(history) ${describe(r)}`, run: () => openFile(r.files?.[0]) })));
  }
  items.push(
    title(''),
    { label: '$(output) Show Log', run: () => hob.log.show() },
    { label: '$(gear) Open Settings', run: () => vscode.commands.executeCommand('workbench.action.openSettings', 'hob.') },
    { label: '$(debug-restart) Restart', run: () => hob.client.restart() },
    { label: '$(book) First Steps', run: () => vscode.commands.executeCommand('hob.ui.start') },
  );
  const heading = status ? `Hob is ${status.state}` : 'Hob is not running';
  const picked = await vscode.window.showQuickPick(items, { title: heading, placeHolder: status?.message || undefined });
  await picked?.run?.();
}

async function openFile(uri: string | undefined): Promise<void> {
  if (uri) await vscode.window.showTextDocument(vscode.Uri.parse(uri));
}
