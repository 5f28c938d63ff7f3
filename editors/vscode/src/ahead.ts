// Commands that are only on their way: where one will change something is seen before the server has said anything.
import type { Range } from 'vscode-languageclient/node';
import type { JobParams, JobProgress } from './protocol';

interface Start {
  readonly seen: JobProgress; // its range moves
  job?: string; // once the server has named it
  asks: boolean; // the user has yet to say what is to be done
  cancelled: boolean;
  typed: boolean; // the user has typed into its document since
}

/** What the starts need of the rest. */
export interface Surroundings {
  /** Called when more or less is to be seen, for another reason than what the caller does. */
  changed(): void;
  cancel(job: string): unknown;
}

export class Ahead {
  private readonly all = new Set<Start>(); // in the order in which they were sent
  private readonly retried = new Map<string, Start>(); // by the job that is tried again
  private readonly early = new Set<string>(); // jobs that were told of before a reply named them

  constructor(private readonly around: Surroundings) {}

  /** A command was sent; the reply names its job, or it becomes none. */
  sent(command: string, params: JobParams, reply: Promise<{ job?: string } | undefined>, commented: boolean): void {
    const seen = foreseen(command, params, commented);
    if (!seen) return;
    const start: Start = { seen, asks: !params.prompt && (command === 'hob.edit' || (command === 'hob.generate' && !commented)), cancelled: false, typed: false };
    this.all.add(start);
    if (!start.asks) this.around.changed();
    reply.then((result) => this.named(start, result?.job), () => this.named(start));
  }

  /** A job is given up for another one there, which its end will name. */
  again(job: string, uri: string, range: Range): void {
    const start: Start = { seen: starting(uri, range), asks: false, cancelled: false, typed: false };
    this.all.add(start);
    this.retried.set(job, start);
    this.around.changed();
  }

  /** The user has said what the newest command that asks is to do. */
  said(): void {
    const start = [...this.all].findLast(({ asks }) => asks);
    if (!start) return;
    start.asks = start.typed = false;
    this.around.changed();
  }

  /** A job has ended, for the one that is named. True where more or less is to be seen. */
  ended(job: string, next?: string): boolean {
    const start = this.retried.get(job);
    this.retried.delete(job);
    if (start) this.named(start, next);
    return this.told(job) || start !== undefined;
  }

  /** The server tells of a job: there is more to see than its start now. True where it was seen. */
  told(job: string): boolean {
    if ([...this.all].some((start) => start.job === undefined)) this.early.add(job);
    const known = [...this.all].filter((start) => start.job === job);
    for (const start of known) this.all.delete(start);
    return known.length > 0;
  }

  /** What is to be seen of commands on their way. */
  get seen(): JobProgress[] {
    return [...this.all].flatMap(({ seen, asks, cancelled }) => (asks || cancelled ? [] : [seen]));
  }

  /** What a job is seen of, if it is no more than a start. */
  of(job: string): JobProgress | undefined {
    return [...this.all].find((start) => start.job === job && !start.asks && !start.cancelled)?.seen;
  }

  /** The user rather does not: nothing is seen of it at once, and the job is cancelled when it has a name. */
  cancel(seen: JobProgress): void {
    for (const start of this.all) {
      if (start.seen !== seen) continue;
      start.cancelled = true;
      if (start.job) this.around.cancel(start.job);
    }
    this.around.changed();
  }

  /** Follows a change of a document. */
  follow(within: (uri: string) => boolean, moved: (range: Range) => Range, typed: boolean): void {
    for (const start of this.all) {
      if (!within(start.seen.uri)) continue;
      start.seen.range = moved(start.seen.range!);
      start.typed ||= typed;
    }
  }

  /** Whether the user has typed into a document since a command for it was sent. */
  typed(within: (uri: string) => boolean): boolean {
    return [...this.all].some(({ seen, typed }) => typed && within(seen.uri));
  }

  clear(): void {
    this.all.clear();
    this.retried.clear();
    this.early.clear();
  }

  private named(start: Start, job?: string): void {
    if (!this.all.has(start)) return;
    start.job = job;
    if (job && start.cancelled) this.around.cancel(job);
    if (!job || this.early.has(job)) {
      this.all.delete(start);
      this.around.changed();
    }
    if (![...this.all].some((other) => other.job === undefined)) this.early.clear();
  }
}

/** Whether a line tells Hob what to do: a comment does. */
export function instructs(line = ''): boolean {
  return /\bhob:/.test(line);
}

/**
 * What can be foreseen of a command: where it works, nothing if it changes nothing there. A symbol's lines the server
 * alone knows: of what is done with one, the place is no more than where it is called.
 */
export function foreseen(command: string, { uri, range }: JobParams, commented: boolean): JobProgress | undefined {
  const place = range && placeOf(command, range, commented);
  return uri && place ? starting(uri, place) : undefined;
}

function starting(uri: string, range: Range): JobProgress {
  return { job: '', state: 'starting', uri, range, output_tokens: 0, tokens_per_second: 0 };
}

function placeOf(command: string, range: Range, commented: boolean): Range | undefined {
  const at = { line: range.start.line, character: 0 };
  const above = { start: at, end: at };
  const point = range.start.line === range.end.line && range.start.character === range.end.character;
  switch (command) {
    case 'hob.edit':
    case 'hob.fix':
      return point ? above : range;
    case 'hob.generate':
      if (!point) return range;
      return commented ? { start: at, end: { line: at.line + 1, character: 0 } } : above; // the comment is replaced
    case 'hob.document':
    case 'hob.implement':
      return above;
  }
  return undefined;
}
