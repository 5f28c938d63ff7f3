// Shows in place what a model writes, and lets the user decide about it: the pictures, the keys' contexts and the
// lenses follow from what is under way and what waits.
import * as vscode from 'vscode';
import { LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';
import { Ahead, instructs } from './ahead';
import { announce } from './announce';
import { Contexts } from './contexts';
import { editorsOf, linesOf, same, unselect } from './documents';
import { Diffs } from './diffs';
import { Drafts } from './drafts';
import { acceptKey, lenses } from './lenses';
import { hunksAt, overlay, type Overlay } from './overlay';
import { Brush } from './paint';
import type { JobParams, JobProgress, JobResult, ReviewParams, ReviewResult } from './protocol';
import { Review } from './review';
import { shifted } from './rows';
import { scheme, type Texts } from './texts';
import { stage, Writing } from './writing';

/** What the preview needs of the rest. */
export interface Surroundings {
  cancel(job: string): Promise<unknown>;
  /** Asks how to try again; undefined when the user rather does not. */
  retry(params: ReviewParams): Promise<{ prompt?: string; tier?: string } | undefined>;
  /** Called when a job is seen in an editor. */
  shown(job: string): void;
  /** Whether an edit of the server is being applied: what changes is not typed. */
  applying(): boolean;
  readonly texts: Texts;
}

const keysSay = `${acceptKey} accepts, Escape rejects.`;

/** Actions that change nothing where they look. */
const readers = new Set(['explain', 'review']);

/** What is laid over one document. */
interface Laid {
  readonly reviews: Review[];
  readonly writers: JobProgress[];
  readonly over: Overlay;
}

export class Preview implements vscode.Disposable {
  private readonly brush = new Brush();
  private readonly drafts: Drafts; // files that do not exist yet; their jobs and proposals speak of these instead
  private readonly live = new Map<string, Writing>(); // jobs that write, by id
  private readonly diffs: Diffs;
  private readonly ahead = new Ahead({ changed: () => this.draw(), cancel: (job) => this.around.cancel(job) });
  private readonly reviews = new Map<string, Review>(); // by job
  private readonly buttons = new vscode.EventEmitter<void>();
  private readonly item = vscode.window.createStatusBarItem('hob.review', vscode.StatusBarAlignment.Left, -1000);
  private readonly own: vscode.Disposable[];
  private readonly keys = new Contexts();
  private painted = new Set<vscode.TextEditor>();
  private decided = ''; // what the lenses tell of

  constructor(private readonly around: Surroundings) {
    this.drafts = new Drafts(around.texts);
    this.diffs = new Diffs(around.texts);
    this.item.name = 'Hob: Review';
    this.item.command = 'hob.ui.next';
    this.own = [
      this.brush,
      this.buttons,
      this.item,
      vscode.languages.registerCodeLensProvider([{ scheme: 'file' }, { scheme }], {
        onDidChangeCodeLenses: this.buttons.event,
        provideCodeLenses: (document) => this.lensesOf(document),
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.diffs.activated();
        this.draw();
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.painted.has(textEditor) && this.draw()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => textEditor === vscode.window.activeTextEditor && this.contexts()),
      vscode.workspace.onDidChangeTextDocument((change) => this.follow(change)),
      vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration('hob.preview') && !enabled() && this.hide()),
    ];
  }

  /** Whether what a job writes can be seen. */
  shows(job: string): boolean {
    const uri = (this.live.get(job)?.seen ?? this.ahead.of(job) ?? this.reviews.get(job)?.params)?.uri;
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
    const before = this.live.get(progress.job);
    if (progress.new) progress = { ...progress, uri: this.drafts.show(progress.job, progress.uri, grown(progress.text)) };
    else if (!progress.range) return;
    const { uri } = progress;
    if (before) before.progress(progress);
    else this.live.set(progress.job, new Writing(progress, this.ahead.typed((other) => same(other, uri))));
    this.ahead.told(progress.job);
    if (!before && this.shows(progress.job)) {
      this.around.shown(progress.job);
      unselect(progress);
    }
    this.draw();
  }

  /** A job has ended, whatever became of it. */
  ended({ job, again }: JobResult): void {
    this.reviews.get(job)?.drop();
    this.drafts.close(job);
    const seen = this.ahead.ended(job, again);
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
    if (this.live.get(params.job)?.taken) {
      this.live.delete(params.job);
      this.draw();
      return { accept: true };
    }
    if (params.new) params = { ...params, uri: this.drafts.show(params.job, params.uri, params.hunks[0].newText) };
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(params.uri));
    if (!params.new && document.version !== params.version) throw new ResponseError(LSPErrorCodes.ContentModified, 'the document was changed');
    const review = new Review(params);
    const writing = this.live.get(params.job);
    const busy = writing?.typed && !writing.atCursor; // elsewhere: the cursor is left alone
    this.live.delete(params.job);
    this.reviews.set(params.job, review);
    this.ahead.told(params.job);
    const cancelled = token.onCancellationRequested(() => review.drop());
    try {
      this.around.shown(params.job);
      if (!busy) this.go(review);
      this.draw();
      if (!this.shows(params.job) || (busy && !this.inSight(review))) void this.tell(review);
      else announce(`${params.label}: ${review.summary()}. ${keysSay}`, review.answer);
      return await review.answer;
    } finally {
      cancelled.dispose();
      this.reviews.delete(params.job);
      this.diffs.close(params.job);
      this.draw();
    }
  }

  // What the user does: the commands of keys and lenses.

  /** Says yes or no to all that is left; where the model still writes, yes holds when it is done, and no ends its job. */
  async decideAll(yes: boolean, job?: string): Promise<void> {
    const { review, writers, grows } = job ? { review: this.reviews.get(job), writers: [], grows: [] } : this.here();
    if (yes && grows.length > 0) {
      for (const p of grows) this.take(p.job, true);
      return this.draw();
    }
    if (review && (yes || writers.length === 0)) return review.decideAll(yes);
    if (yes) return;
    for (const p of writers) this.take(p.job, false);
    await Promise.all(writers.map((p) => (p.job ? this.around.cancel(p.job) : this.ahead.cancel(p))));
  }

  private take(job: string, yes: boolean): void {
    const writing = this.live.get(job);
    if (writing) writing.taken = yes;
  }

  /** Says yes or no to the hunk that is named, or at the cursor, and goes on to the next. */
  decide(yes: boolean, job?: string, hunk?: number): void {
    const { review, hunk: which } = job ? { review: this.reviews.get(job), hunk } : this.here();
    if (!review || which === undefined) return;
    review.decide(which, yes);
    if (!review.over) this.go(review, review.open.find((i) => i > which) ?? review.open[0]);
    this.draw();
  }

  /** Goes to the next or the previous hunk that is not decided, into another document if there is none here. */
  async step(by: 1 | -1): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const here = this.waiting.filter((r) => uri !== undefined && same(r.params.uri, uri));
    if (here.length === 0) {
      const [review] = this.waiting;
      if (review) await this.show(review, by > 0 ? review.open[0] : review.open.at(-1));
      return;
    }
    const line = vscode.window.activeTextEditor!.selection.active.line;
    const all = here.flatMap((review) => review.open.map((hunk) => ({ review, hunk, at: this.places(review)[hunk] }))).sort((a, b) => a.at - b.at);
    const next = by > 0 ? all.find(({ at }) => at > line) : all.findLast(({ at }) => at < line);
    const { review, hunk } = next ?? all.at(by > 0 ? 0 : -1)!;
    this.go(review, hunk);
  }

  async retry(job?: string): Promise<void> {
    const review = job ? this.reviews.get(job) : this.here().review;
    if (!review) return;
    const change = await this.around.retry(review.params);
    if (!change || review.over) return;
    review.retry(change);
    if (!review.params.new) this.ahead.again(review.params.job, review.params.uri, review.range);
  }

  /** Opens the proposal as VS Code's own diff, which a screen reader reads change by change. */
  async diff(job?: string): Promise<void> {
    const review = job ? this.reviews.get(job) : (this.here().review ?? this.waiting[0]);
    if (!review || this.diffs.of(vscode.window.activeTextEditor?.document.uri.toString())) return;
    const { label, also = [] } = review.params;
    if (review.params.new) return this.drafts.compare(review.params.job, label, also);
    const now = linesOf(review.params.uri);
    const { start, rows } = review.picture(now);
    // Over the document itself the proposal is painted.
    const text = [...now.slice(0, start), ...rows.filter((row) => row.kind !== 'removed').map((row) => row.text)];
    await this.diffs.open(review.params.job, `${label} (proposed)`, review.params.uri, now, text);
  }

  dispose(): void {
    this.clear();
    for (const d of this.own) d.dispose();
  }

  /** Puts the cursor on a hunk, in an editor that shows it. */
  private go(review: Review, hunk = review.open[0]): void {
    const editor = editorsOf(review.params.uri).find((e) => e === vscode.window.activeTextEditor) ?? editorsOf(review.params.uri)[0];
    if (!editor || hunk === undefined) return;
    const line = Math.min(this.places(review)[hunk], editor.document.lineCount - 1);
    const { range } = editor.document.lineAt(line);
    const at = range.start.with(undefined, editor.document.lineAt(line).firstNonWhitespaceCharacterIndex);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Puts the cursor on a hunk, in an editor that is opened if there is none. */
  private async show(review: Review, hunk = review.open[0]): Promise<void> {
    if (editorsOf(review.params.uri).length === 0) await vscode.window.showTextDocument(vscode.Uri.parse(review.params.uri), { preview: false });
    if (review.over) return;
    this.go(review, hunk);
    this.draw();
  }

  /** Whether the beginning of a proposal is on the screen. */
  private inSight(review: Review): boolean {
    const line = this.places(review)[review.open[0]];
    return editorsOf(review.params.uri).some((editor) => editor.visibleRanges.some(({ start, end }) => start.line <= line && line <= end.line));
  }

  /** Asks about a proposal that nobody sees. */
  private async tell(review: Review): Promise<void> {
    const choices = { Show: 'show', Accept: 'accept', Reject: 'reject' } as const;
    const said = await vscode.window.showInformationMessage(`${review.params.label}: ${review.summary()}`, ...Object.keys(choices));
    if (review.over) return;
    if (said === 'Accept' || said === 'Reject') return review.decideAll(said === 'Accept');
    if (said === 'Show') await this.show(review);
  }

  /** Follows what is typed while a job writes or a proposal waits. */
  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const within = (uri: string) => same(uri, document.uri.toString());
    const reviews = this.waiting.filter(({ params }) => within(params.uri) && !params.new);
    const typed = !this.around.applying();
    let touched = false;
    for (const { range, text } of contentChanges) {
      const whole = range.start.character === 0 && range.end.character === 0 && /(^|\n)$/.test(text);
      const breaks = text.split('\n').length - 1;
      const from = range.start.line;
      const to = whole ? range.end.line : range.end.line + 1;
      const now = whole ? breaks : breaks + 1;
      for (const review of reviews) touched = (!review.over && review.follow(from, to, now)) || touched;
      for (const writing of this.live.values()) if (within(writing.seen.uri)) writing.follow(from, to, now, typed);
      this.ahead.follow(within, (place) => shifted(place, from, to, now), typed);
    }
    if (touched) vscode.window.setStatusBarMessage('Hob: a change that you typed into was taken back', 5000);
    if (this.waiting.some(({ params }) => within(params.uri)) || this.underWay.some((p) => within(p.uri))) this.draw();
  }

  /** The proposals that nothing was said about. */
  private get waiting(): Review[] {
    return [...this.reviews.values()].filter((review) => !review.over);
  }

  /** What is laid over a document, if anything is. */
  private laid(uri: string): Laid | undefined {
    const reviews = this.waiting.filter(({ params }) => same(params.uri, uri));
    const writers = this.underWay.filter((p) => p.range && same(p.uri, uri));
    if (reviews.length + writers.length === 0) return undefined;
    const over = overlay(linesOf(uri), reviews, writers.map((p) => ({ place: p.range!, text: p.text ?? '', note: stage(p, this.live.get(p.job)?.taken) })));
    return { reviews, writers, over };
  }

  /** The lines over which the hunks of a proposal begin. */
  private places(review: Review, laid = this.laid(review.params.uri)): number[] {
    return laid?.over.hunks[laid.reviews.indexOf(review)] ?? [];
  }

  /**
   * What the keys are about: the hunk at the cursor, else what is written there, else the first proposal of the
   * document or all that is written in it. What grows at the cursor, and is seen to, can be accepted before it is done.
   */
  private here(lay = (uri: string) => this.laid(uri)): { review?: Review; hunk?: number; writers: JobProgress[]; grows: JobProgress[] } {
    const editor = vscode.window.activeTextEditor;
    const uri = editor?.document.uri.toString();
    const laid = uri === undefined ? undefined : lay(uri);
    const growing = this.underWay.filter((p) => p.new && uri !== undefined && same(p.uri, uri));
    const compared = this.reviews.get(this.diffs.of(uri));
    if (compared && !compared.over) return { review: compared, hunk: compared.open.length === 1 ? compared.open[0] : undefined, writers: [], grows: [] };
    if (!editor || !laid) return { writers: growing, grows: [] };
    const { reviews, writers, over } = laid;
    const { line } = editor.selection.active;
    for (const [i, review] of reviews.entries()) {
      const [hunk] = review.params.new ? review.open : hunksAt(review, over.hunks[i], line, editor.document.lineCount);
      if (hunk !== undefined) return { review, hunk, writers: [], grows: [] };
    }
    const at = writers.filter((_, i) => line >= over.notes[i].first && line <= Math.max(over.notes[i].first, over.notes[i].last));
    return { review: reviews[0], writers: at.length || reviews.length ? at : writers, grows: at.filter((p) => p.job && p.text) };
  }

  private draw(): void {
    const painted = new Set<vscode.TextEditor>();
    const lays = new Map<string, Laid | undefined>();
    const lay = (uri: string) => {
      if (!lays.has(uri)) lays.set(uri, this.laid(uri));
      return lays.get(uri);
    };
    this.contexts(lay); // first: the keys work for what is seen
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const laid = lay(uri);
      const growing = this.underWay.find((p) => p.new && same(p.uri, uri));
      if (laid?.reviews.some(({ params }) => params.new)) this.brush.fresh(editor);
      else if (laid) this.brush.paint(editor, laid.over.picture, laid.over.notes);
      else if (growing) this.grow(editor, growing);
      else if (this.painted.has(editor)) this.brush.clear(editor);
      if (laid || growing) painted.add(editor);
    }
    this.painted = painted;
    const decided = JSON.stringify([...this.reviews.values()].map((r) => [r.params.job, r.over, r.hunks, this.places(r, lay(r.params.uri))]));
    if (decided !== this.decided) this.buttons.fire();
    this.decided = decided;
  }

  /** What is to be seen of jobs that have proposed nothing yet. */
  private get underWay(): JobProgress[] {
    return [...[...this.live.values()].map(({ seen }) => seen), ...this.ahead.seen];
  }

  /** Paints a new file, and goes along with it until the user goes elsewhere in it. */
  private grow(editor: vscode.TextEditor, live: JobProgress): void {
    this.brush.fresh(editor, stage(live));
    const end = new vscode.Position(editor.document.lineCount - 1, 0);
    if (editor.selection.isEmpty && editor.selection.active.line === 0) editor.revealRange(new vscode.Range(end, end));
  }

  /** Tells the keys where they apply, and the status bar what waits. */
  private contexts(lay?: (uri: string) => Laid | undefined): void {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const { review, hunk, grows } = this.here(lay);
    this.keys.set('hob.reviewing', review !== undefined);
    this.keys.set('hob.atHunk', hunk !== undefined);
    this.keys.set('hob.atWriting', grows.length > 0);
    this.keys.set('hob.severalHunks', (review?.hunks.length ?? 0) > 1);
    this.keys.set('hob.writing', this.underWay.some((p) => uri !== undefined && same(p.uri, uri)));
    const { waiting } = this;
    if (waiting.length === 0) return this.item.hide();
    const open = waiting.reduce((sum, r) => sum + r.open.length, 0);
    this.item.text = `$(diff) Hob: ${open} ${open === 1 ? 'change' : 'changes'} to review`;
    this.item.tooltip = `Go to the next change. ${keysSay}`;
    this.item.accessibilityInformation = { label: `Hob: ${waiting.map((r) => r.summary()).join('; ')}. ${this.item.tooltip}`, role: 'button' };
    this.item.show();
  }

  private lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
    const uri = document.uri.toString();
    return this.waiting.filter((r) => same(r.params.uri, uri)).flatMap((r) => lenses(r, this.places(r), document.lineCount));
  }
}

function enabled(): boolean {
  return vscode.workspace.getConfiguration('hob').get('preview', true);
}

/** A new file as far as it is written, with a line below for what goes on. */
function grown(text = ''): string {
  return text.replace(/\n?$/, '\n');
}
