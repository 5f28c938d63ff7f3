// The one context of the extension: it owns the connection, what is shown and what is remembered.
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { Client, type Owner } from './client';
import type { Manifest } from './config';
import { Contexts } from './contexts';
import { Instructions } from './instruction';
import { confirm } from './plan';
import { Preview } from './preview';
import { InputRequest, JobDone, JobProgressed, PlanRequest, ReviewRequest, StatusChanged, type JobParams, type JobResult, type ReviewParams } from './protocol';
import { Steps } from './start';
import { StatusItem, type Life } from './status';
import { Texts } from './texts';
import * as trouble from './trouble';

export class Hob implements vscode.Disposable, Owner {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly log = vscode.window.createOutputChannel('Hob', { log: true });
  readonly status = new StatusItem();
  readonly instructions: Instructions;
  readonly texts = new Texts();
  readonly steps = new Steps();
  readonly client: Client;
  readonly preview: Preview;
  private readonly contexts = new Contexts();
  private session = new vscode.CancellationTokenSource(); // ends with the server: what it asked nobody waits for

  constructor(readonly extension: vscode.ExtensionContext) {
    this.manifest = extension.extension.packageJSON;
    this.folder = extension.extensionPath;
    this.instructions = new Instructions(extension.globalState);
    this.preview = new Preview({
      texts: this.texts,
      cancel: (job) => this.client.execute('hob.cancel', { job }),
      retry: (params) => this.again(params),
      shown: (job) => this.client.bars.hide(job),
      applying: () => this.client.applying,
    });
    this.client = new Client(this);
  }

  listen(language: LanguageClient): void {
    language.onRequest(InputRequest, async ({ title, placeholder }, token) => {
      const value = await this.client.bars.asking(async () => {
        const said = await this.instructions.ask(`Hob: ${title}`, placeholder, this.during(token));
        if (said !== undefined) this.preview.said(); // it is seen from now on, so that it needs no notification
        return said;
      });
      return value === undefined ? null : { value };
    });
    language.onRequest(ReviewRequest, (params, token) => this.preview.review(params, token));
    language.onRequest(PlanRequest, (plan, token) => this.client.bars.asking(async () => {
      const wanted = this.during(token);
      // The list would take the place of a box that is open, and Enter be its.
      for (let box; box !== this.instructions.asked; ) await (box = this.instructions.asked);
      return wanted.isCancellationRequested ? null : confirm(plan, wanted);
    }));
    language.onNotification(JobProgressed, (progress) => {
      this.preview.progress(progress); // first what is waited for
      this.status.progress(progress);
    });
    language.onNotification(JobDone, (result) => this.done(result));
    language.onNotification(StatusChanged, (status) => {
      this.status.setStatus(status);
      if (status.state !== 'degraded' && Object.values(status.models).some((model) => model)) this.steps.finish('model');
    });
  }

  sent(command: string, [params]: unknown[], reply: Promise<unknown>): void {
    this.preview.sent(command, (params ?? {}) as JobParams, reply as Promise<{ job?: string } | undefined>);
  }

  life(life: Life): void {
    this.status.setLife(life);
    if (life !== 'running') {
      this.preview.clear();
      this.session.cancel();
      this.session = new vscode.CancellationTokenSource();
    }
    this.contexts.set('hob.running', life === 'running');
    if (life === 'running') this.steps.finish('server');
  }

  trouble(what: trouble.Trouble): void {
    void trouble.show(what, { retry: () => this.client.restart(), log: () => this.log.show() });
  }

  seen(job: string): boolean {
    return this.preview.shows(job);
  }

  dispose(): void {
    for (const d of [this.client, this.preview, this.status, this.texts, this.steps, this.log]) d.dispose();
  }

  /** A token that ends with the server, too. */
  private during(token: vscode.CancellationToken): vscode.CancellationToken {
    const either = new vscode.CancellationTokenSource();
    for (const one of [token, this.session.token]) {
      if (one.isCancellationRequested) either.cancel();
      one.onCancellationRequested(() => either.cancel());
    }
    return either.token;
  }

  private done(result: JobResult): void {
    this.preview.ended(result);
    this.status.ended(result);
    // What a review found are diagnostics, and its tally is a message of the server.
    if (result.status === 'answered' && result.answer && result.action !== 'review') void this.texts.showAnswer(result);
  }

  /** How to try a proposal again, as the user says. */
  private async again({ action, tier }: ReviewParams): Promise<{ prompt?: string; tier?: string } | undefined> {
    const next = this.status.larger(tier);
    const items = [
      { label: '$(edit) Another instruction…', run: async () => {
        const prompt = await this.instructions.ask(`Hob: ${action} again`, 'What should Hob do?');
        return prompt === undefined ? undefined : { prompt };
      } },
      ...(next ? [{ label: '$(rocket) A larger model', description: next.model, run: async () => ({ tier: next.tier }) }] : []),
      { label: '$(refresh) The same again', run: async () => ({}) },
    ];
    const picked = await vscode.window.showQuickPick(items, { title: 'Hob: try again with' });
    return picked?.run();
  }
}
