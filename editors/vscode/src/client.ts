// The connection to the server: found, started, started again when it ends by itself.
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
  MessageSignature,
  Middleware,
  ProgressToken,
  ResponseError,
  State,
  TransportKind,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageclient/node';
import { findServer, serverSettings, type Manifest } from './config';
import { Bars } from './progress';
import type { JobParams } from './protocol';
import type { Life } from './status';
import type { Trouble } from './trouble';

/** What the connection tells, and what it asks. */
export interface Owner {
  readonly manifest: Manifest;
  readonly log: vscode.LogOutputChannel;
  /** Folder of the extension, which may hold the server. */
  readonly folder: string;
  life(life: Life): void;
  trouble(trouble: Trouble): void;
  /** Registers what the server asks and tells. */
  listen(language: LanguageClient): void;
  /** A command of the server is on its way. */
  sent(command: string, args: unknown[], reply: Promise<unknown>): void;
  /** Whether a job is seen in an editor, so that it needs no notification. */
  seen(job: string): boolean;
}

/** How long to wait before a server that ended by itself is started again: longer each time, then no more. */
export function backOff(ends: number): number | undefined {
  return [0, 500, 2000, 8000][ends - 1];
}

/** How long a server may take to answer at all, in milliseconds. */
const patience = 30_000;

/** A server that ran this long has recovered. */
const recovered = 3 * 60 * 1000;

export class Client implements vscode.Disposable {
  readonly bars = new Bars(
    (token: ProgressToken) => void this.running?.sendNotification(WorkDoneProgressCancelNotification.type, { token }),
    (job) => this.owner.seen(job),
  );
  private language: LanguageClient | undefined;
  private edits = 0; // of the server that are being applied
  private ends: number[] = []; // when the server ended by itself
  private timer: NodeJS.Timeout | undefined;
  private turn = Promise.resolve(); // starts and stops, one after the other: two servers at once would share their commands
  private next: Promise<void> | undefined; // a restart whose turn has not come
  private readonly own: vscode.Disposable[];

  constructor(private readonly owner: Owner) {
    this.own = [
      vscode.workspace.onDidChangeConfiguration((change) => this.configured(change)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
    ];
  }

  /** The running connection, or undefined. */
  get running(): LanguageClient | undefined {
    return this.language?.state === State.Running ? this.language : undefined;
  }

  /** Whether an edit of the server is being applied. */
  get applying(): boolean {
    return this.edits > 0;
  }

  start(): Promise<void> {
    return this.inTurn(() => this.begin());
  }

  stop(): Promise<void> {
    clearTimeout(this.timer);
    return this.inTurn(() => this.end());
  }

  restart(): Promise<void> {
    this.ends = [];
    clearTimeout(this.timer);
    return this.renew();
  }

  /** Trust that is granted changes settings as well: what asks for another server meanwhile gets the same one. */
  private renew(): Promise<void> {
    return (this.next ??= this.inTurn(async () => {
      this.next = undefined;
      await this.end();
      await this.begin();
    }));
  }

  private inTurn(what: () => Promise<void>): Promise<void> {
    return (this.turn = this.turn.then(what).catch((err: unknown) => this.owner.log.error(text(err))));
  }

  private async begin(): Promise<void> {
    const found = findServer(vscode.workspace.getConfiguration('hob').get<string>('path', ''), process.env, this.owner.folder);
    if ('problem' in found) return this.failed({ kind: 'missing', message: found.problem });
    this.owner.life('starting');
    const program = { command: found.command, args: ['serve'], transport: TransportKind.stdio };
    const language: QuietClient = new QuietClient('hob', 'Hob', program, this.options(() => this.language === language));
    this.language = language;
    language.registerFeature({
      fillClientCapabilities: (capabilities) => {
        const hob = { input: true, buttons: true, preview: true, review: true, reviewNew: true, plan: true };
        capabilities.experimental = { ...(capabilities.experimental as object), hob };
      },
      initialize: () => {},
      getState: () => ({ kind: 'static' }),
      clear: () => {},
    });
    this.owner.listen(language);
    language.onDidChangeState(({ newState }) => {
      if (this.language !== language) return; // replaced meanwhile
      if (newState === State.Running) this.owner.life('running');
      if (newState === State.Stopped) this.bars.clear();
    });
    try {
      await within(patience, language.start());
    } catch (err) {
      if (this.language !== language) return;
      this.language = undefined;
      clearTimeout(this.timer);
      language.serverProcess?.kill('SIGKILL'); // the library stops none that did not answer
      if (this.ends.length > 0) return void this.closed(); // it ran before: its program may be replaced just now
      this.failed({ kind: 'broken', message: `${found.command} did not start: ${text(err)}` });
    }
  }

  private async end(): Promise<void> {
    const language = this.language;
    this.language = undefined;
    if (language && language.state !== State.Stopped) {
      await language.stop().catch((err: unknown) => this.owner.log.warn(`stopping: ${text(err)}`));
    }
    await language?.dispose().catch((err: unknown) => this.owner.log.debug(`disposing: ${text(err)}`));
    this.bars.clear(); // nobody hears a server that was stopped
  }

  /** Sends a command of the server. Its refusal is shown to the user; undefined then. */
  async execute<Result>(command: string, ...args: unknown[]): Promise<Result | undefined> {
    const language = this.running;
    if (!language) {
      this.owner.trouble({ kind: 'broken', message: 'the server is not running' });
      return undefined;
    }
    try {
      const reply = language.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
      this.owner.sent(command, args, reply);
      return (await reply) as Result;
    } catch (err) {
      if (err instanceof ResponseError && err.code === LSPErrorCodes.RequestCancelled) return undefined;
      if (language.state !== State.Running) return undefined; // it ended, which is told elsewhere
      this.owner.log.error(`${command}: ${text(err)}`);
      void vscode.window.showErrorMessage(`Hob: ${text(err)}`);
      return undefined;
    }
  }

  /** Lets the model read what an instruction will be about while it is typed. Nothing depends on it. */
  prewarm({ uri, range, version }: JobParams): void {
    const params = { command: 'hob.prewarm', arguments: [{ uri, range, version }] };
    void this.running?.sendRequest(ExecuteCommandRequest.type, params).catch((err: unknown) => this.owner.log.debug(`prewarm: ${text(err)}`));
  }

  dispose(): void {
    void this.stop();
    for (const d of this.own) d.dispose();
  }

  private options(current: () => boolean): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: 'file' }],
      outputChannel: this.owner.log,
      initializationOptions: () => ({ hob: serverSettings(this.owner.manifest) }),
      middleware: this.middleware(),
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }), // its end is told when it ends
        // One that ends before it has answered did not start, which is shown there.
        closed: () => (current() && this.running ? this.closed() : { action: CloseAction.DoNotRestart, handled: true }),
      },
      initializationFailedHandler: () => false, // start fails, which is shown there
    };
  }

  private middleware(): Middleware {
    return {
      handleWorkDoneProgress: (token, progress, next) => this.bars.handle(token, progress, next),
      // The library registers the server's commands, which code actions run; it would hide why one failed.
      executeCommand: (command, args) => this.execute(command, ...(args as unknown[])),
      workspace: {
        configuration: (params: ConfigurationParams) =>
          params.items.map((item) => (item.section === 'hob' ? serverSettings(this.owner.manifest) : null)),
        handleApplyEdit: async (params, next) => {
          this.edits++;
          const result = await Promise.resolve(next(params, CancellationToken.None)).finally(() => this.edits--);
          if (!(result instanceof ResponseError) && result.applied) await showNew(params).catch((err: unknown) => this.owner.log.warn(`showing what was made: ${text(err)}`));
          return result;
        },
      },
    };
  }

  /** The server ended by itself: it is started again after a while, unless that happens over and over. */
  private closed() {
    const now = Date.now();
    this.ends = [...this.ends.filter((t) => now - t < recovered), now];
    const wait = backOff(this.ends.length);
    if (wait === undefined) {
      this.failed({ kind: 'broken', message: `the server ended ${this.ends.length} times within three minutes` });
    } else {
      this.owner.life('starting');
      this.owner.log.warn(`the server ended; it is started again in ${wait} ms`);
      this.timer = setTimeout(() => void this.renew(), wait);
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private failed(trouble: Trouble): void {
    this.owner.life('stopped');
    this.owner.log.error(trouble.message);
    this.owner.trouble(trouble);
  }

  private configured(change: vscode.ConfigurationChangeEvent): void {
    if (change.affectsConfiguration('hob.path')) {
      void this.restart();
    } else if (change.affectsConfiguration('hob')) {
      void this.running?.sendNotification(DidChangeConfigurationNotification.type, {
        settings: { hob: serverSettings(this.owner.manifest) },
      });
    }
  }
}

/** The library tells of every request that fails, such as the menu's while the server ends; Hob tells of what the user did. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false); // Hob says it with what can be done
  }

  override handleFailedRequest<T>(
    type: MessageSignature, token: CancellationToken | undefined, error: unknown, otherwise: T, _show?: boolean, throwOnCancel?: boolean,
  ): T {
    return super.handleFailedRequest(type, token, error, otherwise, false, throwOnCancel);
  }
}

/** Shows the files that an edit created, the first in front, and saves them: on disk they would be empty. */
async function showNew(params: ApplyWorkspaceEditParams): Promise<void> {
  const created = (params.edit.documentChanges ?? []).filter((change): change is CreateFile => 'kind' in change && change.kind === 'create');
  for (const { uri } of created.reverse()) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    await vscode.window.showTextDocument(document, { preview: false });
    void document.save();
  }
}

/** Fails where a promise takes too long. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function text(err: unknown): string {
  return err instanceof Error ? err.message : String(err);
}
