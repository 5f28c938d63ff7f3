// Progress of jobs as notifications with a button: VS Code's own, in the status bar, can't be cancelled.
import * as vscode from 'vscode';
import type { ProgressToken, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport } from 'vscode-languageclient/node';

type Progress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
type Next = (token: ProgressToken, progress: Progress) => void;

interface Bar {
  report(message: string | undefined): void;
  end(): void;
}

export class Bars {
  private readonly bars = new Map<ProgressToken, Bar>();
  private readonly hidden = new Set<ProgressToken>(); // of jobs that are seen where they write
  private readonly held = new Map<ProgressToken, WorkDoneProgressBegin>(); // begun while the user was asked
  private questions = 0; // that are open

  constructor(
    private readonly cancel: (token: ProgressToken) => void,
    private readonly seen: (job: string) => boolean,
  ) {}

  handle(token: ProgressToken, progress: Progress, next: Next): void {
    if (progress.kind === 'begin' && progress.cancellable) {
      if (this.questions > 0) this.held.set(token, progress);
      else this.begin(token, progress);
      return;
    }
    if (progress.kind === 'report' && this.held.has(token)) return;
    const bar = this.bars.get(token);
    if (!bar && !this.hidden.has(token) && !this.held.has(token)) return next(token, progress);
    if (progress.kind === 'report') bar?.report(progress.message);
    if (progress.kind === 'end') this.end(token);
  }

  /** While the user is asked, no notification tells that he is. */
  async asking<T>(question: () => Promise<T>): Promise<T> {
    this.questions++;
    try {
      return await question();
    } finally {
      if (--this.questions === 0) {
        for (const [token, { title }] of this.held) this.begin(token, { kind: 'begin', title });
        this.held.clear();
      }
    }
  }

  /** Takes away the bar of a job that can be seen now. */
  hide(job: string): void {
    for (const [token, bar] of this.bars) {
      if (jobOf(token) !== job) continue;
      this.hidden.add(token);
      this.bars.delete(token);
      bar.end();
    }
  }

  /** Ends all: a server that is gone ends no progress. */
  clear(): void {
    for (const token of this.bars.keys()) this.end(token);
    this.hidden.clear();
    this.held.clear();
  }

  private begin(token: ProgressToken, { title, message }: WorkDoneProgressBegin): void {
    if (this.seen(jobOf(token))) {
      this.hidden.add(token);
      return;
    }
    void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, cancellable: true, title }, (bar, cancelled) => {
      bar.report({ message });
      cancelled.onCancellationRequested(() => this.cancel(token));
      return new Promise<void>((end) => this.bars.set(token, { end, report: (message) => bar.report({ message }) }));
    });
  }

  private end(token: ProgressToken): void {
    this.bars.get(token)?.end();
    this.bars.delete(token);
    this.hidden.delete(token);
    this.held.delete(token);
  }
}

/** The job of a token; the server calls its tokens after them. */
function jobOf(token: ProgressToken): string {
  return String(token).replace(/^hob-/, '');
}
