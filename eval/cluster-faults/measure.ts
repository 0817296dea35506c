import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ClusterPublisher, linkCluster } from '../../src/cluster/index.js';
import { Monitor } from '../../src/monitor/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { WorkerFleet } from './fleet.js';
import { fleetOf, monitorOptions, type Place, readingOf } from './place.js';

/** What a run of some workers gave. */
export interface ClusterRun {
  readonly workers: number;
  /** Readings stored a second, while all workers were busy. */
  readonly rate: number;
  /** Processor seconds of a reading, in the workers and in PostgreSQL. */
  readonly workerCpu: number;
  readonly postgresCpu: number;
  /** Processors that workers and PostgreSQL had together, on average. */
  readonly cores: number;
  /** Readings of a transaction, on average. */
  readonly group: number;
  /** Bytes of a reading in the stream, and in the log of PostgreSQL. */
  readonly messageBytes: number;
  readonly walBytes: number;
}

/** A place on the services of this machine, with a stream and a schema of its own. */
export function clusterPlace({
  assets,
  partitions = 32,
}: {
  readonly assets: number;
  readonly partitions?: number;
}): Place {
  return {
    id: 'bench',
    nats: [process.env.TWINERGY_NATS ?? 'nats://127.0.0.1:4222'],
    name: `bench-${process.pid}`,
    partitions,
    replicas: 1,
    postgres: process.env.TWINERGY_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/test',
    schema: `bench_${process.pid}`,
    assets,
    step: 5,
    beat: 1_000,
    ttl: 15_000,
    durable: false,
  };
}

/** Readings a second of one monitor in this process on PostgreSQL: a beat of the fleet after another, 1000 readings at a time. */
export async function alone(place: Place, beats: number): Promise<number> {
  const storage = await openStore(place);
  const monitor = new Monitor({ ...monitorOptions(), assets: fleetOf(place.assets), storage });
  await monitor.train();
  const warm = Math.ceil(beats / 5);
  let began = 0;
  for (let number = 0; number < beats; number++) {
    if (number === warm) began = performance.now();
    const beat = beatOf(place, number);
    for (let i = 0; i < beat.length; i += 1_000) await monitor.ingest(beat.slice(i, i + 1_000));
  }
  const seconds = (performance.now() - began) / 1_000;
  await monitor.close();
  await storage.close();
  await dropSchema(place);
  return ((beats - warm) * place.assets) / seconds;
}

/** Lets `workers` processes work off a stream that was filled before, and measures the middle of it. */
export async function measureWorkers(place: Place, workers: number, beats: number): Promise<ClusterRun> {
  const { link, remove } = await filled(place, beats);
  const storage = await openStore(place);
  const fleet = await WorkerFleet.open(() => undefined);
  try {
    const ids = Array.from({ length: workers }, (_, i) => `worker-${i}`);
    const total = beats * place.assets;
    await Promise.all(ids.map((id, i) => fleet.start({ ...place, id }, i % 2)));
    const sample = async () => {
      const samples = await Promise.all(ids.map((id) => fleet.sample(id)));
      const cpu = samples.reduce((sum, { cpu: { user, system } }) => sum + (user + system) / 1e6, 0);
      const stored = samples.reduce((sum, { readings }) => sum + readings, 0);
      const groups = samples.reduce((sum, each) => sum + each.groups, 0);
      return {
        at: performance.now() / 1_000,
        stored,
        groups,
        cpu,
        postgres: postgresCpu(),
        least: Math.min(...samples.map(({ readings }) => readings)),
      };
    };
    // All workers must have partitions, and have begun.
    let first = await sample();
    while (first.least === 0 || first.stored < 0.2 * total) {
      await wait(100);
      first = await sample();
      if (first.stored > 0.5 * total) break;
    }
    const walBefore = await walPosition(place);
    let last = first;
    while (last.stored < 0.85 * total) {
      await wait(100);
      last = await sample();
    }
    const wal = (await walPosition(place)) - walBefore;
    const { state } = await link.manager.streams.info(link.names.stream);
    const readings = last.stored - first.stored;
    const seconds = last.at - first.at;
    const workerCpu = (last.cpu - first.cpu) / readings;
    const databaseCpu = (last.postgres - first.postgres) / readings;
    return {
      workers,
      rate: readings / seconds,
      workerCpu,
      postgresCpu: databaseCpu,
      cores: (workerCpu + databaseCpu) * (readings / seconds),
      group: readings / (last.groups - first.groups),
      messageBytes: state.bytes / total,
      walBytes: wal / readings,
    };
  } finally {
    await fleet.killAll();
    await storage.close();
    await remove();
    await link.close();
    await dropSchema(place);
  }
}

/** End-to-end waits at a steady load: from the call of `publish` until everything that follows is stored. */
export async function latency(
  place: Place,
  rate: number,
  seconds: number,
): Promise<{ readonly sent: number; readonly p50: number; readonly p99: number }> {
  const { link, remove } = await filled(place, 2);
  const storage = await openStore(place);
  const fleet = await WorkerFleet.open(() => undefined);
  try {
    await fleet.start({ ...place, id: 'worker-0' }, 0);
    while ((await fleet.sample('worker-0')).readings < 2 * place.assets * 0.99) await wait(200);
    const publisher = await ClusterPublisher.open(link, { linger: 10 });
    const sends: number[] = [];
    const began = performance.now();
    let sent = 0;
    const pending: Promise<void>[] = [];
    const phase = async (length: number) => {
      const end = performance.now() + length * 1_000;
      while (performance.now() < end) {
        const due = Math.floor(((performance.now() - began) / 1_000) * rate);
        const readings = [];
        for (; sent < due; sent++)
          readings.push(readingOf(sent % place.assets, 2 + Math.floor(sent / place.assets), place.step));
        const asked = performance.now();
        if (readings.length > 0)
          pending.push(publisher.publish(readings).then(() => void sends.push(performance.now() - asked)));
        await wait(20);
      }
    };
    await phase(2);
    await fleet.sample('worker-0');
    sends.length = 0;
    await phase(seconds);
    await Promise.all(pending);
    const sentRate = sent / ((performance.now() - began) / 1_000);
    await wait(500);
    const { waits } = await fleet.sample('worker-0');
    await publisher.close();
    // The two parts are measured by different processes: their quantiles are added, which is not less than that of the sum.
    const quantile = (list: readonly number[], q: number) =>
      [...list].sort((a, b) => a - b)[Math.floor(list.length * q)] ?? Number.NaN;
    return {
      sent: sentRate,
      p50: quantile(waits, 0.5) + quantile(sends, 0.5),
      p99: quantile(waits, 0.99) + quantile(sends, 0.99),
    };
  } finally {
    await fleet.killAll();
    await storage.close();
    await remove();
    await link.close();
    await dropSchema(place);
  }
}

function beatOf({ assets, step }: Place, number: number) {
  return Array.from({ length: assets }, (_, asset) => readingOf(asset, number, step));
}

/** A stream with so many beats in it. */
async function filled(place: Place, beats: number) {
  const link = await linkCluster({ ...place });
  const publisher = await ClusterPublisher.open(link, { linger: 0, inFlight: 100_000 });
  for (let number = 0; number < beats; number++) await publisher.publish(beatOf(place, number));
  await publisher.close();
  const remove = async () => {
    await link.manager.streams.delete(link.names.stream);
    await link.manager.streams.delete(`KV_${link.names.bucket}`);
    await link.manager.streams.delete(`OBJ_${link.names.models}`).catch(() => undefined);
  };
  return { link, remove };
}

function openStore({ postgres, schema, durable }: Place) {
  return postgresStorage({ connectionString: postgres, schema, durability: durable ? 'full' : 'normal' });
}

async function dropSchema({ postgres, schema }: Place): Promise<void> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  await client.query(`drop schema if exists ${schema} cascade`);
  await client.end();
}

/** How far the log of PostgreSQL has come, bytes. */
async function walPosition({ postgres }: Place): Promise<number> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  const { rows } = await client.query(`select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at`);
  await client.end();
  return Number((rows[0] as { at: string }).at);
}

/** Processor seconds that all processes of PostgreSQL on this machine have used, those that ended included. */
function postgresCpu(): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (!text.includes('(postgres)')) continue;
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended while it was looked at.
    }
  }
  return ticks / 100;
}
