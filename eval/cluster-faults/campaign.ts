import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterPublisher, linkCluster } from '../../src/cluster/index.js';
import { Random } from '../../src/core/random.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { makeCluster } from '../durability/cluster.js';
import { difference, runAlone, settled } from './compare.js';
import { commit, faultsInTurn } from './faults.js';
import { WorkerFleet, type WorkerLine } from './fleet.js';
import { Load } from './load.js';
import { natsCluster } from './nats.js';
import { outputsOf } from './outputs.js';
import { idsOf, type Place } from './place.js';
import { Link } from './proxy.js';
import { ownRedis } from './redis.js';
import { healthy, patient, type Scene } from './scene.js';
import { Takeovers } from './takeovers.js';
import { type Notes, watchWriters } from './watchdog.js';

/** Options of `runCampaign`. */
export interface CampaignOptions {
  readonly faults: number;
  readonly seed: number;
  readonly workers: number;
  readonly partitions: number;
  readonly assets: number;
  /** ms between the beats of the fleet. */
  readonly pace: number;
  readonly say: (text: string) => void;
  /** Only these kinds of faults. */
  readonly only?: readonly string[] | undefined;
  /** Told what workers could not do and tried again. */
  readonly onTrouble?: ((line: WorkerLine) => void) | undefined;
}

/** What a campaign found. */
export interface CampaignResult {
  readonly byKind: Readonly<Record<string, number>>;
  readonly readings: number;
  /** Readings and records of the run without faults that are not there. */
  readonly lost: number;
  /** Records that the run without faults did not write, and batches that set a position back. */
  readonly duplicatedEffects: number;
  readonly notes: Notes;
  /** Writes of former owners that the fence refused. */
  readonly fenced: number;
  readonly takeovers: readonly number[];
}

const BEAT = 500;
const TTL = 3_000;

/** Seconds between readings of an asset: days of the plant pass in minutes, less than a forecaster is fitted on. */
const STEP = 30;

/**
 * Runs a cluster of its own under load, does `faults` bad things to it in an order that follows from the seed, and compares what
 * it wrote with what one monitor writes to which nothing was done. Undefined where a program (NATS, PostgreSQL, Redis) is missing.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult | undefined> {
  const { seed, workers, partitions, assets, pace, say } = options;
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-faults-'));
  const postgres = await makeCluster();
  if (postgres === undefined) return undefined;
  const closers: (() => Promise<unknown> | unknown)[] = [
    () => postgres.remove(),
    () => rm(folder, { recursive: true }),
  ];
  try {
    const nats = await natsCluster(3);
    closers.push(() => nats.remove());
    const redis = await ownRedis();
    closers.push(() => redis.kill());
    const schema = 'plant';
    const storage = await postgresStorage({ connectionString: postgres.url, schema });
    closers.push(() => storage.close());
    const direct = await patient(() => linkCluster({ nats: nats.urls, name: 'faults', partitions, replicas: 3 }));
    closers.push(() => direct.close());
    const watch = await watchWriters(postgres.url, schema);
    const takeovers = new Takeovers();
    const fleet = await WorkerFleet.open((line) => {
      takeovers.hear(line);
      if (line.type === 'trouble') options.onTrouble?.(line);
    });
    closers.push(() => fleet.killAll());
    const ids = Array.from({ length: workers }, (_, i) => `worker-${i}`);
    const workerLinks = new Map<string, Link>();
    for (const id of ids) workerLinks.set(id, await Link.open(nats.ports));
    const senderLink = await Link.open(nats.ports);
    closers.push(() => {
      for (const link of [...workerLinks.values(), senderLink]) link.close();
    });
    const placeOf = (id: string): Place => ({
      id,
      nats: [`nats://127.0.0.1:${workerLinks.get(id)?.port}`],
      name: 'faults',
      partitions,
      replicas: 3,
      postgres: postgres.url,
      schema,
      redis: redis.url,
      assets,
      step: STEP,
      beat: BEAT,
      ttl: TTL,
      durable: true,
    });
    for (const id of ids) await fleet.start(placeOf(id));
    const through = await linkCluster({
      nats: `nats://127.0.0.1:${senderLink.port}`,
      name: 'faults',
      partitions,
      replicas: 3,
      connection: { ignoreClusterUpdates: true },
    });
    closers.push(() => through.close());
    const senders = [
      { link: direct, publisher: await ClusterPublisher.open(direct, { timeout: 1_000 }) },
      {
        link: through,
        publisher: await ClusterPublisher.open(through, { timeout: 1_000, spool: join(folder, 'spool.db') }),
      },
    ];
    closers.push(() => Promise.all(senders.map(({ publisher }) => publisher.close())));
    const load = new Load({ senders, assets, step: STEP, pace, random: new Random(seed + 1) });
    const scene: Scene = {
      random,
      partitions,
      nats,
      postgres,
      redis,
      fleet,
      takeovers,
      workerLinks,
      senderLink,
      load,
      direct,
      placeOf,
    };
    await healthy(scene);
    load.start();
    const byKind = await doWorst(scene, options);
    await load.stop();
    const readings = load.sent.reduce((sum, { length }) => sum + length, 0);
    say(`${readings} readings were sent; the run without faults follows`);
    const alone = await runAlone(load, assets);
    const expected = await outputsOf(alone, idsOf(assets));
    const written = await settled(storage, expected.length, assets);
    const notes = await watch.notes();
    const { missing, extra } = difference(expected, written);
    for (const line of [
      ...missing.slice(0, 3).map((text) => `missing: ${text}`),
      ...extra.slice(0, 3).map((text) => `extra: ${text}`),
    ])
      say(line.slice(0, 400));
    return {
      byKind,
      readings,
      lost: missing.length,
      duplicatedEffects: extra.length + notes.wentBack,
      notes,
      fenced: takeovers.fenced,
      takeovers: takeovers.times,
    };
  } finally {
    for (const close of closers.reverse()) await Promise.resolve(close()).catch((error: unknown) => say(String(error)));
  }
}

async function doWorst(scene: Scene, { faults, only, say }: CampaignOptions): Promise<Record<string, number>> {
  const byKind: Record<string, number> = {};
  const kinds = faultsInTurn(scene.random, only);
  for (let fault = 0; fault < faults; fault++) {
    const kind = kinds.next().value;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    const began = performance.now();
    await commit(kind, scene);
    const took = ((performance.now() - began) / 1000).toFixed(1);
    say(
      `${fault + 1}/${faults} ${kind}: ${took} s, ${scene.load.beats} beats, ${scene.takeovers.fenced} writes fenced`,
    );
  }
  await healthy(scene);
  return byKind;
}
