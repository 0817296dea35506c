import { AbortedError, TwinergyError } from '../../core/index.js';
import { FairLine } from './fair.js';
import type { JobCounts, JobHandle, JobHandler, JobPriority, JobQueue, JobRequest } from './queue.js';

interface Waiting {
  readonly id: string;
  readonly request: JobRequest;
  readonly priority: JobPriority;
  readonly tenantId: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Options of `localJobs`. */
export interface LocalJobsOptions {
  /** What does the jobs of each kind. A handler that gives the event loop its turn (`…Async`) keeps the beat going. */
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Jobs that run side by side. Default 1. */
  readonly concurrency?: number;
}

/**
 * Jobs done in this process, or, with handlers that post to workers (see `workerJobs`), in theirs. An id that is under way or
 * done within the last thousand jobs gives the same result again.
 */
export function localJobs({ handlers, concurrency = 1 }: LocalJobsOptions): JobQueue {
  const line = new FairLine<Waiting>();
  const known = new Map<string, Promise<unknown>>();
  const running = new Set<Promise<void>>();
  const counts = { done: 0, failed: 0 };
  let closed = false;
  let sequence = 0;

  const work = async (job: Waiting): Promise<void> => {
    const { kind, payload, signal, onProgress } = job.request;
    try {
      const handler = handlers[kind] as JobHandler;
      const result = await handler(payload, {
        signal: signal ?? new AbortController().signal,
        onProgress: (progress) => onProgress?.(progress),
      });
      // A handler that did not look has finished all the same, but nobody wants it.
      if (signal?.aborted === true) throw new AbortedError();
      counts.done++;
      job.resolve(result);
    } catch (error) {
      counts.failed++;
      // What failed may be tried again under its id.
      known.delete(job.id);
      job.reject(error);
    }
  };

  const next = (): void => {
    while (running.size < concurrency) {
      const job = line.shift();
      if (job === undefined) return;
      const run: Promise<void> = work(job).then(() => {
        running.delete(run);
        next();
      });
      running.add(run);
    }
  };

  return {
    submit<Result>(request: JobRequest): JobHandle<Result> {
      if (closed) throw new TwinergyError('JOB_QUEUE_CLOSED', 'The queue takes no more jobs.');
      if (!Object.hasOwn(handlers, request.kind)) {
        throw new TwinergyError('JOB_UNKNOWN_KIND', `Nobody does jobs of the kind "${request.kind}".`, {
          path: 'kind',
          value: request.kind,
          hint: `Kinds are: ${Object.keys(handlers).join(', ')}.`,
        });
      }
      const id = request.id ?? `job-${++sequence}`;
      const before = known.get(id);
      if (before !== undefined) return { id, result: before as Promise<Result> };
      const result = new Promise<unknown>((resolve, reject) => {
        const job: Waiting = {
          id,
          request,
          priority: request.priority ?? 'normal',
          tenantId: request.tenantId ?? 'default',
          resolve,
          reject,
        };
        const { signal } = request;
        if (signal?.aborted === true) {
          reject(new AbortedError());
          return;
        }
        signal?.addEventListener(
          'abort',
          () => {
            if (!line.remove(job)) return;
            known.delete(id);
            reject(new AbortedError());
          },
          { once: true },
        );
        line.push(job);
      });
      result.catch(() => undefined);
      known.set(id, result);
      if (known.size > 1000) known.delete(known.keys().next().value as string);
      queueMicrotask(next);
      return { id, result: result as Promise<Result> };
    },
    get counts(): JobCounts {
      return { waiting: line.length, running: running.size, ...counts };
    },
    async close() {
      closed = true;
      for (let job = line.shift(); job !== undefined; job = line.shift()) job.reject(new AbortedError());
      await Promise.all(running);
    },
  };
}
