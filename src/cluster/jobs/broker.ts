import type { Progress } from '../../core/index.js';
import type { JobPriority } from '../../monitor/index.js';
import type { TenantStorage } from '../../storage/index.js';

/** A job as a broker carries it. */
export interface BrokerJob {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly priority: JobPriority;
  readonly tenantId: string;
}

/** The priorities, the most urgent first. */
export const priorities: readonly JobPriority[] = ['interactive', 'normal', 'background'];

/** What is told of a job to all who listen now. */
export type JobEvent =
  | { readonly type: 'started' | 'settled' | 'cancel'; readonly id: string }
  | { readonly type: 'progress'; readonly id: string; readonly progress: Progress };

/** What becomes of a delivery: it is over, comes again after `delay` ms, or goes to the dead letters. */
export type Verdict =
  | { readonly over: true }
  | { readonly retry: true; readonly delay: number }
  | { readonly dead: true; readonly reason: string };

/** Carries jobs from those who want them done to those who do them. Each is delivered at least once, the urgent ones first. */
export interface JobBroker {
  /** Resolves when the broker has it on disk. */
  send(job: BrokerJob): Promise<void>;
  /** Takes jobs, `concurrency` at a time; `attempt` counts from 1. Returns what ends it, after those under way. */
  serve(
    handle: (job: BrokerJob, attempt: number) => Promise<Verdict>,
    concurrency: number,
  ): Promise<() => Promise<void>>;
  /** Tells all who listen; nothing of it is kept. */
  tell(event: JobEvent): void;
  listen(onEvent: (event: JobEvent) => void): Promise<() => Promise<void>>;
  /** Jobs that were given up. */
  dead(limit: number): Promise<readonly { readonly job: BrokerJob; readonly reason: string }[]>;
  close(): Promise<void>;
}

/** How a job ended. */
export type JobOutcome =
  | { readonly state: 'done'; readonly result: unknown }
  | { readonly state: 'failed'; readonly code: string; readonly message: string }
  | { readonly state: 'cancelled' };

/** Where it is kept how jobs ended, so that a job that comes again is not done again. */
export interface JobResults {
  get(id: string): Promise<JobOutcome | undefined>;
  put(id: string, outcome: JobOutcome): Promise<void>;
  forget(id: string): Promise<void>;
}

const KIND = 'job-result';

/** In the table `documents` of a store, kind `job-result`; an outcome that is there stays. */
export function storageResults(storage: TenantStorage, now: () => number = () => Date.now()): JobResults {
  const idOf = (id: string) => `${KIND}:${id}`;
  const get = async (id: string) => (await storage.get('documents', idOf(id)))?.data as JobOutcome | undefined;
  return {
    get,
    async put(id, outcome) {
      if ((await get(id)) !== undefined) return;
      await storage.put('documents', [{ id: idOf(id), time: now(), kind: KIND, data: outcome }]);
    },
    forget: (id) => storage.remove('documents', [idOf(id)]),
  };
}
