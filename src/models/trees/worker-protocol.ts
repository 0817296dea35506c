import { AbortedError, TwinergyError } from '../../core/errors.js';
import { type Progress, throwIfAborted, type WorkOptions } from '../../core/work.js';
import type { Matrix } from '../matrix.js';

/** Models that can be fitted in a worker. */
export type WorkerModel = 'gradient-boosting' | 'random-forest' | 'isolation-forest';

/** One end of a channel: a Web Worker, `self` in one, a `MessagePort`, or Node's `Worker` and `parentPort`. */
export interface FitWorker {
  postMessage(message: unknown): void;
  addEventListener?(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener?(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Node's way of listening. */
  on?(type: 'message', listener: (data: unknown) => void): unknown;
  off?(type: 'message', listener: (data: unknown) => void): unknown;
  /** A `MessagePort` is silent until it is started. */
  start?(): void;
}

/** What is asked of a worker. */
export type FitRequest =
  | {
      readonly kind: 'twinergy-fit';
      readonly id: number;
      readonly model: WorkerModel;
      readonly options: object;
      readonly matrix: Matrix;
      readonly target: ArrayLike<number> | undefined;
      readonly fit: object;
    }
  | { readonly kind: 'twinergy-abort'; readonly id: number };

/** What a worker answers. */
export type FitAnswer =
  | { readonly kind: 'twinergy-progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'twinergy-fitted'; readonly id: number; readonly saved: unknown }
  | { readonly kind: 'twinergy-failed'; readonly id: number; readonly code: string; readonly message: string };

/** Calls `listener` with each message; returns what stops it. */
export function listen(worker: FitWorker, listener: (message: unknown) => void): () => void {
  if (worker.addEventListener !== undefined) {
    const own = ({ data }: { readonly data: unknown }) => listener(data);
    worker.addEventListener('message', own);
    worker.start?.();
    return () => worker.removeEventListener?.('message', own);
  }
  worker.on?.('message', listener);
  return () => worker.off?.('message', listener);
}

/** Whether a message is one of ours. */
export function isAnswer(message: unknown): message is FitAnswer {
  return hasKind(message, ['twinergy-progress', 'twinergy-fitted', 'twinergy-failed']);
}

/** Whether a message is one of ours. */
export function isRequest(message: unknown): message is FitRequest {
  return hasKind(message, ['twinergy-fit', 'twinergy-abort']);
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && kinds.includes(message.kind);
}

let lastId = 0;

/**
 * Has a worker that runs `serveTreeFits` fit a model; data go there as copies.
 * @returns the fitted model as its JSON
 * @throws TwinergyError of the fit, with its code; `ABORTED`
 */
export function fitInWorker(
  worker: FitWorker,
  model: WorkerModel,
  options: object,
  matrix: Matrix,
  target: ArrayLike<number> | undefined,
  { signal, onProgress, ...fit }: WorkOptions,
): Promise<unknown> {
  throwIfAborted(signal);
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const abort = () => {
      worker.postMessage({ kind: 'twinergy-abort', id } satisfies FitRequest);
      end();
      reject(new AbortedError(signal?.reason));
    };
    const stop = listen(worker, (answer) => {
      if (!isAnswer(answer) || answer.id !== id) return;
      if (answer.kind === 'twinergy-progress') {
        onProgress?.(answer.progress);
        return;
      }
      end();
      if (answer.kind === 'twinergy-fitted') resolve(answer.saved);
      else reject(new TwinergyError(answer.code, answer.message));
    });
    const end = () => {
      stop();
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    const { data, rows, columns } = matrix;
    worker.postMessage({
      kind: 'twinergy-fit',
      id,
      model,
      options,
      matrix: { data, rows, columns },
      target,
      fit,
    } satisfies FitRequest);
  });
}
