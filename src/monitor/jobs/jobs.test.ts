import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type JobWorker, localJobs, workerHandler } from './index.js';

/** A queue whose jobs end when the test lets them. */
function controlled(concurrency = 1) {
  const order: unknown[] = [];
  const ends = new Map<unknown, () => void>();
  const queue = localJobs({
    concurrency,
    handlers: {
      wait: (payload, { signal }) =>
        new Promise((resolve, reject) => {
          order.push(payload);
          ends.set(payload, () => resolve(payload));
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
      fail: () => Promise.reject(new Error('no')),
    },
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const end = async (payload: unknown) => {
    ends.get(payload)?.();
    await turn();
  };
  return { queue, order, end, turn };
}

describe('jobs', () => {
  it('does the urgent first, and tenants in turn', async () => {
    const { queue, order, end, turn } = controlled();
    const put = (payload: string, tenantId: string, priority?: 'interactive' | 'background') =>
      queue.submit({ kind: 'wait', payload, tenantId, ...(priority && { priority }) });
    put('first', 'a');
    await turn();
    for (const payload of ['a1', 'a2', 'a3']) put(payload, 'a');
    put('b1', 'b');
    put('later', 'a', 'background');
    put('now', 'c', 'interactive');
    for (const payload of ['first', 'now', 'a1', 'b1', 'a2', 'a3', 'later']) await end(payload);
    expect(order).toEqual(['first', 'now', 'a1', 'b1', 'a2', 'a3', 'later']);
    expect(queue.counts).toEqual({ waiting: 0, running: 0, done: 7, failed: 0 });
  });

  it('does a job of one id once, and again where it failed', async () => {
    const { queue, order, end, turn } = controlled();
    const first = queue.submit({ kind: 'wait', payload: 1, id: 'x' });
    const second = queue.submit({ kind: 'wait', payload: 2, id: 'x' });
    await turn();
    await end(1);
    expect(await Promise.all([first.result, second.result])).toEqual([1, 1]);
    expect(order).toEqual([1]);
    await expect(queue.submit({ kind: 'fail', payload: 0, id: 'y' }).result).rejects.toThrow('no');
    await expect(queue.submit({ kind: 'fail', payload: 0, id: 'y' }).result).rejects.toThrow('no');
    expect(queue.counts.failed).toBe(2);
  });

  it('cancels what waits at once, what runs at its next step, and everything when it closes', async () => {
    const { queue, order, turn } = controlled();
    const [running, waiting] = [new AbortController(), new AbortController()];
    const a = queue.submit({ kind: 'wait', payload: 'a', signal: running.signal });
    const b = queue.submit({ kind: 'wait', payload: 'b', signal: waiting.signal });
    const c = queue.submit({ kind: 'wait', payload: 'c' });
    await turn();
    waiting.abort();
    await expect(b.result).rejects.toMatchObject({ code: 'ABORTED' });
    const closing = queue.close();
    await expect(c.result).rejects.toMatchObject({ code: 'ABORTED' });
    running.abort();
    await expect(a.result).rejects.toThrow('stopped');
    await closing;
    expect(order).toEqual(['a']);
    expect(() => queue.submit({ kind: 'wait', payload: 0 })).toThrow(
      expect.objectContaining({ code: 'JOB_QUEUE_CLOSED' }),
    );
  });

  it('refuses kinds that nobody does', () => {
    expect(() => controlled().queue.submit({ kind: 'fly', payload: 0 })).toThrow(
      expect.objectContaining({ code: 'JOB_UNKNOWN_KIND' }),
    );
  });

  it('does jobs in worker threads, with progress, and ends them when they are cancelled', async () => {
    const open = (code: string) => (): JobWorker => new Worker(code, { eval: true });
    const queue = localJobs({
      handlers: {
        double: workerHandler(
          'double',
          open(`const { parentPort } = require('node:worker_threads');
            parentPort.on('message', ({ payload }) => {
              parentPort.postMessage({ type: 'progress', progress: { phase: 'half', done: 1, total: 2 } });
              parentPort.postMessage({ type: 'done', result: payload * 2 });
            });`),
        ),
        endless: workerHandler(
          'endless',
          open(`require('node:worker_threads').parentPort.on('message', () => { for (;;); });`),
        ),
        broken: workerHandler('broken', open(`throw new Error('broken');`)),
      },
      concurrency: 2,
    });
    const phases: string[] = [];
    const { result } = queue.submit({ kind: 'double', payload: 21, onProgress: ({ phase }) => phases.push(phase) });
    expect(await result).toBe(42);
    expect(phases).toEqual(['half']);
    const stop = new AbortController();
    const endless = queue.submit({ kind: 'endless', payload: 0, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(endless.result).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(queue.submit({ kind: 'broken', payload: 0 }).result).rejects.toMatchObject({
      code: 'JOB_WORKER_DIED',
    });
    await queue.close();
  });
});
