// Asks what Hob should do. What was asked before is offered again, the last first.
import * as vscode from 'vscode';
import type { CancellationToken } from 'vscode';

/** Where instructions are remembered; a part of vscode.Memento. */
export interface Memory {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): Thenable<void>;
}

const key = 'hob.instructions';
const kept = 50;

export class Instructions {
  /** Settled when no box is open. */
  asked: Promise<unknown> = Promise.resolve();

  constructor(private readonly memory: Memory) {}

  /** What was asked before, the last first. */
  get history(): string[] {
    return this.memory.get<string[]>(key, []);
  }

  remember(instruction: string): void {
    void this.memory.update(key, [instruction, ...this.history.filter((old) => old !== instruction)].slice(0, kept));
  }

  /** An instruction of the user, undefined when there is none. */
  async ask(title: string, placeholder: string, token?: CancellationToken): Promise<string | undefined> {
    const pick = vscode.window.createQuickPick();
    pick.title = title;
    pick.placeholder = this.history.length ? `${placeholder} (↓ for what you asked before)` : placeholder;
    pick.ignoreFocusOut = true;
    // The list is drawn anew a moment after each key, and its first entry becomes active by itself: only what the user
    // moved to counts, and what is typed otherwise.
    let first: vscode.QuickPickItem | undefined;
    let chosen: string | undefined;
    const fill = () => {
      const items = choices(pick.value, this.history).map((label) => ({ label, alwaysShow: true }));
      first = items[0];
      chosen = undefined;
      pick.items = items;
    };
    fill();
    const moved = ([item]: readonly vscode.QuickPickItem[]) => {
      chosen = item && item !== first ? item.label : undefined;
    };
    const answer = new Promise<string | undefined>((resolve) => {
      const listeners: vscode.Disposable[] = [pick.onDidChangeValue(fill), pick.onDidChangeActive(moved)];
      const end = (said?: string) => {
        for (const d of listeners) d.dispose();
        resolve(said);
        // What was asked for is under way first, and seen: the box and the memory can wait.
        setImmediate(() => {
          pick.dispose();
          if (said) this.remember(said);
        });
      };
      listeners.push(
        pick.onDidAccept(() => {
          const said = chosen ?? (pick.value.trim() || this.history[0]);
          if (said) end(said); // else the box stays
        }),
        pick.onDidHide(() => end()),
      );
      if (token) listeners.push(token.onCancellationRequested(() => end()));
      pick.show();
    });
    this.asked = answer;
    return answer;
  }
}

/** What Enter takes first is what was typed; then what was asked before and holds it. */
export function choices(typed: string, history: readonly string[]): string[] {
  const said = typed.trim();
  if (!said) return [...history];
  const like = history.filter((old) => old !== said && old.toLowerCase().includes(said.toLowerCase()));
  return [said, ...like];
}
