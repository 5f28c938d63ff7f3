// A code action on a selection becomes an edit that one undo takes back.
import type { Case } from '../run.ts';

const original = 'package main\n\nfunc add(a, b int) int {\n\treturn 0\n}\n\nfunc main() { println(add(1, 2)) }\n';

export const menu: Case = {
  files: { 'main.go': original },
  async run(vs, model) {
    await vs.openFile('main.go');
    await vs.ready();
    await model.says({ text: '```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```', last: 'return the sum' });
    const before = await vs.text();
    await vs.select(3, 5);
    await vs.codeAction('Edit selection…', vs.input());
    await vs.answer('return the sum');
    await vs.shows(before.replace('return 0', 'return a + b'));
    await vs.undo();
    await vs.shows(before);
  },
};
