import { AbortedError } from './errors.js';

/** How far a long piece of work has come. */
export interface Progress {
  /** What is being done, for people: `"growing trees"`. */
  readonly phase: string;
  /** Units done so far. */
  readonly done: number;
  /** Units in all. `done / total` is the fraction. */
  readonly total: number;
}

/** Options of anything that may take more than 100 ms. */
export interface WorkOptions {
  /** Cancels the work; it then ends with an `AbortedError` and leaves no half-made result behind. */
  readonly signal?: AbortSignal | undefined;
  /** Told as the work proceeds. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Long computations are written once, as generators that yield their progress, and then run in one of two ways: `runSync`
 * (blocks until the end) or `runAsync` (gives the event loop its turn, so that a page stays responsive).
 */
export type Work<Result> = Generator<Progress, Result, void>;

/** Throws an `AbortedError` if `signal` has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(signal.reason);
}

/** Tells the progress and hears an abort; either's error is thrown inside the work too, so that its `finally` runs. */
function report<Result>(
  work: Work<Result>,
  progress: Progress,
  signal: AbortSignal | undefined,
  onProgress?: (progress: Progress) => void,
): void {
  try {
    onProgress?.(progress);
    throwIfAborted(signal);
  } catch (error) {
    work.throw(error);
    // Work that swallows the error must not go on.
    throw error;
  }
}

/** Runs `work` to its end in one go. `onProgress` may abort the signal, which is looked at after each step. */
export function runSync<Result>(work: Work<Result>, { signal, onProgress }: WorkOptions = {}): Result {
  throwIfAborted(signal);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    report(work, step.value, signal, onProgress);
  }
}

/** Runs `work`, giving the event loop its turn at least every `slice` ms (default 12, under one frame of a screen). */
export async function runAsync<Result>(
  work: Work<Result>,
  { signal, onProgress, slice = 12 }: WorkOptions & { readonly slice?: number } = {},
): Promise<Result> {
  throwIfAborted(signal);
  let turnEnds = performance.now() + slice;
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    report(work, step.value, signal, onProgress);
    if (performance.now() >= turnEnds) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turnEnds = performance.now() + slice;
      report(work, step.value, signal);
    }
  }
}
