import { randomUUID } from 'node:crypto';
import { AbortedError, TwinergyError } from '../../core/index.js';
import type { JobCounts, JobHandle, JobQueue, JobRequest } from '../../monitor/index.js';
import type { JobBroker, JobEvent, JobOutcome, JobResults } from './broker.js';

/** Options of `brokerJobs`. */
export interface BrokerJobsOptions {
  readonly broker: JobBroker;
  readonly results: JobResults;
  /** Kinds that there are workers for; others are refused. Default: any is taken. */
  readonly kinds?: readonly string[] | undefined;
  /** How often results are looked for that nobody told of, ms. Default 2000. */
  readonly poll?: number | undefined;
}

interface Waiting {
  readonly result: Promise<unknown>;
  readonly request: JobRequest;
  running: boolean;
  settle(outcome: JobOutcome): void;
  fail(error: unknown): void;
}

/**
 * The `JobQueue` of the monitor over a broker: jobs are done by `serveJobs`, here or on other machines. An id that was done
 * before gives the same result again, also after a restart. Tenants are not taken in turn: jobs of one priority come in order.
 */
export async function brokerJobs({ broker, results, kinds, poll = 2_000 }: BrokerJobsOptions): Promise<JobQueue> {
  const known = new Map<string, Waiting>();
  const counts = { done: 0, failed: 0 };
  let closed = false;

  const look = async (id: string): Promise<void> => {
    const outcome = await results.get(id).catch(() => undefined);
    if (outcome !== undefined) known.get(id)?.settle(outcome);
  };
  const hear = (event: JobEvent): void => {
    const waiting = known.get(event.id);
    if (waiting === undefined) return;
    if (event.type === 'started') waiting.running = true;
    else if (event.type === 'progress') waiting.request.onProgress?.(event.progress);
    else if (event.type === 'settled') void look(event.id);
  };
  const stop = await broker.listen(hear);
  const timer = setInterval(() => {
    for (const id of known.keys()) void look(id);
  }, poll);
  timer.unref();

  const cancel = async (id: string): Promise<void> => {
    await results.put(id, { state: 'cancelled' });
    broker.tell({ type: 'cancel', id });
    await look(id);
  };

  const begin = async (id: string, request: JobRequest): Promise<void> => {
    const before = await results.get(id);
    if (before?.state === 'done') {
      known.get(id)?.settle(before);
      return;
    }
    // What failed or was cancelled may be tried again under its id.
    if (before !== undefined) await results.forget(id);
    const { kind, payload, priority = 'normal', tenantId = 'default' } = request;
    await broker.send({ id, kind, payload, priority, tenantId });
  };

  return {
    submit<Result>(request: JobRequest): JobHandle<Result> {
      if (closed) throw new TwinergyError('JOB_QUEUE_CLOSED', 'The queue takes no more jobs.');
      if (kinds !== undefined && !kinds.includes(request.kind)) {
        throw new TwinergyError('JOB_UNKNOWN_KIND', `Nobody does jobs of the kind "${request.kind}".`, {
          path: 'kind',
          value: request.kind,
          hint: `Kinds are: ${kinds.join(', ')}.`,
        });
      }
      const id = request.id ?? randomUUID();
      const same = known.get(id);
      if (same !== undefined) return { id, result: same.result as Promise<Result> };
      let settle: Waiting['settle'] = () => undefined;
      let fail: Waiting['fail'] = () => undefined;
      const result = new Promise<unknown>((resolve, reject) => {
        fail = (error) => {
          if (known.delete(id)) counts.failed++;
          reject(error);
        };
        settle = (outcome) => {
          if (!known.has(id)) return;
          if (outcome.state === 'cancelled') fail(new AbortedError(request.signal?.reason));
          else if (outcome.state === 'failed') fail(new TwinergyError(outcome.code, outcome.message));
          else {
            known.delete(id);
            counts.done++;
            resolve(outcome.result);
          }
        };
      });
      result.catch(() => undefined);
      known.set(id, { result, request, running: false, settle, fail });
      const { signal } = request;
      if (signal?.aborted === true) fail(new AbortedError(signal.reason));
      else {
        signal?.addEventListener('abort', () => void cancel(id).catch(fail), { once: true });
        begin(id, request).catch(fail);
      }
      return { id, result: result as Promise<Result> };
    },
    get counts(): JobCounts {
      const running = [...known.values()].filter((waiting) => waiting.running).length;
      return { waiting: known.size - running, running, ...counts };
    },
    async close() {
      closed = true;
      clearInterval(timer);
      const open = [...known.entries()];
      for (const [id, waiting] of open) if (!waiting.running) await cancel(id).catch(waiting.fail);
      await Promise.allSettled(open.map(([, { result }]) => result));
      await stop();
    },
  };
}
