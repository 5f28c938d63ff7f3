// The scripted model server, which the Go test runs: see editors/scripted.
import net from 'node:net';
import { limit } from './until.ts';

/** A reply as modeltest.Reply reads it. */
export interface Reply {
  text: string;
  last?: string;
  contains?: string;
  model?: string;
  chunk?: number;
  decode?: number;
  fault?: string;
  after?: number;
  /** Said as often as it is asked for, if ever. */
  keep?: boolean;
  gates?: { name: string; after: number }[];
}

export class Model {
  private readonly socket: net.Socket;
  private readonly waiting = new Map<number, { resolve(value: any): void; reject(err: Error): void }>();
  private calls = 0;
  private before = { left: 0, cancelled: 0 }; // this case

  constructor(path: string) {
    this.socket = net.connect(path);
    let rest = '';
    this.socket.setEncoding('utf8');
    this.socket.on('data', (data: string) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { id, value, error } = JSON.parse(line);
        const call = this.waiting.get(id)!;
        this.waiting.delete(id);
        if (error) call.reject(new Error(`model: ${error}`));
        else call.resolve(value);
      }
    });
  }

  /** Another case begins: what one before it left over is not its own. */
  async begin(): Promise<void> {
    const [left, cancelled] = await Promise.all([this.call({ op: 'left' }), this.call({ op: 'cancelled' })]);
    this.before = { left, cancelled };
  }

  /** What the model says next. */
  says(reply: Reply | string): Promise<void> {
    return this.call({ op: 'reply', reply: typeof reply === 'string' ? { text: reply } : reply });
  }
  waitGate(name: string): Promise<void> {
    return this.call({ op: 'wait_gate', name });
  }
  release(name: string): Promise<void> {
    return this.call({ op: 'release', name });
  }
  /** Waits until so many requests of this case were given up. */
  waitCancelled(count: number): Promise<void> {
    return this.call({ op: 'wait_cancelled', count: this.before.cancelled + count });
  }
  prompts(): Promise<string[]> {
    return this.call({ op: 'chats' });
  }
  /** Replies of this case that nobody asked for. */
  async left(): Promise<number> {
    return (await this.call({ op: 'left' })) - this.before.left;
  }
  goesAway(): Promise<void> {
    return this.call({ op: 'close' });
  }
  comesBack(): Promise<void> {
    return this.call({ op: 'open' });
  }
  close(): void {
    this.socket.destroy();
  }

  private call(params: object): Promise<any> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`waited in vain: the model, ${JSON.stringify(params)}`));
      setTimeout(late, limit).unref();
      this.waiting.set(id, { resolve, reject });
      this.socket.write(JSON.stringify({ id, ...params }) + '\n');
    });
  }
}
