// A change of several files: its plan first, then VS Code's own preview of every edit, unticked until the user says so.
import type { Case } from '../run.ts';
import { ok } from '../until.ts';

const a = 'package a\n\nfunc Serve() int { return 1 }\n';
const b = 'package a\n\nvar x = Serve()\n';
const renamed = (text: string) => text.replace('Serve', 'Listen');

export const refactor: Case = {
  files: { 'go.mod': 'module a\n\ngo 1.26\n', 'a.go': a, 'b.go': b },
  async run(vs) {
    await vs.openFile('a.go');
    await vs.ready();

    // A component would be out of place here, which is said before any model is asked.
    await vs.command('Hob: Generate Component');
    await vs.answer('a price tag');
    await vs.toast('nothing in this project is for a browser').waitFor();

    // A box that is open stays: the plan comes after it. What a server asks goes with it.
    const plan = vs.page.locator('.quick-input-widget input[placeholder*="carries out"]');
    const rename = async () => {
      await vs.command('Hob: Refactor Across Files');
      await vs.answer('rename Serve to Listen');
    };
    const box = vs.page.locator('.quick-input-widget input[placeholder^="What should be different"]');
    vs.signal('SIGSTOP');
    await rename();
    await vs.select(3, 3);
    await vs.press('Control+Alt+Enter');
    await box.waitFor();
    vs.signal('SIGCONT');
    await vs.statusSays('refactor waiting');
    ok(await box.isVisible(), 'the box is open still');
    await vs.press('Escape');
    await plan.waitFor();
    vs.signal('SIGKILL');
    await vs.input().waitFor({ state: 'hidden' });
    await vs.ready();
    await vs.select(3, 3);
    await vs.codeAction('Edit selection…', vs.input());
    vs.signal('SIGKILL');
    await vs.input().waitFor({ state: 'hidden' });
    await vs.ready();
    await vs.focusEditor();

    await rename();
    await plan.waitFor();
    await vs.shot('plan');
    await vs.press('Enter');
    await vs.refactorPreview().waitFor();
    await vs.shot('refactor');
    await vs.applyAll(2);
    // The files are changed and not yet saved: that is the user's to do.
    await vs.openFile('b.go');
    await vs.holds(renamed(b));
    await vs.openFile('a.go');
    await vs.holds(renamed(a));
  },
};
