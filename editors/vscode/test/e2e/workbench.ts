// A window of VS Code on a folder of its own, driven as a user does: keys, menus, what is on the screen.
import fs from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { type Server, env } from './server.ts';
import { limit, ok, until } from './until.ts';

const active = '.editor-group-container.active .monaco-editor';

export class Workbench {
  readonly page: Page;
  readonly folder: string;
  /** What the window said on its console. */
  readonly said: string[];

  private constructor(page: Page, folder: string, said: string[]) {
    this.page = page;
    this.folder = folder;
    this.said = said;
  }

  /** Opens a window on what is given: a folder, or a file that names several. */
  static async open(server: Server, folder: string, workspace?: string): Promise<Workbench> {
    const context = await server.browser.newContext({ viewport: { width: 1200, height: 720 }, locale: 'en-US', colorScheme: 'dark' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
    context.setDefaultTimeout(limit); // of its pages, too
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    // Nothing but the server: a request for a marketplace would hang until it gives up.
    await page.route('**/*', (route) => {
      const url = new URL(route.request().url());
      return url.hostname === '127.0.0.1' || !url.protocol.startsWith('http') ? route.continue() : route.abort();
    });
    const query = new URLSearchParams(workspace ? { workspace } : { folder });
    await page.goto(`${server.url}/?${query}`, { waitUntil: 'domcontentloaded' });
    await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor();
    return new Workbench(page, folder, said);
  }

  /** Another window that this one has opened. */
  on(page: Page): Workbench {
    return new Workbench(page, this.folder, this.said);
  }

  /** Closes the window as a user does, so that its extensions end. */
  async close(): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.context().close();
  }

  read(name: string): string {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** Presses keys, one chord after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  // What is open.

  /** Opens a file by its name and waits until its text is there. */
  async openFile(name: string): Promise<void> {
    await this.pick('Control+KeyP', name, path.basename(name));
    await this.page.locator('.tab.active', { hasText: path.basename(name) }).waitFor();
    await this.focusEditor();
  }

  /** Gives the editor of the first group the focus, and leaves its cursor and what is seen of it alone. */
  async focusEditor(): Promise<void> {
    await until('the editor has the focus', async () => {
      await this.press('Control+Digit1');
      return this.page.locator(`${active}.focused`).first().waitFor({ timeout: 3000 }).then(() => true);
    });
  }

  /** Puts the cursor somewhere, both from 1. */
  async goto(line: number, column = 1): Promise<void> {
    await this.asks('Control+KeyG');
    const input = this.input();
    await input.fill(`:${line}:${column}`);
    await this.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Selects whole lines, from 1, the last included. */
  async select(first: number, last: number): Promise<void> {
    await this.goto(first);
    for (let line = first; line < last; line++) await this.press('Shift+ArrowDown');
    await this.press('Shift+End');
  }

  /**
   * The active editor as the eye sees it: what is painted before a line stands for it, and what is transparent is not
   * seen. Blank lines at the end are left out.
   */
  picture(): Promise<string> {
    return this.page.locator(active).first().locator('.view-lines > .view-line').evaluateAll((lines) =>
      // Lines stand by position, not in order, and blanks are no blanks.
      (lines as HTMLElement[])
        .map((line) => {
          const seen: string[] = [];
          const read = (node: Node) => {
            if (node instanceof HTMLElement) {
              const painted = (where: '::before' | '::after') => {
                const { content, position } = getComputedStyle(node, where);
                if (!content.startsWith('"')) return;
                const text = content.slice(1, -1).replace(/\\(?:([0-9a-f]{1,6}) ?|(.))/g, (_, code, char) => (code ? String.fromCodePoint(parseInt(code, 16)) : char));
                seen.push(where === '::after' && position === 'absolute' ? '\n' + text : text);
              };
              painted('::before');
              for (const inner of node.childNodes) read(inner);
              painted('::after');
            } else if (node.parentElement && getComputedStyle(node.parentElement).color !== 'rgba(0, 0, 0, 0)') seen.push(node.textContent ?? '');
          };
          read(line);
          return [parseFloat(line.style.top), seen.join('')] as const;
        })
        .sort((a, b) => a[0] - b[0])
        .map(([, text]) => text.replace(/\u00a0/g, ' ').replace(/\u200c/g, ''))
        .join('\n')
        .trimEnd(),
    );
  }

  /** Waits until the active editor looks like this; blank lines at the end are left out. */
  async sees(text: string, what: string): Promise<void> {
    let last = '';
    await until(what, async () => (last = await this.picture()) === text.trimEnd()).catch((err: Error) => {
      throw new Error(`${err.message}\nwant:\n${text.trimEnd()}\nseen:\n${last}`);
    });
  }

  /** Waits until the document of the active editor is this, whatever is painted over it. */
  async holds(text: string): Promise<void> {
    let last = '';
    await until(`the document becomes\n${text}`, async () => (last = await this.copy()) === text.replaceAll('\t', '    ')).catch((err: Error) => {
      throw new Error(`${err.message}\nit is\n${last}`);
    });
  }

  /** The text of the active document, tabs at the start of lines as blanks. */
  private async copy(): Promise<string> {
    const lines = await this.page.locator(active).first().locator('.view-lines > .view-line').evaluateAll((all) =>
      (all as HTMLElement[]).map((line) => [parseFloat(line.style.top), line.textContent ?? ''] as const),
    );
    return lines
      .sort((a, b) => a[0] - b[0])
      .map(([, text]) => text.replace(/\u00a0/g, ' ').replace(/\u200c/g, ''))
      .join('\n');
  }

  /** A line of buttons above a line of code. */
  lens(title: string): Locator {
    return this.page.locator(`${active} .codelens-decoration a`, { hasText: title }).first();
  }

  /** Decides about a proposal with a key, and waits until its buttons are gone. */
  async decide(key: string): Promise<void> {
    await this.lens('Accept').waitFor();
    await this.press(key);
    await this.lens('Accept').waitFor({ state: 'hidden' });
  }

  /** The line under a problem in the active editor. */
  squiggle(severity: 'error' | 'warning'): Locator {
    return this.page.locator(`${active} .squiggly-${severity}`).first();
  }

  /** Whether a page that an extension shows has an element with this text. */
  async webviewHas(selector: string, text: string): Promise<boolean> {
    for (const frame of this.page.frames()) {
      if (frame !== this.page.mainFrame() && (await frame.locator(selector, { hasText: text }).count()) > 0) return true;
    }
    return false;
  }

  /** What is on the screen, in a few lines: where a picture can't be looked at, this tells why a case waits in vain. */
  async looks(): Promise<string> {
    const seen = await this.page.evaluate(() => {
      const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].filter((e) => e.checkVisibility()).map((e) => e.innerText.replace(/\s+/g, ' '));
      const focus = document.activeElement;
      return {
        focus: focus && `${focus.tagName}.${focus.className} ${focus.getAttribute('aria-label') ?? ''}`,
        tabs: all('.tab'),
        toasts: all('.notification-toast'),
        input: all('.quick-input-widget'),
        status: [...document.querySelectorAll('.statusbar-item [aria-label^=Hob]')].map((e) => e.getAttribute('aria-label')),
        lenses: all('.codelens-decoration'),
      };
    });
    return `it looks like this: ${JSON.stringify(seen, null, 1)}\n${await this.picture()}`;
  }

  /** Takes a picture where the README wants one. */
  async shot(name: string): Promise<void> {
    const folder = process.env.E2E_SHOTS;
    if (folder) await this.page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
  }

  async undo(): Promise<void> {
    await this.focusEditor();
    await this.press('Control+KeyZ');
  }

  async save(): Promise<void> {
    await this.press('Control+KeyS');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  // What VS Code offers.

  input(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  /** Presses keys until they lead to a question: what they need may only be on its way. */
  async asks(keys: string): Promise<void> {
    const patience = 3000;
    let pressed = false;
    await until(`${keys} leads to a question`, async () => {
      if (pressed && (await this.input().isVisible())) return true; // it was only late
      pressed = true;
      await this.press(keys);
      return this.input().waitFor({ timeout: patience }).then(() => true, () => false);
    });
  }

  /** Opens a list with keys, types into it and takes the entry that comes first. */
  private async pick(keys: string, typed: string, row: string): Promise<void> {
    await this.asks(keys);
    const input = this.input();
    await input.fill(typed);
    // Enter takes the row in focus, which is not always the first match.
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: row }).first().waitFor();
    await this.press('Enter');
    await input.waitFor({ state: 'hidden' }).catch(() => {}); // a command may ask something at once
  }

  /** Runs a command of the palette. */
  async command(title: string): Promise<void> {
    await this.asks('F1');
    const input = this.input();
    await input.fill('>' + title);
    const row = this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).first();
    await row.waitFor();
    await this.press('Enter');
    await row.waitFor({ state: 'hidden' });
  }

  /** Opens the menu of code actions, again until it has this one. */
  async menu(title: string): Promise<Locator> {
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    const row = rows.filter({ has: this.page.getByText(title, { exact: true }) }).first();
    const none = this.page.locator('.monaco-editor-overlaymessage').first(); // "No code actions available": the server was not asked yet
    await until(`the menu has ${title}`, async () => {
      // In a menu that is open the same key takes an entry.
      if (await rows.first().isVisible()) await this.press('Escape');
      await rows.first().or(none).first().waitFor({ state: 'hidden', timeout: 5000 });
      await this.press('Control+Period');
      // A menu that a change of the document or of its problems takes away shows neither.
      await rows.first().or(none).first().waitFor({ timeout: 10_000 });
      return row.isVisible();
    });
    return row;
  }

  /** Chooses a code action, and again where the menu was replaced beneath the click. */
  async codeAction(title: string, then: Locator): Promise<void> {
    const lost = this.toast('Actual command not found');
    await until(`${title} runs`, async () => {
      await (await this.menu(title)).click({ timeout: 5000 }); // a menu that is gone meanwhile is opened again
      await then.or(lost).first().waitFor();
      if (!(await lost.isVisible())) return true;
      await lost.locator('.codicon-notifications-clear').click();
      await this.focusEditor();
      return false;
    });
  }

  /** VS Code's own preview of edits that it asks about. */
  refactorPreview(): Locator {
    return this.page.locator('.bulk-edit-panel');
  }

  /** Ticks every edit that VS Code asks about, at least so many, and has them made. */
  async applyAll(least: number): Promise<void> {
    const boxes = this.refactorPreview().locator('.monaco-list-row .edit-checkbox');
    await until('the preview lists the edits', async () => (await boxes.count()) >= least);
    // Ticking a file ticks its edits: the list is looked at anew after each.
    await until('every edit is ticked', async () => {
      for (const box of await boxes.all()) {
        if (await box.isChecked()) continue;
        await box.check();
        return false;
      }
      return true;
    });
    await this.refactorPreview().getByRole('button', { name: 'Apply' }).click();
    await this.refactorPreview().waitFor({ state: 'hidden' });
  }

  /** Answers the question that is open. */
  async answer(text: string): Promise<void> {
    const input = this.input();
    await input.waitFor();
    const question = await input.getAttribute('placeholder');
    await input.fill(text);
    await this.press('Enter');
    await until('the question is gone', async () => !(await input.isVisible()) || (await input.getAttribute('placeholder')) !== question);
  }

  /** What VS Code has a screen reader say. */
  async spoken(): Promise<string> {
    return (await this.page.locator('.monaco-aria-container').allTextContents()).join('\n').replace(/\u00a0/g, ' ');
  }

  toast(text: string): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** Presses a button of a notification. One that nobody looked at for a while is in the list of all alone. */
  async notified(text: string, button: string): Promise<void> {
    const one = this.page.locator('.notification-list-item', { hasText: text }).getByRole('button', { name: button, exact: true }).first();
    await until(`${button} is pressed of "${text}"`, async () => {
      const pressed = await one.click({ timeout: 3000 }).then(() => true, () => false);
      if (!pressed) await this.command('Notifications: Show Notifications');
      return pressed;
    });
  }

  /** Takes an entry of the list behind the item of the status bar, again where the click was lost. What it leads to must fail soon where it does not come. */
  async choose(text: string, then: () => Promise<unknown>): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    let chosen = false;
    await until(`${text} is chosen`, async () => {
      if (chosen && (await then().then(() => true, () => false))) return true; // it was only late, and may be over the item
      if (!(await row.isVisible())) await this.status().click({ timeout: 3000 });
      await row.click({ timeout: 3000 });
      chosen = true;
      await then();
      return true;
    });
  }

  /** Whether an extension has painted something in the active editor. */
  async painted(): Promise<boolean> {
    return (await this.page.locator(`${active} .view-line [class*=ced-]`).count()) > 0;
  }

  /**
   * Starts a watch: what it gives is how long, in milliseconds, it took from the next Enter to the first change that is
   * painted in the editor, and to the first new text if that is what it waits for.
   */
  async watch(what: 'change' | 'text'): Promise<() => Promise<{ change: number; text: number }>> {
    await this.page.evaluate(([editor, what]) => {
      const watched = { change: 0, text: 0 };
      Object.assign(window, { watched });
      let began = 0;
      window.addEventListener('keydown', () => (began = performance.now()), { capture: true, once: true });
      const look = () => {
        const painted = [...document.querySelectorAll(`${editor} .view-line [class*=ced-]`)];
        if (began && painted.length) watched.change ||= performance.now() - began;
        if (began && painted.some((e) => getComputedStyle(e, '::before').content.startsWith('"'))) watched.text ||= performance.now() - began;
        if (!watched[what]) requestAnimationFrame(look);
      };
      look();
    }, [active, what] as const);
    return () => until(`${what} is seen`, () => this.page.evaluate((what) => {
      const { watched } = window as unknown as { watched: { change: number; text: number } };
      return watched[what] && watched;
    }, what)) as Promise<{ change: number; text: number }>;
  }

  // Hob.

  /** The processes of the server that run for this window. */
  servers(): number[] {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
      try {
        const [program, verb] = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return program === env('E2E_HOB') && verb === 'serve' && fs.readlinkSync(`/proc/${pid}/cwd`) === this.folder;
      } catch {
        return false; // ended meanwhile
      }
    });
  }

  /** Sends a signal to the one server that runs: one that is stopped says nothing. */
  signal(what: NodeJS.Signals): void {
    const all = this.servers();
    ok(all.length === 1, `one server runs, not ${all.length}`);
    process.kill(all[0], what);
  }

  /** The item of the status bar; its label says what a screen reader says. */
  status(): Locator {
    return this.page.locator('[id="hob-ls.hob.hob.status"] [role=button]');
  }

  /** Waits until the server runs and rests. */
  async ready(): Promise<void> {
    await this.statusSays('Hob is idle');
  }

  async statusSays(text: string): Promise<void> {
    await until(`the status bar says ${text}`, async () => (await this.status().getAttribute('aria-label'))?.includes(text));
  }
}
