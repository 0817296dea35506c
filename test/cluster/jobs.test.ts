import { afterAll, describe, expect, it } from 'vitest';
import { linkCluster } from '../../src/cluster/index.js';
import {
  brokerJobs,
  type JobBroker,
  jetstreamBroker,
  rabbitBroker,
  serveJobs,
  storageResults,
} from '../../src/cluster/jobs/index.js';
import { memoryStorage } from '../../src/storage/index.js';
import { missing, services } from './services.js';

const name = `jobs-${process.pid}`;
const makers: Record<'nats' | 'rabbit', () => Promise<{ broker: JobBroker; remove(): Promise<void> }>> = {
  nats: async () => {
    const link = await linkCluster({ nats: services.nats, name, stored: 'memory', partitions: 1 });
    const remove = async () => {
      for (const stream of [link.names.stream, link.names.jobs, link.names.deadJobs, `KV_${link.names.bucket}`])
        await link.manager.streams.delete(stream);
      await link.close();
    };
    return { broker: await jetstreamBroker(link), remove };
  },
  rabbit: async () => {
    const { connect } = await import('amqplib');
    const broker = await rabbitBroker({ connect: services.rabbit, name });
    const remove = async () => {
      await broker.close();
      const connection = await connect(services.rabbit);
      const channel = await connection.createChannel();
      for (const queue of ['jobs', 'jobs.retry', 'jobs.dead']) await channel.deleteQueue(`${name}.${queue}`);
      await channel.deleteExchange(`${name}.jobs.events`);
      await connection.close();
    };
    return { broker, remove };
  },
};

for (const service of ['nats', 'rabbit'] as const) {
  if ((await missing(service)).length > 0) {
    describe.skip(`jobs: no ${service} at 127.0.0.1`, () => undefined);
    continue;
  }
  describe(`jobs over ${service}`, async () => {
    const { broker, remove } = await makers[service]();
    afterAll(remove);

    it('urgent first, tried again, given up at last, cancelled, and never done twice', async () => {
      const results = storageResults(await memoryStorage());
      const queue = await brokerJobs({ broker, results, kinds: ['add', 'flaky', 'bad', 'slow'], poll: 200 });
      expect(() => queue.submit({ kind: 'other', payload: 0 })).toThrow(
        expect.objectContaining({ code: 'JOB_UNKNOWN_KIND' }),
      );
      const done: string[] = [];
      let tries = 0;
      const handlers = {
        add: (payload: unknown) => {
          const { a, b, label } = payload as { a: number; b: number; label: string };
          done.push(label);
          return a + b;
        },
        flaky: () => {
          if (++tries < 3) throw new Error('not yet');
          return tries;
        },
        bad: () => {
          throw new Error('never');
        },
        slow: (
          _: unknown,
          {
            signal,
            onProgress,
          }: { signal: AbortSignal; onProgress(p: { phase: string; done: number; total: number }): void },
        ) =>
          new Promise((_resolve, reject) => {
            onProgress({ phase: 'waiting', done: 1, total: 2 });
            signal.addEventListener('abort', () => reject(new Error('stopped')));
          }),
      };
      const add = (label: string, priority: 'interactive' | 'normal' | 'background') =>
        queue.submit<number>({ id: label, kind: 'add', payload: { a: 1, b: 2, label }, priority });
      const jobs = [add('late', 'background'), add('some', 'normal'), add('soon', 'interactive')];
      await until(() => queue.counts.waiting === 3);
      // All three are on the broker before anybody works.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const server = await serveJobs({ broker, results, handlers, retryDelay: 50 });
      expect(await Promise.all(jobs.map(({ result }) => result))).toEqual([3, 3, 3]);
      expect(done).toEqual(['soon', 'some', 'late']);
      expect(await queue.submit({ kind: 'flaky', payload: 0 }).result).toBe(3);
      await expect(queue.submit({ id: 'bad', kind: 'bad', payload: { x: 1 } }).result).rejects.toThrow('never');
      await until(async () => (await broker.dead(10)).length === 1);
      expect((await broker.dead(10))[0]).toMatchObject({
        job: { id: 'bad', payload: { x: 1 } },
        reason: expect.stringContaining('never'),
      });
      expect(await add('soon', 'normal').result).toBe(3);
      expect(done.length).toBe(3);
      const controller = new AbortController();
      const slow = queue.submit({
        kind: 'slow',
        payload: 0,
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(slow.result).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
      expect(queue.counts).toMatchObject({ waiting: 0, running: 0, done: 5, failed: 2 });
      await queue.close();
      await server.close();
    });
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    if (i > 400) throw new Error('It did not come to be.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
