// Hob's own messages, beside LSP. The server's types are the truth: lsp/types.go.
import { Diagnostic, NotificationType, Range, RequestType } from 'vscode-languageclient/node';

export type Action = 'edit' | 'generate' | 'component' | 'document' | 'implement' | 'test' | 'explain' | 'review' | 'refactor' | 'run' | 'fix';

/** The single argument of every job command. */
export interface JobParams {
  uri?: string;
  version?: number;
  range?: Range;
  prompt?: string;
  diagnostics?: Diagnostic[];
}

/** How a job ended. */
export interface JobResult {
  job: string;
  action: Action;
  status: 'applied' | 'declined' | 'unchanged' | 'answered' | 'returned' | 'cancelled' | 'failed';
  answer?: string;
  files?: string[];
  tier?: string;
  model?: string;
  why?: string;
  timing_ms?: { total: number };
  error?: { kind: string; message: string; hint: string };
  /** The job that tries it again, as the user wished. */
  again?: string;
}

/** A job under way, and the code that it wrote so far: of a new file all, of another what stands in the range. */
export interface JobProgress {
  job: string;
  action?: Action;
  state: string;
  uri: string;
  new?: boolean;
  range?: Range;
  text?: string;
  /** Why the model is asked another time, with a new text. */
  again?: string;
  output_tokens: number;
  tokens_per_second: number;
}

/** What the server is doing. */
export interface Status {
  state: 'idle' | 'busy' | 'degraded';
  jobs: { job: string; action: Action; uri: string; state: string }[];
  models: Record<string, string>;
  message: string;
}

/** Changes that wait for the user's decision; each hunk replaces whole lines. Of a new file the one hunk is all of it. */
export interface ReviewParams {
  job: string;
  action: Action;
  label: string;
  uri: string;
  version: number;
  new?: boolean;
  also?: { uri: string; text: string }[];
  range: Range;
  hunks: { range: Range; newText: string }[];
  tier?: string;
  model?: string;
  why?: string;
}

/** The decision: all, some, none, or again with these changes. */
export interface ReviewResult {
  accept?: boolean;
  hunks?: number[];
  retry?: { prompt?: string; tier?: string };
}

/** A change over several files before it is carried out. */
export interface PlanParams {
  job: string;
  title: string;
  steps: { uri: string; title: string }[];
  /** What it takes as predicted; 0 if nothing is known. */
  takes_ms: number;
  model: string;
}

export const InputRequest = new RequestType<{ title: string; placeholder: string }, { value: string } | null, void>('hob/input');
export const ReviewRequest = new RequestType<ReviewParams, ReviewResult | null, void>('hob/review');
export const PlanRequest = new RequestType<PlanParams, { steps: number[] } | null, void>('hob/plan');
export const JobDone = new NotificationType<JobResult>('hob/jobDone');
export const JobProgressed = new NotificationType<JobProgress>('hob/jobProgress');
export const StatusChanged = new NotificationType<Status>('hob/status');
