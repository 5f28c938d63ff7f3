// Shows in place what a model writes, and lets the user decide about it: the pictures, the keys' contexts and the
// lenses follow from what is under way and what waits.
import * as path from 'path';
import * as vscode from 'vscode';
import { LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';
import { Ahead, instructs } from './ahead';
import { announce } from './announce';
import { Contexts } from './contexts';
import { Drafts } from './drafts';
import { Brush } from './paint';
import type { JobParams, JobProgress, ReviewParams, ReviewResult } from './protocol';
import { Review } from './review';
import { scheme, type Texts } from './texts';
import { writing } from './rows';

/** What the preview needs of the rest. */
export interface Surroundings {
  cancel(job: string): Promise<unknown>;
  /** Asks how to try again; undefined when the user rather does not. */
  retry(params: ReviewParams): Promise<{ prompt?: string; tier?: string } | undefined>;
  /** Called when a job is seen in an editor. */
  shown(job: string): void;
  readonly texts: Texts;
}

const acceptKey = process.platform === 'darwin' ? 'Cmd+Enter' : 'Ctrl+Enter';
const keysSay = `${acceptKey} accepts, Escape rejects.`;

/** Actions that change nothing where they look. */
const readers = new Set(['explain', 'review']);

export class Preview implements vscode.Disposable {
  private readonly brush = new Brush();
  private readonly drafts: Drafts; // files that do not exist yet; their jobs and proposals speak of these instead
  private readonly live = new Map<string, JobProgress>(); // jobs that write, by id
  private readonly ahead = new Ahead({ changed: () => this.draw(), cancel: (job) => this.around.cancel(job) });
  private readonly reviews = new Map<string, Review>(); // by job
  private readonly lenses = new vscode.EventEmitter<void>();
  private readonly item = vscode.window.createStatusBarItem('hob.review', vscode.StatusBarAlignment.Left, -1000);
  private readonly own: vscode.Disposable[];
  private readonly keys = new Contexts();
  private painted = new Set<vscode.TextEditor>();
  private decided = ''; // what the lenses tell of

  constructor(private readonly around: Surroundings) {
    this.drafts = new Drafts(around.texts);
    this.item.name = 'Hob: Review';
    this.item.command = 'hob.ui.next';
    this.own = [
      this.brush,
      this.lenses,
      this.item,
      vscode.languages.registerCodeLensProvider([{ scheme: 'file' }, { scheme }], {
        onDidChangeCodeLenses: this.lenses.event,
        provideCodeLenses: (document) => this.lensesOf(document),
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.window.onDidChangeActiveTextEditor(() => this.draw()),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.painted.has(textEditor) && this.draw()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => textEditor === vscode.window.activeTextEditor && this.contexts()),
      vscode.workspace.onDidChangeTextDocument((change) => this.follow(change)),
      vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration('hob.preview') && !enabled() && this.hide()),
    ];
  }

  /** Whether what a job writes can be seen. */
  shows(job: string): boolean {
    const uri = (this.live.get(job) ?? this.ahead.of(job) ?? this.reviews.get(job)?.params)?.uri;
    return uri !== undefined && (this.drafts.opening(job) || editorsOf(uri).length > 0);
  }

  /** A command was sent, whose job the reply will name. */
  sent(command: string, params: JobParams, reply: Promise<{ job?: string } | undefined>): void {
    if (enabled()) this.ahead.sent(command, params, reply, instructs(linesOf(params.uri)[params.range?.start.line ?? 0]));
  }

  /** The user has said what a job is to do. */
  said(): void {
    this.ahead.said();
  }

  /** The model has written more. */
  progress(progress: JobProgress): void {
    if (readers.has(progress.action ?? '') || !enabled()) return;
    const first = !this.live.has(progress.job);
    if (progress.new) progress = { ...progress, uri: this.drafts.show(progress.job, progress.uri, grown(progress.text)) };
    else if (!progress.range) return;
    this.live.set(progress.job, progress);
    this.ahead.told(progress.job);
    if (first && this.shows(progress.job)) {
      this.around.shown(progress.job);
      unselect(progress);
    }
    this.draw();
  }

  /** A job has ended, whatever became of it. */
  ended(job: string): void {
    this.reviews.get(job)?.drop();
    this.drafts.close(job);
    const seen = this.ahead.told(job);
    if (this.live.delete(job) || seen) this.draw();
  }

  /** The server is gone: what it proposed is void. */
  clear(): void {
    for (const review of this.reviews.values()) review.drop();
    this.drafts.clear();
    this.hide();
  }

  /** Shows nothing of what is not proposed yet. */
  private hide(): void {
    this.ahead.clear();
    for (const job of this.live.keys()) this.drafts.close(job);
    this.live.clear();
    this.draw();
  }

  /** Shows a proposal until the user has decided. */
  async review(params: ReviewParams, token: vscode.CancellationToken): Promise<ReviewResult | null> {
    if (!enabled()) return { accept: true };
    if (params.new) params = { ...params, uri: this.drafts.show(params.job, params.uri, params.hunks[0].newText) };
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(params.uri));
    if (!params.new && document.version !== params.version) throw new ResponseError(LSPErrorCodes.ContentModified, 'the document was changed');
    const review = new Review(params);
    this.live.delete(params.job);
    this.reviews.set(params.job, review);
    this.ahead.told(params.job);
    const cancelled = token.onCancellationRequested(() => review.drop());
    try {
      this.around.shown(params.job);
      this.go(review);
      this.draw();
      if (!this.shows(params.job)) void this.tell(review, document);
      else announce(`${params.label}: ${review.summary()}. ${keysSay}`, review.answer);
      return await review.answer;
    } finally {
      cancelled.dispose();
      this.reviews.delete(params.job);
      this.draw();
    }
  }

  // What the user does: the commands of keys and lenses.

  /** Says yes or no to all that is left; where the model still writes, no ends its job. */
  async decideAll(yes: boolean, job?: string): Promise<void> {
    const review = job ? this.reviews.get(job) : this.reviewHere();
    if (review) {
      review.decideAll(yes);
      return;
    }
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    if (yes || uri === undefined) return;
    for (const start of this.ahead.seen) if (same(start.uri, uri)) this.ahead.cancel(start);
    await Promise.all([...this.live.values()].filter((p) => same(p.uri, uri)).map((p) => this.around.cancel(p.job)));
  }

  /** Says yes or no to the hunk that is named, or at the cursor, and goes on to the next. */
  decide(yes: boolean, job?: string, hunk?: number): void {
    const review = job ? this.reviews.get(job) : this.reviewHere();
    const which = hunk ?? this.hunkHere(review);
    if (!review || which === undefined) return;
    review.decide(which, yes);
    if (!review.over) this.go(review, review.open.find((i) => i > which) ?? review.open[0]);
    this.draw();
  }

  /** Goes to the next or the previous hunk that is not decided. */
  step(by: 1 | -1): void {
    const review = this.reviewHere() ?? this.reviews.values().next().value;
    if (!review || review.over) return;
    const editor = vscode.window.activeTextEditor;
    const here = editor && same(review.params.uri, editor.document.uri.toString()) ? editor.selection.active.line : -1;
    const at = review.picture(linesOf(review.params.uri)).at;
    const ahead = by > 0 ? review.open.find((i) => at[i] > here) : review.open.findLast((i) => at[i] < here);
    this.go(review, ahead ?? review.open.at(by > 0 ? 0 : -1)!);
  }

  async retry(job?: string): Promise<void> {
    const review = job ? this.reviews.get(job) : this.reviewHere();
    if (!review) return;
    const change = await this.around.retry(review.params);
    if (change && !review.over) review.retry(change);
  }

  /** Opens the proposal as VS Code's own diff, which a screen reader reads change by change. */
  async diff(job?: string): Promise<void> {
    const review = job ? this.reviews.get(job) : (this.reviewHere() ?? this.reviews.values().next().value);
    if (!review) return;
    const { label, also = [] } = review.params;
    if (review.params.new) return this.drafts.compare(review.params.job, label, also);
    const uri = vscode.Uri.parse(review.params.uri);
    const now = linesOf(review.params.uri);
    const { start, rows } = review.picture(now);
    const text = [...now.slice(0, start), ...rows.filter((row) => row.kind !== 'removed').map((row) => row.text)].join('\n');
    const proposed = this.around.texts.put(path.posix.basename(uri.path), text);
    await vscode.commands.executeCommand('vscode.diff', uri, proposed, `${label} (proposed)`, { preview: true });
  }

  dispose(): void {
    this.clear();
    for (const d of this.own) d.dispose();
  }

  /** Puts the cursor on a hunk, in an editor that shows it. */
  private go(review: Review, hunk = review.open[0]): void {
    const editor = editorsOf(review.params.uri).find((e) => e === vscode.window.activeTextEditor) ?? editorsOf(review.params.uri)[0];
    if (!editor || hunk === undefined) return;
    const line = Math.min(review.picture(linesOf(review.params.uri)).at[hunk], editor.document.lineCount - 1);
    const { range } = editor.document.lineAt(line);
    const at = range.start.with(undefined, editor.document.lineAt(line).firstNonWhitespaceCharacterIndex);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Asks about a proposal that no editor shows. */
  private async tell(review: Review, document: vscode.TextDocument): Promise<void> {
    const choices = { Show: 'show', Accept: 'accept', Reject: 'reject' } as const;
    const said = await vscode.window.showInformationMessage(`${review.params.label}: ${review.summary()}`, ...Object.keys(choices));
    if (review.over) return;
    if (said === 'Accept' || said === 'Reject') return review.decideAll(said === 'Accept');
    if (said !== 'Show') return;
    await vscode.window.showTextDocument(document);
    this.go(review);
    this.draw();
  }

  /** Follows what is typed while a proposal waits. */
  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    let touched = false;
    for (const review of this.reviews.values()) {
      if (!same(review.params.uri, document.uri.toString()) || review.over || review.params.new) continue;
      for (const { range, text } of contentChanges) {
        const whole = range.start.character === 0 && range.end.character === 0;
        const breaks = text.split('\n').length - 1;
        const from = range.start.line;
        const to = whole ? range.end.line : range.end.line + 1;
        touched = review.follow(from, to, whole ? breaks : breaks + 1) || touched;
      }
    }
    if (touched) vscode.window.setStatusBarMessage('Hob: a change that you typed into was taken back', 5000);
    if (this.reviews.size || this.drafts.has(document.uri.toString())) this.draw();
  }

  private draw(): void {
    const painted = new Set<vscode.TextEditor>();
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const review = [...this.reviews.values()].find((r) => !r.over && same(r.params.uri, uri));
      const live = this.underWay.find((p) => same(p.uri, uri));
      if (review?.params.new) this.brush.fresh(editor);
      else if (review) this.brush.paint(editor, review.picture(linesOf(uri)));
      else if (live?.new) this.grow(editor, live);
      else if (live) this.brush.paint(editor, writing(linesOf(uri), live.range!, live.text ?? ''), stage(live));
      else if (this.painted.has(editor)) this.brush.clear(editor);
      if (review || live) painted.add(editor);
    }
    this.painted = painted;
    const decided = JSON.stringify([...this.reviews.values()].map((r) => [r.params.job, r.over, r.hunks]));
    if (decided !== this.decided) this.lenses.fire();
    this.decided = decided;
    this.contexts();
  }

  /** What is to be seen of jobs that have proposed nothing yet. */
  private get underWay(): JobProgress[] {
    return [...this.live.values(), ...this.ahead.seen];
  }

  /** Paints a new file, and goes along with it until the user goes elsewhere in it. */
  private grow(editor: vscode.TextEditor, live: JobProgress): void {
    this.brush.fresh(editor, stage(live));
    const end = new vscode.Position(editor.document.lineCount - 1, 0);
    if (editor.selection.isEmpty && editor.selection.active.line === 0) editor.revealRange(new vscode.Range(end, end));
  }

  /** Tells the keys where they apply, and the status bar what waits. */
  private contexts(): void {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const review = this.reviewHere();
    this.keys.set('hob.reviewing', review !== undefined);
    this.keys.set('hob.atHunk', this.hunkHere(review) !== undefined);
    this.keys.set('hob.severalHunks', (review?.hunks.length ?? 0) > 1);
    this.keys.set('hob.writing', this.underWay.some((p) => uri !== undefined && same(p.uri, uri)));
    const waiting = [...this.reviews.values()].filter((r) => !r.over);
    if (waiting.length === 0) return this.item.hide();
    const open = waiting.reduce((sum, r) => sum + r.open.length, 0);
    this.item.text = `$(diff) Hob: ${open} ${open === 1 ? 'change' : 'changes'} to review`;
    this.item.tooltip = `Go to the next change. ${keysSay}`;
    this.item.accessibilityInformation = { label: `Hob: ${waiting.map((r) => r.summary()).join('; ')}. ${this.item.tooltip}`, role: 'button' };
    this.item.show();
  }

  /** The proposal for the active editor. */
  private reviewHere(): Review | undefined {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    return uri === undefined ? undefined : [...this.reviews.values()].find((r) => !r.over && same(r.params.uri, uri));
  }

  /** The hunk that stands at the cursor, of those that are not decided. */
  private hunkHere(review: Review | undefined): number | undefined {
    const editor = vscode.window.activeTextEditor;
    if (!review || !editor) return undefined;
    if (review.params.new) return review.open[0];
    const line = editor.selection.active.line;
    const { at } = review.picture(linesOf(review.params.uri));
    return review.open.find((i) => {
      const hunk = review.hunks[i];
      const height = hunk.end - hunk.start + hunk.lines.length;
      return line >= Math.min(at[i], editor.document.lineCount - 1) && line < at[i] + Math.max(1, height);
    });
  }

  private lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
    const review = [...this.reviews.values()].find((r) => !r.over && same(r.params.uri, document.uri.toString()));
    if (!review) return [];
    const { job } = review.params;
    const { at } = review.picture(linesOf(review.params.uri));
    const several = review.hunks.length > 1;
    const lens = (line: number, title: string, command: string, ...args: unknown[]) => {
      const where = Math.min(line, document.lineCount - 1);
      // An icon swallows the blank after it.
      return new vscode.CodeLens(new vscode.Range(where, 0, where, 0), { title: title.replace(') ', ')\u00a0'), command, arguments: [job, ...args] });
    };
    const lenses = [];
    const all = several ? ' All' : '';
    lenses.push(
      lens(at[0], `$(check) Accept${all} (${several ? acceptKey : 'Tab'})`, 'hob.ui.accept'),
      lens(at[0], `$(close) Reject${all} (Esc)`, 'hob.ui.reject'),
      lens(at[0], '$(refresh) Retry…', 'hob.ui.retry'),
    );
    const files = 1 + (review.params.also?.length ?? 0);
    if (!review.params.new) lenses.push(lens(at[0], '$(diff) Diff', 'hob.ui.diff'));
    else if (files > 1) lenses.push(lens(at[0], `$(files) All ${files} Files`, 'hob.ui.diff'));
    if (!several) return lenses;
    for (const i of review.open) {
      lenses.push(
        lens(at[i], `$(check) Accept ${i + 1} of ${review.hunks.length}`, 'hob.ui.acceptHunk', i),
        lens(at[i], `$(close) Reject ${i + 1}`, 'hob.ui.rejectHunk', i),
      );
    }
    return lenses;
  }
}

function enabled(): boolean {
  return vscode.workspace.getConfiguration('hob').get('preview', true);
}

/** Takes away a selection that would lie over what is shown. */
function unselect({ uri, range }: JobProgress): void {
  if (!range) return;
  for (const editor of editorsOf(uri)) {
    const { start, end, isEmpty } = editor.selection;
    if (!isEmpty && start.line <= range.end.line && end.line >= range.start.line) editor.selection = new vscode.Selection(start, start);
  }
}

/** A new file as far as it is written, with a line below for what goes on. */
function grown(text = ''): string {
  return text.replace(/\n?$/, '\n');
}

/** What a job is doing, for the end of a line. */
function stage({ state, tokens_per_second }: JobProgress): string {
  if (state === 'loading') return 'Hob is loading the model (Esc to cancel)';
  const rate = state === 'writing' && tokens_per_second >= 1 ? `, ${Math.round(tokens_per_second)} tokens/s` : '';
  return `Hob is ${state}${rate} (Esc to cancel)`;
}

/** Whether two URIs mean one document: the server may write one otherwise than VS Code. */
function same(a: string, b: string): boolean {
  return a === b || vscode.Uri.parse(a).toString() === b;
}

function editorsOf(uri: string): vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter((editor) => same(uri, editor.document.uri.toString()));
}

function linesOf(uri = ''): string[] {
  const document = uri && vscode.workspace.textDocuments.find((d) => same(uri, d.uri.toString()));
  return document ? document.getText().split(/\r?\n/) : [];
}
