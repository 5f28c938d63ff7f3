// Lays a picture of what a document will be over the document, with decorations alone: the text stays as it is.
import * as vscode from 'vscode';
import type { Note } from './overlay';
import { roomiest, type Picture, type Row } from './rows';

/** How many lines beyond the visible ones are painted, so that scrolling shows no gap. */
const margin = 60;

/** How far below the head of what is painted a remark may stand, in lines. */
const near = 6;

export class Brush implements vscode.Disposable {
  private readonly added = line('diffEditor.insertedLineBackground', 'editorOverviewRuler.addedForeground');
  private readonly removed = line('diffEditor.removedLineBackground', 'editorOverviewRuler.deletedForeground');
  private readonly struck = vscode.window.createTextEditorDecorationType({ textDecoration: 'line-through', opacity: '0.75' });
  private readonly waiting = vscode.window.createTextEditorDecorationType({ opacity: '0.45' });
  /** Makes the text of a line invisible, and what VS Code marks in it; what stands there instead comes before it. */
  private readonly over = {
    added: hidden('diffEditor-insertedLineBackground'),
    removed: hidden('diffEditor-removedLineBackground'),
    same: hidden(),
  };
  private readonly there = new WeakMap<vscode.TextEditor, Set<vscode.TextEditorDecorationType>>(); // what an editor has
  private readonly note = vscode.window.createTextEditorDecorationType({});

  /** Paints a picture; what of it is in view, and a little more. A note stands where it is seen. */
  paint(editor: vscode.TextEditor, picture: Picture, notes: readonly Note[]): void {
    const last = editor.document.lineCount - 1;
    const seen = editor.visibleRanges;
    const from = Math.max(picture.start, (seen[0]?.start.line ?? 0) - margin);
    const to = Math.min(last, (seen.at(-1)?.end.line ?? last) + margin);
    const tab = typeof editor.options.tabSize === 'number' ? editor.options.tabSize : 4;
    const added: vscode.Range[] = [];
    const removed: vscode.Range[] = [];
    const struck: vscode.Range[] = [];
    const waiting: vscode.Range[] = [];
    const over: Record<keyof Brush['over'], vscode.DecorationOptions[]> = { added: [], removed: [], same: [] };
    for (let at = from; at <= to; at++) {
      const row = picture.rows[at - picture.start];
      const range = editor.document.lineAt(at).range;
      if (!row) {
        // The picture is shorter than the document: nothing stands here.
        over.same.push({ range });
        continue;
      }
      if (row.kind === 'added') added.push(range);
      if (row.kind === 'removed') removed.push(range);
      const real = row.kind !== 'added' && row.line === at;
      if (!real) over[row.kind === 'waiting' ? 'same' : row.kind].push(instead(range, row, tab));
      else if (row.kind === 'removed') struck.push(range.with(range.start.translate(0, editor.document.lineAt(at).firstNonWhitespaceCharacterIndex)));
      else if (row.kind === 'waiting') waiting.push(range);
    }
    const rest = picture.rows.slice(last + 1 - picture.start);
    if (rest.length && to === last) over.same.push(beyond(editor.document.lineAt(last).range.end, rest, tab));
    this.put(editor, this.added, added);
    this.put(editor, this.removed, removed);
    this.put(editor, this.struck, struck);
    this.put(editor, this.waiting, waiting);
    this.put(editor, this.over.added, over.added);
    this.put(editor, this.over.removed, over.removed);
    this.put(editor, this.over.same, over.same);
    this.put(editor, this.note, notes.map((note) => beside(editor, picture, note, tab)));
  }

  /** Paints a document that is new from its first line to its last. */
  fresh(editor: vscode.TextEditor, note?: string): void {
    const { lineCount } = editor.document;
    const { end } = editor.document.lineAt(lineCount - 1).range; // what is added at the end belongs to it at once
    this.put(editor, this.added, [new vscode.Range(new vscode.Position(0, 0), end)]);
    this.put(editor, this.note, note ? [aside(editor, lineCount - 1, note)] : []);
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.types()) this.put(editor, type, []);
  }

  dispose(): void {
    for (const type of this.types()) type.dispose();
  }

  /** What is not there need not be taken away: each call is a message to the window. */
  private put(editor: vscode.TextEditor, type: vscode.TextEditorDecorationType, all: vscode.Range[] | vscode.DecorationOptions[]): void {
    const there = this.there.get(editor) ?? new Set();
    this.there.set(editor, there);
    if (all.length === 0 && !there.has(type)) return;
    if (all.length) there.add(type);
    else there.delete(type);
    editor.setDecorations(type, all);
  }

  private types(): vscode.TextEditorDecorationType[] {
    return [this.added, this.removed, this.struck, this.waiting, ...Object.values(this.over), this.note];
  }
}

function line(background: string, ruler: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor(background),
    overviewRulerColor: new vscode.ThemeColor(ruler),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
}

/** Nothing of a line is seen, as high as the line is: neither text nor what is drawn behind it, such as guides. */
function hidden(tint?: string): vscode.TextEditorDecorationType {
  const ground = `${tint ? `linear-gradient(var(--vscode-${tint}) 0 0), ` : ''}var(--vscode-editor-background)`;
  return vscode.window.createTextEditorDecorationType({ color: 'transparent', textDecoration: `none; display: inline-block; background: ${ground}` });
}

const colors: Record<Row['kind'], string> = {
  added: 'editor.foreground',
  same: 'editorGhostText.foreground',
  waiting: 'editorGhostText.foreground',
  removed: 'editorGhostText.foreground',
};

/** Shows a row where another line stands. */
function instead(range: vscode.Range, row: Row, tab: number): vscode.DecorationOptions {
  const before: vscode.ThemableDecorationAttachmentRenderOptions = {
    contentText: visible(row.text, tab),
    color: new vscode.ThemeColor(colors[row.kind]),
  };
  // Out of the line's flow, so that what is hidden, and with it the cursor, stays where it is.
  before.textDecoration = `${row.kind === 'removed' ? 'line-through' : 'none'}; position: absolute`;
  return { range, renderOptions: { before } };
}

/**
 * Shows the rows for which the document has no lines, below its last one. Content of several lines needs style of
 * its own, which has no name in the API; without it the first words are shown.
 */
function beyond(end: vscode.Position, rows: Row[], tab: number): vscode.DecorationOptions {
  const stops = rows.map(({ kind }, i) => {
    const color = kind === 'added' ? 'var(--vscode-diffEditor-insertedLineBackground)' : kind === 'removed' ? 'var(--vscode-diffEditor-removedLineBackground)' : 'transparent';
    return `${color} ${(100 * i) / rows.length}% ${(100 * (i + 1)) / rows.length}%`;
  });
  const style = [
    'none', `content: '${rows.map((row) => quoted(visible(row.text, tab))).join('\\a ')}'`, 'white-space: pre', 'position: absolute', 'left: 0',
    'top: 100%', 'min-width: 100vw', `background: linear-gradient(to bottom, ${stops.join(', ')})`,
  ];
  const after: vscode.ThemableDecorationAttachmentRenderOptions = {
    contentText: `⋯ ${rows.length} more`,
    color: new vscode.ThemeColor(colors[rows.some((row) => row.kind === 'added') ? 'added' : 'same']),
    textDecoration: style.join('; '),
  };
  return { range: new vscode.Range(end, end), renderOptions: { after } };
}

/** Text inside a string of CSS: whatever could end it is told by number. */
export function quoted(text: string): string {
  return text.replace(/[^\w\u00a0]/gu, (char) => `\\${char.codePointAt(0)!.toString(16)} `);
}

/** A remark beside the head of what it is about, or of what is in view of it. */
function beside(editor: vscode.TextEditor, picture: Picture, note: Note, tab: number): vscode.DecorationOptions {
  const { document } = editor;
  const head = Math.max(note.first, Math.min(editor.visibleRanges[0]?.start.line ?? 0, note.last));
  const first = Math.min(head, document.lineCount - 1);
  const width = (text: string) => visible(text, tab).length;
  const widths = Array.from({ length: Math.min(near, document.lineCount - first) }, (_, i) =>
    Math.max(width(document.lineAt(first + i).text), width(picture.rows[first + i - picture.start]?.text ?? '')),
  );
  const line = first + roomiest(widths);
  // What is painted over a line may be longer than it.
  return aside(editor, line, note.text, widths[line - first] - width(document.lineAt(line).text));
}

/** A remark at the end of a line, so many columns further. */
function aside(editor: vscode.TextEditor, line: number, text: string, further = 0): vscode.DecorationOptions {
  const { end } = editor.document.lineAt(line).range;
  const after = { contentText: text, color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: `0 0 0 ${further + 3}ch`, fontStyle: 'italic' };
  return { range: new vscode.Range(end, end), renderOptions: { after } };
}

/** A line as text that keeps its width: blanks that don't collapse, tabs to their stops. */
export function visible(text: string, tab: number): string {
  let out = '';
  let column = 0;
  for (const char of text) {
    const wide = char === '\t' ? tab - (column % tab) : 1;
    out += char === '\t' || char === ' ' ? '\u00a0'.repeat(wide) : char;
    column += wide;
  }
  return out;
}
