// What is asked about code: a problem is fixed, code is explained and reviewed.
import type { Case } from '../run.ts';
import { ok, until } from '../until.ts';

const css = '.box {\n  colmns: 2;\n}\n';
const ts = `export function average(sum: number, count: number): number {
  return sum / count;
}

export const none = 0;
`;
const division = 'Division by zero gives Infinity when count is 0.';

export const answers: Case = {
  files: { 'box.css': css, 'stats.ts': ts },
  settings: { 'hob.announce': 'on' },
  async run(vs, model) {
    const correct = { text: '```css\n' + css.replace('colmns', 'columns') + '```', last: 'colmns' };
    await vs.openFile('box.css');
    await vs.ready();

    // A problem that another extension found: by the menu, then by the palette.
    await model.says(correct);
    await vs.goto(2, 3);
    await vs.squiggle('warning').waitFor();
    await vs.codeAction("Fix: Unknown property: 'colmns'", vs.lens('Accept'));
    await until('a screen reader is told', async () => (await vs.spoken()).includes('Hob: fix box.css: one change, 1 line added, 1 removed'));
    await vs.toast('one change').waitFor();
    await vs.decide('Escape'); // as the button says, whatever else is shown
    await vs.toast('one change').waitFor({ state: 'detached' });
    await model.says(correct);
    await vs.codeAction("Fix: Unknown property: 'colmns'", vs.lens('Accept'));
    await vs.decide('Tab');
    await vs.toast('one change').waitFor({ state: 'detached' });
    await vs.holds(css.replace('colmns', 'columns'));
    await vs.squiggle('warning').waitFor({ state: 'detached' });
    await vs.undo();
    await vs.squiggle('warning').waitFor();
    await model.says(correct);
    await vs.goto(2, 3);
    await vs.command('Hob: Fix at Cursor');
    await vs.decide('Control+Enter');
    await vs.holds(css.replace('colmns', 'columns'));
    await vs.save();

    // An explanation is a page that can't be edited; the code has the focus still.
    await model.says({ text: 'It gives the **mean** of a list. ![of it](https://127.0.0.1/?q=sum)', last: 'explain' });
    await vs.openFile('stats.ts');
    await vs.goto(1, 18);
    const answer = vs.page.locator('.tab', { hasText: 'Explain.md' });
    await vs.codeAction('Explain average', answer);
    await until('the answer is read', () => vs.webviewHas('strong', 'mean'));
    await until('and who gave it', () => vs.webviewHas('em', 'qwen2.5-coder'));
    ok((await vs.webviewHas('p', '![of it]')) && !(await vs.webviewHas('img', '')), 'no picture is loaded');
    await vs.shot('explain');
    await vs.page.locator('.tab', { hasText: 'stats.ts' }).click();

    // A review is problems that say whose voices they are.
    const finding = (severity: string) => JSON.stringify({ findings: [{ quote: 'return sum / count;', severity, message: division }] });
    await model.says({ text: finding('error'), last: 'You are the reviewer' });
    await model.says({ text: '{"findings":[]}', last: 'You are the security' });
    await model.says({ text: finding('warning'), last: 'You are the tester' });
    await vs.focusEditor();
    await vs.command('Hob: Review');
    await vs.toast('The review found 1 error').waitFor();
    await vs.squiggle('error').waitFor();
    await vs.command('Problems: Focus on Problems View');
    const problem = vs.page.locator('.markers-panel .monaco-list-row', { hasText: division });
    await problem.waitFor();
    ok((await problem.innerText()).includes('reviewer, tester'), 'the problem says whose voices it is');
    await vs.shot('findings');

    // Its fix is a change like any other; the problem goes with the code.
    const fixed = ts.replace('return sum', 'return count === 0 ? 0 : sum');
    await model.says({ text: '```ts\n' + fixed.split('\n').slice(0, 3).join('\n') + '\n```', last: division });
    await vs.page.locator('.tab', { hasText: 'stats.ts' }).click();
    await vs.goto(2, 5);
    await vs.codeAction(`Fix: ${division}`, vs.lens('Accept'));
    await vs.decide('Tab');
    await vs.holds(fixed);
    await vs.squiggle('error').waitFor({ state: 'detached' });
    await problem.waitFor({ state: 'detached' });

    // The last job is taken back, though something was typed elsewhere since.
    await vs.goto(5);
    await vs.page.keyboard.type('const one = 1;\n');
    await vs.command('Hob: Revert Last Job');
    await vs.holds(ts.replace('export const', 'const one = 1;\nexport const'));
  },
};
