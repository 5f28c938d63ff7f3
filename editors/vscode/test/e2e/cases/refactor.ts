// A change of several files: its plan first, then VS Code's own preview of every edit, unticked until the user says so.
import type { Case } from '../run.ts';
import { until } from '../until.ts';

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

    await vs.command('Hob: Refactor Across Files');
    await vs.answer('rename Serve to Listen');
    await vs.page.locator('.quick-input-widget input[placeholder*="carries out"]').waitFor();
    await vs.shot('plan');
    await vs.press('Enter');
    const panel = vs.page.locator('.bulk-edit-panel');
    const boxes = panel.locator('.monaco-list-row .edit-checkbox');
    await until('the preview lists the edits', async () => (await boxes.count()) >= 2);
    await vs.shot('refactor');
    // Ticking a file ticks its edits: the list is looked at anew after each.
    await until('every edit is ticked', async () => {
      for (const box of await boxes.all()) {
        if (await box.isChecked()) continue;
        await box.check();
        return false;
      }
      return true;
    });
    await panel.getByRole('button', { name: 'Apply' }).click();
    await panel.waitFor({ state: 'hidden' });
    // The files are changed and not yet saved: that is the user's to do.
    await vs.openFile('b.go');
    await vs.holds(renamed(b));
    await vs.openFile('a.go');
    await vs.holds(renamed(a));
  },
};
