import pg from 'pg';
import { type ClusterLink, ClusterPublisher, linkCluster } from '../../src/cluster/index.js';
import type { Reading } from '../../src/core/index.js';
import type { Storage } from '../../src/storage/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { WorkerFleet } from './fleet.js';
import { type Place, readingOf } from './place.js';

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

/** One reading of each asset. */
export function beatOf({ assets, step }: Place, number: number): Reading[] {
  return Array.from({ length: assets }, (_, asset) => readingOf(asset, number, step));
}

/** Does something with a stream in which so many beats lie and a fleet without workers yet, and clears all of it away. */
export async function onFilledStream<T>(
  place: Place,
  beats: number,
  work: (link: ClusterLink, fleet: WorkerFleet) => Promise<T>,
): Promise<T> {
  const link = await linkCluster({ ...place });
  const fleet = await WorkerFleet.open(() => undefined);
  try {
    const publisher = await ClusterPublisher.open(link, { linger: 0, inFlight: 100_000 });
    for (let number = 0; number < beats; number++) await publisher.publish(beatOf(place, number));
    await publisher.close();
    // Workers end before their tables are deleted.
    return await withStore(place, () => work(link, fleet).finally(() => fleet.killAll()));
  } finally {
    await link.manager.streams.delete(link.names.stream);
    await link.manager.streams.delete(`KV_${link.names.bucket}`);
    await link.manager.streams.delete(`OBJ_${link.names.models}`).catch(() => undefined);
    await link.close();
  }
}

/** Does something with a store in a schema of its own, and deletes that. */
export async function withStore<T>(place: Place, work: (storage: Storage) => Promise<T>): Promise<T> {
  const { postgres: connectionString, schema, durable } = place;
  const storage = await postgresStorage({ connectionString, schema, durability: durable ? 'full' : 'normal' });
  try {
    return await work(storage);
  } finally {
    await storage.close();
    await ask(place, `drop schema if exists ${schema} cascade`);
  }
}

/** How far the log of PostgreSQL has come, bytes. */
export async function walPosition(place: Place): Promise<number> {
  const [row] = await ask(place, `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn`);
  return Number(row?.[0]);
}

async function ask({ postgres }: Place, text: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}
