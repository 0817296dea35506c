import { AbortedError, type Progress, TwinergyError } from '../../core/index.js';
import type { JobHandler } from './queue.js';

/** The few calls of a worker that are used: `Worker` of the web, or that of `node:worker_threads`. */
export interface JobWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** The web's. */
  addEventListener?(type: 'message' | 'error', listener: (event: { data?: unknown; message?: string }) => void): void;
  /** Node's. */
  on?(type: 'message' | 'error', listener: (value: unknown) => void): unknown;
}

/** What a worker is sent. */
export interface WorkerCall {
  readonly kind: string;
  readonly payload: unknown;
}

type Answer =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/**
 * A handler that does its job in a worker of its own, made by `open` and ended with the job: also work that never gives the
 * event loop its turn disturbs nobody, and can be cancelled at any time.
 */
export function workerHandler(kind: string, open: () => JobWorker): JobHandler {
  return (payload, { signal, onProgress }) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new AbortedError());
        return;
      }
      const worker = open();
      const end = (settle: () => void): void => {
        signal.removeEventListener('abort', cancel);
        worker.terminate();
        settle();
      };
      const cancel = () => end(() => reject(new AbortedError()));
      const hear = (data: unknown): void => {
        const answer = data as Answer;
        if (answer.type === 'progress') onProgress(answer.progress);
        else if (answer.type === 'done') end(() => resolve(answer.result));
        else end(() => reject(new TwinergyError(answer.code, answer.message)));
      };
      const fail = (message: string) => end(() => reject(new TwinergyError('JOB_WORKER_DIED', message)));
      signal.addEventListener('abort', cancel, { once: true });
      if (worker.on === undefined) {
        worker.addEventListener?.('message', ({ data }) => hear(data));
        worker.addEventListener?.('error', ({ message }) => fail(message ?? 'The worker failed.'));
      } else {
        worker.on('message', hear);
        worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
      }
      worker.postMessage({ kind, payload } satisfies WorkerCall);
    });
}

/** Inside the worker: does what it is sent by `handlers`, and answers. `post` sends back, such as `parentPort.postMessage`. */
export async function answerCall(
  call: WorkerCall,
  handlers: Readonly<Record<string, JobHandler>>,
  post: (answer: unknown) => void,
): Promise<void> {
  try {
    const handler = handlers[call.kind];
    if (handler === undefined)
      throw new TwinergyError('JOB_UNKNOWN_KIND', `Nobody does jobs of the kind "${call.kind}".`);
    const result = await handler(call.payload, {
      signal: new AbortController().signal,
      onProgress: (progress) => post({ type: 'progress', progress }),
    });
    post({ type: 'done', result });
  } catch (error) {
    post({
      type: 'failed',
      code: error instanceof TwinergyError ? error.code : 'JOB_FAILED',
      message: error instanceof Error ? error.message : String(error),
    });
  }
}
