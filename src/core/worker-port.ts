import { AbortedError, TwinergyError } from './errors.js';
import { type Progress, throwIfAborted, type WorkOptions } from './work.js';

/** One end of a channel: a Web Worker, `self` in one, a `MessagePort`, or Node's `Worker` and `parentPort`. */
export interface WorkerPort {
  postMessage(message: unknown): void;
  addEventListener?(type: string, listener: (event: PortEvent) => void): void;
  removeEventListener?(type: string, listener: (event: PortEvent) => void): void;
  /** Node's way of listening. */
  on?(type: string, listener: (data: unknown) => void): unknown;
  off?(type: string, listener: (data: unknown) => void): unknown;
  /** A `MessagePort` is silent until it is started. */
  start?(): void;
}

/** What a port tells its listeners: a message with its data, or an error with its text. */
export interface PortEvent {
  readonly data?: unknown;
  readonly message?: unknown;
}

/** The tasks that one end serves, by name: what each is given and what it answers. Both must be plain data. */
export type WorkerTasks = Record<string, { readonly input: unknown; readonly output: unknown }>;

/** What a task is given beside its input. */
export interface ServedWork extends WorkOptions {
  /** Tells the other end something on the way, as plain data. */
  readonly onNote: (note: unknown) => void;
}

/** How the tasks are done. */
export type WorkHandlers<Tasks extends WorkerTasks> = {
  readonly [Name in keyof Tasks]: (input: Tasks[Name]['input'], work: ServedWork) => Promise<Tasks[Name]['output']>;
};

type Request =
  | { readonly kind: 'twinergy-work'; readonly id: number; readonly task: string; readonly input: unknown }
  | { readonly kind: 'twinergy-abort'; readonly id: number };

type Answer =
  | { readonly kind: 'twinergy-progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'twinergy-note'; readonly id: number; readonly note: unknown }
  | { readonly kind: 'twinergy-done'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'twinergy-failed'; readonly id: number; readonly code: string; readonly message: string };

const REQUESTS: readonly string[] = ['twinergy-work', 'twinergy-abort'];
const ANSWERS: readonly string[] = ['twinergy-progress', 'twinergy-note', 'twinergy-done', 'twinergy-failed'];

/** Whether a message is one of ours: other libraries may use the same channel. */
const isRequest = (message: unknown): message is Request => hasKind(message, REQUESTS);
const isAnswer = (message: unknown): message is Answer => hasKind(message, ANSWERS);

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && kinds.includes(message.kind);
}

/** Calls `listener` with each event of a type, whichever way the port tells them; returns what stops it. */
function listen(port: WorkerPort, type: 'message' | 'error', listener: (value: unknown) => void): () => void {
  if (port.addEventListener !== undefined) {
    const own = (event: PortEvent) => listener(type === 'message' ? event.data : event.message);
    port.addEventListener(type, own);
    if (type === 'message') port.start?.();
    return () => port.removeEventListener?.(type, own);
  }
  port.on?.(type, listener);
  return () => port.off?.(type, listener);
}

/**
 * Does tasks that `requestWork` of another thread asks for, several at a time, with progress, abort and errors.
 * @param port this thread's end of the channel
 * @returns what stops it
 */
export function serveWork<Tasks extends WorkerTasks>(port: WorkerPort, handlers: WorkHandlers<Tasks>): () => void {
  const running = new Map<number, AbortController>();
  const answer = (value: Answer) => port.postMessage(value);
  const work = async (task: string, input: unknown, served: ServedWork): Promise<unknown> => {
    const handler = Object.hasOwn(handlers, task) ? handlers[task] : undefined;
    if (handler === undefined) {
      throw new TwinergyError('WORKER_UNKNOWN_TASK', `This worker does not serve the task "${task}".`, {
        hint: `It serves: ${Object.keys(handlers).join(', ')}.`,
      });
    }
    return handler(input, served);
  };
  return listen(port, 'message', (message) => {
    if (!isRequest(message)) return;
    const { id } = message;
    if (message.kind === 'twinergy-abort') {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    work(message.task, message.input, {
      signal: controller.signal,
      onProgress: (progress) => answer({ kind: 'twinergy-progress', id, progress }),
      onNote: (note) => answer({ kind: 'twinergy-note', id, note }),
    })
      .then(
        (output) => answer({ kind: 'twinergy-done', id, output }),
        (error: unknown) =>
          answer({
            kind: 'twinergy-failed',
            id,
            code: error instanceof TwinergyError ? error.code : 'WORKER_FAILED',
            message: error instanceof Error ? error.message : String(error),
          }),
      )
      .finally(() => running.delete(id));
  });
}

let lastId = 0;

/**
 * Has the other end of a channel, which runs `serveWork`, do a task; data go there and back as copies.
 * @throws TwinergyError of the task, with its code; `WORKER_UNKNOWN_TASK`; `WORKER_FAILED` where the worker itself breaks;
 * `ABORTED`
 */
export function requestWork<Tasks extends WorkerTasks, Name extends keyof Tasks & string>(
  port: WorkerPort,
  task: Name,
  input: Tasks[Name]['input'],
  { signal, onProgress, onNote }: WorkOptions & { readonly onNote?: (note: unknown) => void } = {},
): Promise<Tasks[Name]['output']> {
  throwIfAborted(signal);
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const send = (request: Request) => port.postMessage(request);
    const abort = () => {
      send({ kind: 'twinergy-abort', id });
      end();
      reject(new AbortedError(signal?.reason));
    };
    const stopMessages = listen(port, 'message', (answer) => {
      if (!isAnswer(answer) || answer.id !== id) return;
      if (answer.kind === 'twinergy-progress') return onProgress?.(answer.progress);
      if (answer.kind === 'twinergy-note') return onNote?.(answer.note);
      end();
      if (answer.kind === 'twinergy-done') resolve(answer.output);
      else reject(answer.code === 'ABORTED' ? new AbortedError() : new TwinergyError(answer.code, answer.message));
    });
    const stopErrors = listen(port, 'error', (error) => {
      end();
      const text = error instanceof Error ? error.message : String(error ?? 'it could not be started');
      reject(new TwinergyError('WORKER_FAILED', `The worker failed: ${text}.`, { cause: error }));
    });
    const end = () => {
      stopMessages();
      stopErrors();
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);
    send({ kind: 'twinergy-work', id, task, input });
  });
}
