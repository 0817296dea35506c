import { AbortedError, TwinergyError } from '../../core/index.js';
import type { JobHandler } from '../../monitor/index.js';
import type { BrokerJob, JobBroker, JobResults, Verdict } from './broker.js';

/** Options of `serveJobs`. */
export interface ServeJobsOptions {
  readonly broker: JobBroker;
  readonly results: JobResults;
  /** What does the jobs of each kind. It may be called twice for one job: its effect must be the same. */
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Jobs side by side. Default 1. */
  readonly concurrency?: number | undefined;
  /** How often a job is tried before it goes to the dead letters. Default 3. */
  readonly attempts?: number | undefined;
  /** Wait before the second try, ms; it doubles with each. Default 1000. */
  readonly retryDelay?: number | undefined;
}

/**
 * Does jobs that come by a broker until it is closed. A worker that dies leaves its job to another; a job whose result is there
 * already is not done again; what fails is tried again, at last it goes to the dead letters and its sender is told.
 */
export async function serveJobs(options: ServeJobsOptions): Promise<{ close(): Promise<void> }> {
  const { broker, results, handlers, concurrency = 1, attempts = 3, retryDelay = 1_000 } = options;
  const running = new Map<string, AbortController>();
  const stopListening = await broker.listen((event) => {
    if (event.type === 'cancel') running.get(event.id)?.abort();
  });

  const handle = async (job: BrokerJob, attempt: number): Promise<Verdict> => {
    const { id, kind, payload } = job;
    if ((await results.get(id)) !== undefined) {
      broker.tell({ type: 'settled', id });
      return { over: true };
    }
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
      if (handler === undefined)
        throw new TwinergyError('JOB_UNKNOWN_KIND', `Nobody does jobs of the kind "${kind}".`, { value: kind });
      broker.tell({ type: 'started', id });
      const result = await handler(payload, {
        signal: controller.signal,
        onProgress: (progress) => broker.tell({ type: 'progress', id, progress }),
      });
      await results.put(id, { state: 'done', result: result ?? null });
    } catch (error) {
      const cancelled = controller.signal.aborted || error instanceof AbortedError;
      if (!cancelled && attempt < attempts) return { retry: true, delay: retryDelay * 2 ** (attempt - 1) };
      const code = error instanceof TwinergyError ? error.code : 'JOB_FAILED';
      const message = error instanceof Error ? error.message : String(error);
      await results.put(id, cancelled ? { state: 'cancelled' } : { state: 'failed', code, message });
      broker.tell({ type: 'settled', id });
      return cancelled ? { over: true } : { dead: true, reason: `${code}: ${message}` };
    } finally {
      running.delete(id);
    }
    broker.tell({ type: 'settled', id });
    return { over: true };
  };

  const stop = await broker.serve(handle, concurrency);
  return {
    async close() {
      await stop();
      await stopListening();
    },
  };
}
