import { afterAll, describe, expect, it } from 'vitest';
import { outputsOf } from '../../eval/cluster-faults/outputs.js';
import { type ClusterLink, ClusterPublisher, ClusterWorker, linkCluster } from '../../src/cluster/index.js';
import { ManualClock, type Reading } from '../../src/core/index.js';
import { Monitor } from '../../src/monitor/index.js';
import { memoryStorage } from '../../src/storage/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { DigitalTwin, examplePlant } from '../../src/twin/index.js';
import { administer, missing, services } from './services.js';

const START = Date.UTC(2026, 5, 1, 6);
const away = await missing('postgres', 'nats');

/** Half a day of a plant that is too hot now and then, so that there are alerts. */
function telemetry(): Reading[] {
  const { telemetry } = new DigitalTwin(examplePlant('home')).simulate({
    from: START,
    days: 0.5,
    step: '10m',
    seed: 5,
  });
  return [...telemetry.rows()].map(({ time, values }, i) => ({
    assetId: 'home',
    time,
    values: {
      ...Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value))),
      // Too hot for an hour, then not: alerts come and go.
      temperature: i % 12 > 5 ? 62 : 40,
    },
  }));
}

const ids = Array.from({ length: 12 }, (_, i) => `plant-${i}`);
const assets = ids.map((id) => examplePlant('home', id));
const clock = () => new ManualClock(START + 30 * 86_400_000);
const monitorOptions = { models: { soundDays: 3, fleet: 0 } } as const;

/** Beats of the fleet, with a late reading, one that comes twice and one that is not to be taken now and then. */
function beats(): Reading[][] {
  const rows = telemetry();
  return rows.map((row, i) => {
    const beat = ids.map((assetId) => ({ ...row, assetId }));
    if (i % 10 === 9) {
      const late = rows[i - 4] as Reading;
      beat.push({ ...late, assetId: ids[i % ids.length] as string, time: late.time + 60_000 });
      beat.push({ ...(rows[i - 1] as Reading), assetId: ids[(i + 1) % ids.length] as string });
      beat.push({ ...row, assetId: ids[(i + 2) % ids.length] as string, values: { irradiance: 1e9 } });
    }
    return beat;
  });
}

if (away.length > 0) {
  describe.skip(`cluster: no ${away.join(', ')} at 127.0.0.1`, () => undefined);
} else {
  describe('cluster on NATS and PostgreSQL', async () => {
    const name = `e2e-${process.pid}`;
    const schema = `cluster_${process.pid}`;
    const storage = await postgresStorage({ connectionString: services.postgres, schema, durability: 'normal' });
    const links: ClusterLink[] = [];
    const link = async () => {
      const made = await linkCluster({ nats: services.nats, name, partitions: 8, stored: 'memory' });
      links.push(made);
      return made;
    };
    afterAll(async () => {
      const [first] = links;
      if (first !== undefined) {
        await first.manager.streams.delete(first.names.stream);
        await first.manager.streams.delete(`KV_${first.names.bucket}`);
        await first.manager.streams.delete(`OBJ_${first.names.models}`).catch(() => undefined);
      }
      await Promise.all(links.map((one) => one.close()));
      await storage.close();
      await administer(`drop schema ${schema} cascade`);
    });

    it('two workers with hand-overs and a take-over write bit by bit what one monitor writes', async () => {
      const alone = await memoryStorage();
      const single = new Monitor({ ...monitorOptions, assets, storage: alone, clock: clock() });
      await single.train();
      const all = beats();
      for (const beat of all) await single.ingest(beat);
      await single.close();

      const publisher = await ClusterPublisher.open(await link(), { linger: 0 });
      const options = {
        storage,
        assets,
        monitor: { ...monitorOptions, clock: clock() },
        beat: 200,
        ttl: 2500,
        tick: 0,
      };
      const troubles: unknown[] = [];
      const start = async (id: string) => {
        const worker = await ClusterWorker.start(await link(), { ...options, id });
        worker.on('trouble', ({ error }) => troubles.push(error));
        return worker;
      };
      const first = await start('first');
      const third = Math.floor(all.length / 3);
      for (const beat of all.slice(0, third)) await publisher.publish(beat);
      const second = await start('second');
      for (const beat of all.slice(third, 2 * third)) await publisher.publish(beat);
      await until(() => second.partitions.length > 1);
      // The first dies without a word: the second has to find out.
      await first.close({ handOver: false });
      for (const beat of all.slice(2 * third)) await publisher.publish(beat);
      await until(() => second.partitions.length === 8 && second.record.partitions.every(({ lag }) => lag === 0));
      const expected = await outputsOf(alone, ids);
      await until(async () => (await outputsOf(storage, ids)).length >= expected.length);
      const record = second.record;
      await second.close();
      await publisher.close();
      const written = await outputsOf(storage, ids);
      expect(troubles).toEqual([]);
      expect(written.filter((line) => !expected.includes(line))).toEqual([]);
      expect(written).toEqual(expected);
      expect(expected.filter((line) => line.startsWith('alerts')).length).toBeGreaterThan(0);
      expect(record.takeovers).toBeGreaterThanOrEqual(8);
    }, 120_000);
  });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    if (i > 2_000) throw new Error('It did not come to be.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
