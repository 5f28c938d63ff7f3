// The item of the status bar, and results in words.
import * as path from 'path';
import * as vscode from 'vscode';
import type { JobProgress, JobResult, Status } from './protocol';

/** The life of the server as the status bar shows it. */
export type Life = 'starting' | 'running' | 'stopped';

const kept = 20;

/** The text, tooltip and spoken label of the item. */
export function render(
  life: Life,
  status: Status | undefined,
  last: JobResult | undefined,
  rate = 0,
): { text: string; tooltip: string; warn: boolean } {
  const after = last ? `\nLast: ${describe(last)}` : '';
  if (life === 'stopped') return { text: '$(circle-slash) Hob', tooltip: 'Hob is not running. Click for what to do.', warn: true };
  if (life === 'starting' || !status) return { text: '$(loading~spin) Hob', tooltip: 'Hob is starting', warn: false };
  const [job] = status.jobs;
  if (job) {
    const more = status.jobs.length > 1 ? ` +${status.jobs.length - 1}` : '';
    const doing = job.state === 'loading' ? 'loading the model' : job.state;
    const at = job.state === 'writing' && rate >= 1 ? ` ${Math.round(rate)} tok/s` : '';
    const icon = job.state === 'waiting' ? '$(bell-dot)' : '$(loading~spin)';
    return { text: `${icon} Hob: ${job.action} ${doing}${at}${more}`, tooltip: `Hob is busy. Click to see or cancel jobs.${after}`, warn: false };
  }
  if (status.state === 'degraded') return { text: '$(warning) Hob', tooltip: `${status.message}${after}`, warn: true };
  const models = modelsOf(status).map(([tier, model]) => `${tier}: ${model}`);
  return { text: '$(flame) Hob', tooltip: ['Hob is idle', ...models].join('\n') + after, warn: false };
}

/** The model of each tier that has one, the fastest first. */
export function modelsOf(status: Status): [tier: string, model: string][] {
  return ['fast', 'balanced', 'quality'].flatMap((tier) => (status.models[tier] ? [[tier, status.models[tier]]] : []));
}

/** A result in a line: what became of it, by which model, how long it took and why. */
export function describe(r: JobResult): string {
  const parts: string[] = [r.action, r.status];
  if (r.model) parts.push(`by ${r.model}`);
  else if (r.tier) parts.push(`by the ${r.tier} tier`);
  const total = r.timing_ms?.total;
  if (total !== undefined) parts.push(total < 1000 ? `in ${Math.round(total)} ms` : `in ${(total / 1000).toFixed(1)} s`);
  const line = parts.join(' ');
  if (r.error?.message && r.status !== 'cancelled') return `${line}: ${r.error.message}`;
  return r.why ? `${line} (${r.why})` : line;
}

export class StatusItem implements vscode.Disposable {
  /** Ended jobs, newest first. */
  readonly results: JobResult[] = [];
  private readonly item = vscode.window.createStatusBarItem('hob.status', vscode.StatusBarAlignment.Right, 100);
  private life: Life = 'stopped';
  private status: Status | undefined;
  private readonly rates = new Map<string, number>(); // tokens per second, by job

  constructor() {
    this.item.name = 'Hob';
    this.item.command = 'hob.ui.status';
    this.draw();
    this.item.show();
  }

  setLife(life: Life): void {
    this.life = life;
    if (life !== 'running') {
      this.status = undefined;
      this.rates.clear(); // another server calls its jobs the same
    }
    this.draw();
  }

  setStatus(status: Status): void {
    this.status = status;
    this.draw();
  }

  /** The nearest tier above one that has another model. */
  larger(tier = ''): { tier: string; model: string } | undefined {
    const models = this.status ? modelsOf(this.status) : [];
    const at = models.findIndex(([name]) => name === tier);
    const above = at < 0 ? undefined : models.slice(at + 1).find(([, model]) => model !== models[at][1]);
    return above && { tier: above[0], model: above[1] };
  }

  progress({ job, tokens_per_second }: JobProgress): void {
    this.rates.set(job, tokens_per_second);
    this.draw();
  }

  ended(result: JobResult): void {
    this.rates.delete(result.job);
    this.results.unshift(result);
    this.results.length = Math.min(this.results.length, kept);
    this.draw();
  }

  dispose(): void {
    this.item.dispose();
  }

  private draw(): void {
    const { text, tooltip, warn } = render(this.life, this.status, this.results[0], this.rates.get(this.status?.jobs[0]?.job ?? ''));
    if (text === this.item.text && tooltip === this.item.tooltip) return;
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.backgroundColor = warn ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: text.replace(/\$\([^)]*\) ?/, '') + ', ' + tooltip, role: 'button' };
  }
}

/** The name of a file for a list. */
export function fileName(uri: string): string {
  return path.posix.basename(vscode.Uri.parse(uri).path);
}
