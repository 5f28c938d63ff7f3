// The connection to the server: one object that owns everything and can be stopped and started again.
import * as vscode from 'vscode';
import {
  ApplyWorkspaceEditParams,
  CancellationToken,
  CloseAction,
  ConfigurationParams,
  CreateFile,
  DidChangeConfigurationNotification,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  LanguageClientOptions,
  LSPErrorCodes,
  Middleware,
  ProgressToken,
  ResponseError,
  State,
  TransportKind,
  WorkDoneProgressBegin,
  WorkDoneProgressCancelNotification,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import { findServer, serverSettings, type Manifest } from './config';
import { InputRequest, JobDone, StatusChanged, type JobResult } from './protocol';
import { StatusItem } from './status';

/** How often a server that ends by itself is started again within how long. */
const restarts = { most: 4, within: 3 * 60 * 1000 };

export class Client implements vscode.Disposable {
  readonly status = new StatusItem();
  readonly log = vscode.window.createOutputChannel('Hob', { log: true });
  private readonly answers = new Answers();
  private readonly own: vscode.Disposable[];
  private language: LanguageClient | undefined;
  private ends: number[] = []; // when the server ended by itself

  constructor(private readonly manifest: Manifest) {
    this.own = [
      this.status,
      this.log,
      this.answers,
      vscode.workspace.onDidChangeConfiguration((change) => this.configured(change)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
    ];
  }

  /** The running connection, or undefined. */
  get running(): LanguageClient | undefined {
    return this.language?.state === State.Running ? this.language : undefined;
  }

  async start(): Promise<void> {
    const found = findServer(vscode.workspace.getConfiguration('hob').get<string>('path', ''));
    if ('problem' in found) return this.cannotStart(found.problem);
    this.status.setLife('starting');
    const language = new LanguageClient(
      'hob',
      'Hob',
      { command: found.command, args: ['serve'], transport: TransportKind.stdio },
      this.options(),
    );
    this.language = language;
    language.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...(capabilities.experimental as object), hob: { input: true, buttons: true } };
      },
      initialize: () => {},
      getState: () => ({ kind: 'static' }),
      clear: () => {},
    });
    language.onRequest(InputRequest, ({ title, placeholder }, token) => ask(title, placeholder, token));
    language.onNotification(JobDone, (result) => this.done(result));
    language.onNotification(StatusChanged, (status) => this.status.setStatus(status));
    language.onDidChangeState(({ newState }) => {
      const life = newState === State.Running ? 'running' : newState === State.Starting ? 'starting' : 'stopped';
      this.status.setLife(life);
      void vscode.commands.executeCommand('setContext', 'hob.running', life === 'running');
    });
    try {
      await language.start();
    } catch (err) {
      this.cannotStart(`${found.command} did not start: ${text(err)}`);
    }
  }

  async stop(): Promise<void> {
    const language = this.language;
    this.language = undefined;
    if (language && language.state !== State.Stopped) {
      await language.stop().catch((err: unknown) => this.log.warn(`stopping: ${text(err)}`));
    }
    await language?.dispose().catch((err: unknown) => this.log.debug(`disposing: ${text(err)}`));
  }

  async restart(): Promise<void> {
    this.ends = [];
    await this.stop();
    await this.start();
  }

  /** Sends a command of the server. Its refusal is shown to the user; undefined then. */
  async execute<Result>(command: string, ...args: unknown[]): Promise<Result | undefined> {
    const language = this.running;
    if (!language) {
      this.cannotStart('The server of Hob is not running.');
      return undefined;
    }
    try {
      return (await language.sendRequest(ExecuteCommandRequest.type, { command, arguments: args })) as Result;
    } catch (err) {
      if (err instanceof ResponseError && err.code === LSPErrorCodes.RequestCancelled) return undefined;
      this.log.error(`${command}: ${text(err)}`);
      void vscode.window.showErrorMessage(`Hob: ${text(err)}`);
      return undefined;
    }
  }

  dispose(): void {
    void this.stop();
    for (const d of this.own) d.dispose();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: 'file' }],
      outputChannel: this.log,
      initializationOptions: () => ({ hob: serverSettings(this.manifest) }),
      middleware: this.middleware(),
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => this.closed(),
      },
      initializationFailedHandler: () => false, // start fails, which is shown there
    };
  }

  private middleware(): Middleware {
    return {
      handleWorkDoneProgress: (token, progress, next) => this.progress(token, progress, next),
      // The library registers the server's commands, which code actions run; it would hide why one failed.
      executeCommand: (command, args) => this.execute(command, ...(args as unknown[])),
      workspace: {
        configuration: (params: ConfigurationParams) =>
          params.items.map((item) => (item.section === 'hob' ? serverSettings(this.manifest) : null)),
        handleApplyEdit: async (params, next) => {
          const result = await next(params, CancellationToken.None);
          if (!(result instanceof ResponseError) && result.applied) await showNew(params);
          return result;
        },
      },
    };
  }

  /** The server ended by itself: it is started again, unless that happens over and over. */
  private closed() {
    const now = Date.now();
    this.ends = [...this.ends.filter((t) => now - t < restarts.within), now];
    if (this.ends.length <= restarts.most) return { action: CloseAction.Restart, handled: true };
    this.cannotStart(`The server of Hob ended ${this.ends.length} times within three minutes.`);
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  /** Says why there is no server and offers what to do about it. */
  private cannotStart(problem: string): void {
    this.status.setLife('stopped');
    this.log.error(problem);
    const choices: Record<string, () => unknown> = {
      'Open Settings': () => vscode.commands.executeCommand('workbench.action.openSettings', 'hob.path'),
      Retry: () => this.restart(),
      'Show Log': () => this.log.show(),
    };
    void vscode.window.showErrorMessage(problem, ...Object.keys(choices)).then((choice) => choice && choices[choice]());
  }

  private configured(change: vscode.ConfigurationChangeEvent): void {
    if (change.affectsConfiguration('hob.path')) {
      void this.restart();
    } else if (change.affectsConfiguration('hob')) {
      void this.running?.sendNotification(DidChangeConfigurationNotification.type, {
        settings: { hob: serverSettings(this.manifest) },
      });
    }
  }

  private done(result: JobResult): void {
    this.status.ended(result);
    if (result.status === 'answered' && result.answer) void this.answers.show(result);
  }

  private readonly bars = new Map<ProgressToken, { report(p: WorkDoneProgressReport): void; end(): void }>();

  /** Progress as a notification with a button: VS Code's own, in the status bar, can't be cancelled. */
  private progress(
    token: ProgressToken,
    progress: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd,
    next: (token: ProgressToken, progress: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) => void,
  ): void {
    const language = this.language;
    if (progress.kind === 'begin' && progress.cancellable && language) {
      const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title: progress.title };
      void vscode.window.withProgress(options, (bar, cancel) => {
        bar.report({ message: progress.message });
        cancel.onCancellationRequested(() => void language.sendNotification(WorkDoneProgressCancelNotification.type, { token }));
        return new Promise<void>((end) => {
          this.bars.set(token, { end, report: (p) => bar.report({ message: p.message }) });
          // A server that is gone ends no progress.
          const gone = language.onDidChangeState(({ newState }) => {
            if (newState === State.Stopped) this.bars.get(token)?.end();
            if (newState === State.Stopped) gone.dispose();
          });
        });
      });
      return;
    }
    const bar = this.bars.get(token);
    if (!bar) return next(token, progress);
    if (progress.kind === 'report') bar.report(progress);
    if (progress.kind === 'end') {
      bar.end();
      this.bars.delete(token);
    }
  }
}

/** Asks for the instruction of an action. */
async function ask(title: string, placeholder: string, token: CancellationToken): Promise<{ value: string } | null> {
  const value = await vscode.window.showInputBox({ title: `Hob: ${title}`, placeHolder: placeholder, ignoreFocusOut: true }, token);
  return value?.trim() ? { value } : null;
}

/** Shows a file that an edit created. */
async function showNew(params: ApplyWorkspaceEditParams): Promise<void> {
  const created = (params.edit.documentChanges ?? []).filter((change): change is CreateFile => 'kind' in change && change.kind === 'create');
  for (const { uri } of created) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    await vscode.window.showTextDocument(document, { preview: false });
  }
}

/** Answers as documents of their own scheme, shown as a preview of Markdown. */
class Answers implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private static readonly scheme = 'hob-answer';
  private static readonly kept = 32;
  private readonly texts = new Map<string, string>();
  private readonly provider = vscode.workspace.registerTextDocumentContentProvider(Answers.scheme, this);
  private count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? 'This answer is no longer there: ask again.';
  }

  async show(result: JobResult): Promise<void> {
    const title = result.action[0].toUpperCase() + result.action.slice(1);
    const uri = vscode.Uri.from({ scheme: Answers.scheme, path: `/${title} ${++this.count}.md` });
    const by = result.model ? `\n\n---\n\n*${result.model}*\n` : '\n';
    this.texts.set(uri.path, result.answer + by);
    for (const key of [...this.texts.keys()].slice(0, -Answers.kept)) this.texts.delete(key);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  dispose(): void {
    this.provider.dispose();
  }
}

function text(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}
