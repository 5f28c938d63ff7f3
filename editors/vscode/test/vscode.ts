// Stands in for the module that only VS Code has: as much of it as the tested parts use.
type Inspected = { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown; defaultValue?: unknown };

export const settings = new Map<string, Inspected>();

export const workspace = {
  getConfiguration: (section: string) => ({
    inspect: (key: string) => settings.get(`${section}.${key}`),
    get: (key: string) => {
      const at = settings.get(`${section}.${key}`);
      return at?.workspaceFolderValue ?? at?.workspaceValue ?? at?.globalValue ?? at?.defaultValue;
    },
  }),
};

export const items: { text: string; tooltip?: string; shown: boolean; [key: string]: unknown }[] = [];
export const window = {
  /** What the editor of a document that is opened gives; tests set it. */
  showTextDocument: (_: unknown): Promise<unknown> => Promise.reject(new Error('nothing is opened')),
  tabGroups: { all: [] as unknown[], close: async () => true },
  createStatusBarItem: () => {
    const item = { text: '', shown: false, show: () => void (item.shown = true), dispose: () => void (item.shown = false) };
    items.push(item);
    return item;
  },
};
export const StatusBarAlignment = { Left: 1, Right: 2 };
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class TabInputText {}
export const Uri = { parse: (text: string) => ({ path: decodeURIComponent(new URL(text).pathname) }) };
