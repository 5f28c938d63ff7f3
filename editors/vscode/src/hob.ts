// The one context of the extension: it owns the connection, what is shown and what is remembered.
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { Client, type Owner } from './client';
import type { Manifest } from './config';
import { Instructions } from './instruction';
import { confirm } from './plan';
import { Preview } from './preview';
import { InputRequest, JobDone, JobProgressed, PlanRequest, ReviewRequest, StatusChanged, type JobResult, type ReviewParams } from './protocol';
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
  readonly client: Client;
  readonly preview: Preview;

  constructor(readonly extension: vscode.ExtensionContext) {
    this.manifest = extension.extension.packageJSON;
    this.folder = extension.extensionPath;
    this.instructions = new Instructions(extension.globalState);
    this.preview = new Preview({
      texts: this.texts,
      cancel: (job) => this.client.execute('hob.cancel', { job }),
      retry: (params) => this.again(params),
      shown: (job) => this.client.bars.hide(job),
    });
    this.client = new Client(this);
  }

  listen(language: LanguageClient): void {
    language.onRequest(InputRequest, async ({ title, placeholder }, token) => {
      const value = await this.client.bars.asking(() => this.instructions.ask(`Hob: ${title}`, placeholder, token));
      return value === undefined ? null : { value };
    });
    language.onRequest(ReviewRequest, (params, token) => this.preview.review(params, token));
    language.onRequest(PlanRequest, (plan, token) => this.client.bars.asking(() => confirm(plan, token)));
    language.onNotification(JobProgressed, (progress) => {
      this.status.progress(progress);
      this.preview.progress(progress);
    });
    language.onNotification(JobDone, (result) => this.done(result));
    language.onNotification(StatusChanged, (status) => {
      this.status.setStatus(status);
      this.context('hob.ready', status.state !== 'degraded' && Object.keys(status.models).length > 0);
      this.context('hob.busy', status.jobs.length > 0);
    });
  }

  life(life: Life): void {
    this.status.setLife(life);
    if (life !== 'running') this.preview.clear();
    this.context('hob.running', life === 'running');
  }

  trouble(what: trouble.Trouble): void {
    void trouble.show(what, { retry: () => this.client.restart(), log: () => this.log.show() });
  }

  seen(job: string): boolean {
    return this.preview.shows(job);
  }

  dispose(): void {
    for (const d of [this.client, this.preview, this.status, this.texts, this.log]) d.dispose();
  }

  private done(result: JobResult): void {
    this.preview.ended(result.job);
    this.status.ended(result);
    // What a review found are diagnostics, and its tally is a message of the server.
    if (result.status === 'answered' && result.answer && result.action !== 'review') void this.texts.showAnswer(result);
  }

  /** How to try a proposal again, as the user says. */
  private async again({ action, tier }: ReviewParams): Promise<{ prompt?: string; tier?: string } | undefined> {
    const larger: Record<string, string> = { fast: 'balanced', balanced: 'quality' };
    const next = larger[tier ?? ''];
    const items = [
      { label: '$(edit) Another instruction…', run: async () => {
        const prompt = await this.instructions.ask(`Hob: ${action} again`, 'What should Hob do?');
        return prompt === undefined ? undefined : { prompt };
      } },
      ...(next ? [{ label: '$(rocket) A larger model', description: `${next} instead of ${tier}`, run: async () => ({ tier: next }) }] : []),
      { label: '$(refresh) The same again', run: async () => ({}) },
    ];
    const picked = await vscode.window.showQuickPick(items, { title: 'Hob: try again with' });
    return picked?.run();
  }

  private context(key: string, value: boolean): void {
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
