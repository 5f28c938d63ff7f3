// Hob's own messages, beside LSP. The server's types are the truth: lsp/types.go.
import { NotificationType, Range, Diagnostic, RequestType } from 'vscode-languageclient/node';

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
  tier?: string;
  model?: string;
  why?: string;
  timing_ms?: { total: number };
  error?: { kind: string; message: string; hint: string };
}

/** What the server is doing. */
export interface Status {
  state: 'idle' | 'busy' | 'degraded';
  jobs: { job: string; action: Action; uri: string; state: string }[];
  models: Record<string, string>;
  message: string;
}

export const InputRequest = new RequestType<{ title: string; placeholder: string }, { value: string } | null, void>('hob/input');
export const JobDone = new NotificationType<JobResult>('hob/jobDone');
export const StatusChanged = new NotificationType<Status>('hob/status');
