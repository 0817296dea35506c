import type { Progress } from '../../core/index.js';

/** How urgent a job is: what a person waits for goes before what is done beforehand. */
export type JobPriority = 'interactive' | 'normal' | 'background';

/** A piece of heavy work: training, a back-test, a plan, a report. Data only, so that it can go to a worker or a broker. */
export interface JobRequest {
  /** What is to be done, as the handlers know it: `train`, `backtest`. */
  readonly kind: string;
  /** JSON data. */
  readonly payload: unknown;
  /** The same id a second time is the same job: it is not done twice. Default: a new one. */
  readonly id?: string;
  /** Default `normal`. */
  readonly priority?: JobPriority;
  /** Whose it is; tenants share the workers evenly. Default `default`. */
  readonly tenantId?: string;
  /** Told how far the work is. */
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels it: at once while it waits, at its next step while it runs. */
  readonly signal?: AbortSignal;
}

/** A job that was put in. */
export interface JobHandle<Result = unknown> {
  readonly id: string;
  /** Resolves with what the handler gave; rejects with its error, or an `AbortedError`. */
  readonly result: Promise<Result>;
}

/** What the handler of a kind of job is called with. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Does the jobs of one kind. It may be called again for a job whose worker died: its effect must be the same twice. */
export type JobHandler = (payload: unknown, context: JobContext) => Promise<unknown> | unknown;

/** How many jobs wait and run. */
export interface JobCounts {
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

/**
 * A queue of heavy work, the same whether it is done in this process, in worker threads or by other machines: urgent jobs
 * first, tenants in turn, progress, cancellation.
 */
export interface JobQueue {
  /** Puts a job in. @throws TwinergyError `JOB_UNKNOWN_KIND`, `JOB_QUEUE_CLOSED` */
  submit<Result = unknown>(request: JobRequest): JobHandle<Result>;
  readonly counts: JobCounts;
  /** Takes no more jobs, cancels those that wait, and waits for those that run. */
  close(): Promise<void>;
}
