import { afterAll, describe, expect, it } from 'vitest';
import { clusterCommand } from '../../src/cluster/command/index.js';
import {
  type Cluster,
  type ClusterWorker,
  clusterShadows,
  clusterStatus,
  joinCluster,
  type ShadowStatus,
  trainFleet,
} from '../../src/cluster/index.js';
import {
  brokerJobs,
  type JobBroker,
  jetstreamBroker,
  rabbitBroker,
  serveJobs,
  storageResults,
} from '../../src/cluster/jobs/index.js';
import { ManualClock, type Reading } from '../../src/core/index.js';
import { type JobContext, monitorJobs, type ShadowTrials } from '../../src/monitor/index.js';
import { ModelRegistry } from '../../src/monitor/registry/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { DigitalTwin, examplePlant, type PlantDescription } from '../../src/twin/index.js';
import { administer, missing, services } from './services.js';

const START = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;
const away = await missing('postgres', 'nats', 'rabbit');

/** Two kinds of plant: described alike but for where they stand. */
const plant = examplePlant('home');
const kinds: readonly PlantDescription[] = [plant, { ...plant, site: { ...plant.site, latitude: 44 } }];
const assets = Array.from({ length: 12 }, (_, i) => {
  const kind = kinds[i % 2] as PlantDescription;
  return { ...kind, id: `plant-${i}` };
});

/** The light hours of some days at both places. */
const rows: readonly (readonly Reading[])[] = kinds.map((kind, k) => {
  const { telemetry } = new DigitalTwin(kind).simulate({ from: START, days: 2.8, step: '5m', seed: 11 + k });
  return [...telemetry.rows()]
    .filter(({ time }) => (time / HOUR) % 24 > 5 && (time / HOUR) % 24 < 18)
    .map(({ time, values }) => ({
      assetId: '',
      time,
      values: Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
    }));
});
const beats = Array.from({ length: Math.min(...rows.map(({ length }) => length)) }, (_, i) =>
  assets.map(({ id }, a) => ({ ...(rows[a % 2]?.[i] as Reading), assetId: id })),
);

if (away.length > 0) {
  describe.skip(`models of a cluster: no ${away.join(', ')} at 127.0.0.1`, () => undefined);
} else {
  describe('models of a cluster', async () => {
    const name = `models-${process.pid}`;
    const schema = `models_${process.pid}`;
    const storage = await postgresStorage({ connectionString: services.postgres, schema, durability: 'normal' });
    const clusters: Cluster[] = [];
    const join = async () => {
      const made = await joinCluster({ nats: services.nats, name, partitions: 8, stored: 'memory' });
      clusters.push(made);
      return made;
    };
    const started: ClusterWorker[] = [];
    const brokers: JobBroker[] = [];
    afterAll(async () => {
      await Promise.all(brokers.map((broker) => broker.close()));
      const { connect } = await import('amqplib');
      const connection = await connect(services.rabbit);
      const channel = await connection.createChannel();
      for (const queue of ['jobs', 'jobs.retry', 'jobs.dead']) await channel.deleteQueue(`${name}.${queue}`);
      await channel.deleteExchange(`${name}.jobs.events`);
      await connection.close();
      const last = await join();
      const { manager, names } = last.link;
      await Promise.all(clusters.filter((one) => one !== last).map((one) => one.close()));
      for (const stream of [names.stream, names.jobs, names.deadJobs, `KV_${names.bucket}`, `OBJ_${names.models}`])
        await manager.streams.delete(stream);
      await last.close();
      await storage.close();
      await administer(`drop schema ${schema} cascade`);
    });

    it('are trained by kind, spread, tried beside those in use, promoted or dropped by the fleet, and no reading is lost', async () => {
      const results = storageResults(storage);
      const [north, south] = [await join(), await join()];
      const troubles: string[] = [];
      const settled: ShadowStatus[] = [];
      const start = async (cluster: Cluster, id: string) => {
        const worker = await cluster.work({
          id,
          storage,
          assets,
          monitor: { rules: [], clock: new ManualClock(START + 90 * 24 * HOUR), models: { soundDays: 2, fleet: 0 } },
          beat: 100,
          tick: 0,
          promote: 'auto',
        });
        worker.on('trouble', ({ partition, error }) =>
          troubles.push(`${id}, partition ${partition}: ${String(error)}`),
        );
        worker.on('settled', (status) => settled.push(status));
        started.push(worker);
        return worker;
      };

      const stored = async () => {
        const counts = await Promise.all(assets.map(({ id }) => storage.readings({ assetId: id, limit: 10_000 })));
        return counts.reduce((sum, { rows: own }) => sum + own.length, 0);
      };

      // The first models of both kinds, by JetStream, done in two processes' stead side by side.
      const nats = await jetstreamBroker(south.link);
      const servers = await Promise.all(
        [1, 2].map(() => serveJobs({ broker: nats, results, handlers: { train: monitorJobs.train } })),
      );
      const jobs = await brokerJobs({ broker: nats, results, kinds: ['train'], poll: 200 });
      const rough = { jobs, assets, models: { soundDays: 3, fleet: 0 } } as const;
      const first = await trainFleet(north.link, storage, rough);
      expect(first.map(({ assetIds, outcome, version }) => [assetIds.length, outcome, version])).toEqual([
        [6, 'current', 1],
        [6, 'current', 1],
      ]);
      expect((await trainFleet(north.link, storage, rough)).map(({ outcome }) => outcome)).toEqual(['known', 'known']);
      expect(jobs.counts).toMatchObject({ done: 2, failed: 0 });
      await jobs.close();
      await Promise.all(servers.map((server) => server.close()));

      const workers = [await start(north, 'north'), await start(south, 'south')];
      await until(() => workers.every(({ partitions }) => partitions.length > 0));
      await until(() => workers.reduce((sum, { partitions }) => sum + partitions.length, 0) === 8);
      const begun = Math.floor(beats.length / 4);
      const sent = async (from: number, to: number) => {
        for (let i = from; i < to; i += 12) await north.ingest(beats.slice(i, Math.min(to, i + 12)).flat());
      };
      await sent(0, begun);

      // Others for both kinds, by RabbitMQ: better ones for one, worse ones for the other.
      const rabbit = await rabbitBroker({ connect: services.rabbit, name });
      brokers.push(rabbit);
      const server = await serveJobs({ broker: rabbit, results, handlers: { train: monitorJobs.train } });
      const others = await brokerJobs({ broker: rabbit, results, kinds: ['train'], poll: 200 });
      const shadows = await Promise.all(
        [16, 1].map((soundDays, k) =>
          trainFleet(north.link, storage, {
            jobs: others,
            assets: assets.filter((_, i) => i % 2 === k),
            models: { soundDays, fleet: 0 },
          }),
        ),
      );
      expect(shadows.flat().map(({ outcome, version }) => [outcome, version])).toEqual([
        ['shadow', 2],
        ['shadow', 2],
      ]);
      await others.close();
      await server.close();

      // A worker leaves as soon as it has cases: the sums go with its partitions.
      let at = begun;
      const hasCases = (worker: ClusterWorker) => worker.partitions.some((p) => shadowsOf(worker, p).length > 0);
      while (!workers.some(hasCases)) {
        await sent(at, at + 12);
        at += 12;
        await until(async () => (await stored()) === at * assets.length);
      }
      const other = workers.find(hasCases) as ClusterWorker;
      const one = workers.find((worker) => worker !== other) as ClusterWorker;
      const before = new Map(other.partitions.map((partition) => [partition, shadowsOf(other, partition)]));
      await other.close();
      await until(() => one.partitions.length === 8);
      expect(new Map([...before.keys()].map((partition) => [partition, shadowsOf(one, partition)]))).toEqual(before);
      const last = await start(other.id === 'south' ? south : north, 'east');
      await until(() => last.partitions.length > 0);

      // Readings go on until all assets have brought cases: a partition that has just been handed over may lag behind the others.
      const heard = async () => (await clusterShadows(north.link)).map(({ assets: count }) => count);
      for (let counts = await heard(); counts.join() !== '6,6'; counts = await heard()) {
        await sent(at, at + 12);
        at += 12;
        await until(async () => (await stored()) === at * assets.length);
      }
      // Hours later the fleet has its verdicts.
      await sent(at, beats.length);
      const [better, worse] = shadows.map(([kind]) => kind?.name as string);
      await until(() => settled.length === 2);
      expect(new Map(settled.map(({ name, report }) => [name, report.verdict]))).toEqual(
        new Map([
          [better, 'promote'],
          [worse, 'drop'],
        ]),
      );
      for (const { assets: count, report } of settled) {
        expect(count).toBe(6);
        expect(report.cases).toBeGreaterThanOrEqual(1_000);
      }
      const registry = new ModelRegistry(storage);
      expect(await registry.line(better as string)).toMatchObject({ current: 2, shadow: null });
      expect(await registry.line(worse as string)).toMatchObject({ current: 1, shadow: null });
      // Workers have swapped: nothing runs beside any more.
      await until(async () => (await clusterStatus(north.link)).shadows.length === 0);

      await until(async () => (await stored()) >= beats.length * assets.length);
      expect(await stored()).toBe(beats.length * assets.length);
      // A machine under load may answer late: that is tried again.
      expect(troubles.filter((trouble) => !/timeout/i.test(trouble))).toEqual([]);
    }, 120_000);

    it('are trained, shown and settled by the command', async () => {
      // Nobody else settles anything.
      await Promise.all(started.map((worker) => worker.close()));
      const { link } = await join();
      const command = async (...args: string[]) => {
        const written: string[] = [];
        const at = ['--nats', services.nats, '--name', name, '--partitions', '8'];
        await clusterCommand([...args, ...at], { write: (piece) => void written.push(piece), say: () => undefined });
        return written.join('');
      };
      const store = ['--store', `${services.postgres}?schema=${schema}`];
      const quick = (payload: unknown, context: JobContext) =>
        monitorJobs.train({ ...(payload as object), options: { soundDays: 2, fleet: 0 } }, context);
      const broker = await jetstreamBroker(link);
      const server = await serveJobs({ broker, results: storageResults(storage), handlers: { train: quick } });
      const trained = (await command('train', '--run', 'by hand', ...store)).trim().split('\n');
      await server.close();
      expect(trained.length).toBe(2);
      for (const line of trained) expect(line).toMatch(/^prior:\S+: shadow, version 3, 6 assets$/);

      const model = trained[0]?.split(': ')[0] as string;
      const { current } = (await new ModelRegistry(storage).line(model)) ?? {};
      const sums = { cases: 2_000, pairs: 1_990, current: 1_500, shadow: 1_400, squares: 20, products: 0, last: null };
      const trials = [{ tenantId: 'default', name: model, current, version: 3, assets: 3, sums }];
      await link.bucket.put('shadow.7', JSON.stringify({ format: 1, trials }));
      const line = `shadow ${model} of default: version 3 beside ${current}: promote; costs -0.050 ± 0.004 more, 2000 cases of 3 assets\n`;
      expect(await command('status')).toContain(line);
      expect(await command('settle', ...store)).toBe(line);
      expect(await new ModelRegistry(storage).line(model)).toMatchObject({ current: 3, shadow: null });
      // What is settled is not settled again.
      expect(await command('settle', ...store)).toBe('');
    }, 60_000);
  });
}

/** How the shadows do in a partition that a worker handles. */
function shadowsOf(worker: ClusterWorker, partition: number): ShadowTrials[] {
  return [...worker.monitors(partition).values()].flatMap((monitor) => monitor.shadows());
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    if (i > 4_000) throw new Error('It did not come to be.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
