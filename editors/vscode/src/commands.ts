// The commands of the palette, the menus and the keys. Their ids differ from the server's, which the library
// registers itself.
import * as vscode from 'vscode';
import { instructs } from './ahead';
import { carried } from './carried';
import { same } from './documents';
import type { Hob } from './hob';
import { pickJobToCancel, showStatus } from './menu';
import type { Action, JobParams } from './protocol';
import { openSample, pullModel } from './start';
import { howToInstall } from './trouble';

/** The server's command of each action, and what to ask before it, where it can't do without an instruction. */
const actions: Record<Action, { id: string; ask?: [title: string, placeholder: string] }> = {
  edit: { id: 'hob.edit', ask: ['edit the selection', 'What should be different?'] },
  generate: { id: 'hob.generate', ask: ['generate here', 'What should stand here?'] },
  component: { id: 'hob.component', ask: ['generate a component', 'A PriceTag that shows a price with its currency'] },
  document: { id: 'hob.document' },
  implement: { id: 'hob.implement' },
  test: { id: 'hob.test' },
  explain: { id: 'hob.explain' },
  review: { id: 'hob.review' },
  refactor: { id: 'hob.refactor', ask: ['refactor across files', 'Rename Item to Product everywhere'] },
  run: { id: 'hob.run' },
  fix: { id: 'hob.fix' },
};

export function registerCommands(hob: Hob): vscode.Disposable[] {
  const register = (id: string, run: (...args: any[]) => unknown) => vscode.commands.registerCommand(id, run);
  const { preview } = hob;
  return [
    register('hob.ui.edit', () => here(hob, 'edit')),
    register('hob.ui.generate', () => here(hob, 'generate')),
    register('hob.ui.document', () => here(hob, 'document')),
    register('hob.ui.implement', () => here(hob, 'implement')),
    register('hob.ui.test', () => here(hob, 'test')),
    register('hob.ui.explain', () => here(hob, 'explain')),
    register('hob.ui.review', () => here(hob, 'review')),
    register('hob.ui.refactor', () => here(hob, 'refactor')),
    // The commands that the project defines for itself are in the server's menu.
    register('hob.ui.run', () => vscode.commands.executeCommand('editor.action.codeAction', { kind: 'refactor.rewrite.hob.run', apply: 'never' })),
    register('hob.ui.component', (folder?: vscode.Uri) => component(hob, folder)),
    register('hob.ui.fix', () => fix(hob)),
    register('hob.ui.accept', (job: unknown) => preview.decideAll(true, named(job))),
    register('hob.ui.reject', (job: unknown) => preview.decideAll(false, named(job))),
    register('hob.ui.acceptHunk', (job?: string, hunk?: number) => preview.decide(true, job, hunk)),
    register('hob.ui.rejectHunk', (job?: string, hunk?: number) => preview.decide(false, job, hunk)),
    register('hob.ui.next', () => preview.step(1)),
    register('hob.ui.previous', () => preview.step(-1)),
    register('hob.ui.retry', (job?: string) => preview.retry(job)),
    register('hob.ui.diff', (job: unknown) => preview.diff(named(job))),
    register('hob.ui.cancel', () => pickJobToCancel(hob)),
    register('hob.ui.revert', () => hob.client.execute('hob.revert', {})),
    register('hob.ui.status', () => showStatus(hob)),
    register('hob.ui.log', () => hob.log.show()),
    register('hob.ui.restart', () => hob.client.restart()),
    register('hob.ui.start', () => howToInstall()),
    register('hob.ui.pull', () => pullModel()),
    register('hob.ui.sample', () => openSample(hob.extension.globalStorageUri)),
  ];
}

/** The job that a lens names; a button in the title of an editor gives the URI of what is open, and means what is there. */
function named(job: unknown): string | undefined {
  return typeof job === 'string' ? job : undefined;
}

/** Where a job is to work: the document and the selection of the active editor. */
function target(hob: Hob): JobParams | undefined {
  const editor = vscode.window.activeTextEditor;
  const convert = hob.client.running?.code2ProtocolConverter;
  if (!editor || !convert) return undefined;
  return {
    uri: convert.asUri(editor.document.uri),
    version: editor.document.version,
    range: convert.asRange(editor.selection),
  };
}

/** Starts an action at the selection. */
async function here(hob: Hob, action: Action): Promise<void> {
  const params = target(hob);
  if (!params && hob.client.running) return void vscode.window.showInformationMessage('Hob: open a file first.');
  await start(hob, action, params ?? {});
}

/** From the explorer in that folder, else beside the active file, else where the project keeps them. */
async function component(hob: Hob, folder?: vscode.Uri): Promise<void> {
  const beside = target(hob);
  const params = folder ? { uri: hob.client.running?.code2ProtocolConverter.asUri(folder) } : beside?.uri?.startsWith('file:') ? beside : {};
  await start(hob, 'component', params);
}

/** Asks for the instruction, while which the model reads the code already, and starts the job. */
async function start(hob: Hob, action: Action, params: JobParams): Promise<void> {
  const { id, ask } = actions[action];
  // Generate finds its instruction in a comment at the cursor, if there is one.
  if (ask && !(action === 'generate' && commented())) {
    if (params.range) hob.client.prewarm(params);
    const prompt = await during(params, () => hob.instructions.ask(`Hob: ${ask[0]}`, ask[1]));
    if (prompt === undefined) return;
    params.prompt = prompt;
  }
  await hob.client.execute(id, params);
}

/** Keeps where a job is to work true while the user is asked: the server knows only the last versions of what is typed meanwhile. */
async function during<T>(params: JobParams, question: () => Promise<T>): Promise<T> {
  const typed = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (!params.uri || !params.range || !same(params.uri, document.uri.toString())) return;
    for (const { range, text } of contentChanges) params.range = carried(params.range, range, text);
    params.version = document.version;
  });
  try {
    return await question();
  } finally {
    typed.dispose();
  }
}

/** Whether the cursor is on a comment that tells Hob what to do. */
function commented(): boolean {
  const editor = vscode.window.activeTextEditor;
  return instructs(editor?.document.lineAt(editor.selection.active.line).text);
}

async function fix(hob: Hob): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const params = target(hob);
  if (!editor || !params) return here(hob, 'fix');
  const { selection, document } = editor;
  const lines = new vscode.Range(selection.start.line, 0, selection.end.line, Number.MAX_SAFE_INTEGER);
  const found = vscode.languages
    .getDiagnostics(document.uri)
    .filter((d) => d.range.intersection(lines))
    .sort((a, b) => a.severity - b.severity);
  if (found.length === 0) return void vscode.window.showInformationMessage('Hob: there is no problem on this line to fix.');
  const one = found.length === 1 ? found[0] : await pickProblem(found);
  const convert = hob.client.running?.code2ProtocolConverter;
  if (!one || !convert) return;
  await start(hob, 'fix', { ...params, range: convert.asRange(one.range), diagnostics: await convert.asDiagnostics([one]) });
}

async function pickProblem(found: vscode.Diagnostic[]): Promise<vscode.Diagnostic | undefined> {
  const items = found.map((d) => ({ label: d.message.replace(/\s+/g, ' '), description: d.source, d }));
  return (await vscode.window.showQuickPick(items, { title: 'Hob: fix which problem?' }))?.d;
}
