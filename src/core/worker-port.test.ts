import { describe, expect, it } from 'vitest';
import { TwinergyError } from './errors.js';
import { requestWork, serveWork, type WorkerPort } from './worker-port.js';

type Tasks = {
  sum: { readonly input: Float64Array; readonly output: number };
  wait: { readonly input: null; readonly output: string };
  fail: { readonly input: 'ours' | 'other'; readonly output: null };
};

async function withChannel(use: (port: WorkerPort) => Promise<void>) {
  const { port1, port2 } = new MessageChannel();
  const stop = serveWork<Tasks>(port2, {
    sum: async (input, { onProgress, onNote }) => {
      onProgress?.({ phase: 'summing', done: 1, total: 2 });
      onNote({ rows: input.length });
      return input.reduce((total, value) => total + value, 0);
    },
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('stopped')));
      }),
    fail: async (which) => {
      throw which === 'ours' ? new TwinergyError('PLANT_DARK', 'There is no light.') : new RangeError('Out of range.');
    },
  });
  try {
    await use(port1);
  } finally {
    stop();
    port1.close();
  }
}

describe('work on another thread', () => {
  it('is answered, several at a time, with progress and notes', () =>
    withChannel(async (port) => {
      const told: unknown[] = [];
      const work = { onProgress: (p: unknown) => told.push(p), onNote: (note: unknown) => told.push(note) };
      const answers = await Promise.all([
        requestWork<Tasks, 'sum'>(port, 'sum', Float64Array.of(1, 2, 3), work),
        requestWork<Tasks, 'sum'>(port, 'sum', Float64Array.of(4)),
      ]);
      expect(answers).toEqual([6, 4]);
      expect(told).toEqual([{ phase: 'summing', done: 1, total: 2 }, { rows: 3 }]);
    }));

  it('can be aborted, and is not begun when it already was', () =>
    withChannel(async (port) => {
      const controller = new AbortController();
      const waiting = requestWork<Tasks, 'wait'>(port, 'wait', null, { signal: controller.signal });
      controller.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
      expect(() => requestWork<Tasks, 'wait'>(port, 'wait', null, { signal: controller.signal })).toThrow(/aborted/);
    }));

  it('passes errors on with their code', () =>
    withChannel(async (port) => {
      await expect(requestWork<Tasks, 'fail'>(port, 'fail', 'ours')).rejects.toMatchObject({ code: 'PLANT_DARK' });
      const other = requestWork<Tasks, 'fail'>(port, 'fail', 'other');
      await expect(other).rejects.toMatchObject({ code: 'WORKER_FAILED', message: 'Out of range.' });
      const unknown = requestWork(port, 'toString', null);
      await expect(unknown).rejects.toMatchObject({ code: 'WORKER_UNKNOWN_TASK' });
    }));

  it('fails where the worker breaks, in place of waiting for ever', async () => {
    const listeners = new Map<string, (value: unknown) => void>();
    const port: WorkerPort = { postMessage: () => {}, on: (type, listener) => listeners.set(type, listener) };
    const work = requestWork(port, 'sum', null);
    listeners.get('error')?.(new Error('no such file'));
    await expect(work).rejects.toMatchObject({ code: 'WORKER_FAILED', message: 'The worker failed: no such file.' });
  });
});
