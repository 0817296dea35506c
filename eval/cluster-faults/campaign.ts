import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ClusterLink, ClusterPublisher, linkCluster } from '../../src/cluster/index.js';
import { Random } from '../../src/core/random.js';
import { Monitor } from '../../src/monitor/index.js';
import { memoryStorage, type Storage } from '../../src/storage/index.js';
import { postgresStorage } from '../../src/storage/postgres/index.js';
import { type Cluster, makeCluster } from '../durability/cluster.js';
import { WorkerFleet, type WorkerLine } from './fleet.js';
import { Load } from './load.js';
import { type NatsCluster, natsCluster } from './nats.js';
import { outputsOf } from './outputs.js';
import { fleetOf, idsOf, monitorOptions, type Place } from './place.js';
import { Link } from './proxy.js';
import { type OwnRedis, ownRedis } from './redis.js';
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

type Kind =
  | 'kill-worker'
  | 'pause-worker'
  | 'kill-nats'
  | 'kill-postgres'
  | 'kill-redis'
  | 'cut-worker-link'
  | 'cut-sender-link'
  | 'hold-link'
  | 'slow-link'
  | 'duplicate'
  | 'delay'
  | 'reorder';

/** How often each kind comes in a round; rounds are repeated and shuffled as a whole. */
const MIX: readonly Kind[] = [
  'kill-worker',
  'kill-worker',
  'pause-worker',
  'pause-worker',
  'kill-nats',
  'kill-postgres',
  'kill-redis',
  'cut-worker-link',
  'cut-sender-link',
  'hold-link',
  'slow-link',
  'duplicate',
  'duplicate',
  'delay',
  'reorder',
];

const BEAT = 500;
const TTL = 3_000;

interface Scene {
  readonly random: Random;
  readonly options: CampaignOptions;
  readonly nats: NatsCluster;
  readonly postgres: Cluster;
  readonly redis: OwnRedis;
  readonly fleet: WorkerFleet;
  readonly takeovers: Takeovers;
  readonly workerLinks: ReadonlyMap<string, Link>;
  readonly senderLink: Link;
  readonly load: Load;
  readonly direct: ClusterLink;
  placeOf(id: string): Place;
}

/**
 * Runs a cluster of its own under load, does `faults` bad things to it in an order that follows from the seed, and compares what
 * it wrote with what one monitor writes to which nothing was done. Undefined where a program (NATS, PostgreSQL, Redis) is missing.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult | undefined> {
  const { faults, seed, workers, partitions, assets, pace, say } = options;
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
      options,
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
    const byKind = await doWorst(scene, faults);
    await load.stop();
    const readings = load.sent.reduce((sum, { length }) => sum + length, 0);
    say(`${readings} readings were sent; the run without faults follows`);
    const alone = await runAlone(load, assets);
    const expected = await outputsOf(alone, idsOf(assets));
    const written = await settled(storage, direct, expected.length, assets);
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

/** Seconds between readings of an asset: days of the plant pass in minutes, less than a forecaster is fitted on. */
const STEP = 30;

async function doWorst(scene: Scene, faults: number): Promise<Record<string, number>> {
  const { random, options } = scene;
  const byKind: Record<string, number> = {};
  const mix = MIX.filter((kind) => options.only?.includes(kind) ?? true);
  let round: Kind[] = [];
  for (let fault = 0; fault < faults; fault++) {
    if (round.length === 0) round = shuffled(mix, random);
    const kind = round.pop() as Kind;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    const began = performance.now();
    await commit(kind, scene);
    const took = ((performance.now() - began) / 1000).toFixed(1);
    options.say(
      `${fault + 1}/${faults} ${kind}: ${took} s, ${scene.load.beats} beats, ${scene.takeovers.fenced} writes fenced`,
    );
  }
  await healthy(scene);
  return byKind;
}

async function commit(kind: Kind, scene: Scene): Promise<void> {
  const { random, nats, postgres, redis, fleet, takeovers, workerLinks, senderLink, load, direct, placeOf } = scene;
  const some = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  // One that has something to lose.
  await healthy(scene);
  const worker = some(takeovers.owners);
  const link = workerLinks.get(worker) as Link;
  switch (kind) {
    case 'kill-worker':
      takeovers.lost(worker);
      await fleet.kill(worker);
      await healthy(scene);
      await fleet.start(placeOf(worker));
      break;
    case 'pause-worker':
      fleet.signal(worker, 'SIGSTOP');
      takeovers.lost(worker);
      // Others have its partitions by then; it wakes in the middle of what it was doing.
      await healthy(scene);
      await wait(random.next() * 500);
      fleet.signal(worker, 'SIGCONT');
      await wait(500);
      break;
    case 'kill-nats': {
      const node = Math.floor(random.next() * 3);
      await nats.kill(node);
      await wait(500 + random.next() * 3_000);
      await nats.start(node);
      // The next node may only be taken away when this one has caught up, else the stream has no majority.
      await caughtUp(direct);
      break;
    }
    case 'kill-postgres':
      await postgres.crash();
      await wait(random.next() * 1_500);
      await postgres.recover();
      break;
    case 'kill-redis':
      await redis.kill();
      await wait(random.next() * 1_000);
      await redis.start();
      break;
    case 'cut-worker-link':
      link.cut();
      takeovers.lost(worker);
      await healthy(scene);
      link.mend();
      break;
    case 'cut-sender-link':
      senderLink.cut();
      await wait(500 + random.next() * 3_000);
      senderLink.mend();
      break;
    case 'hold-link':
      (random.next() < 0.5 ? senderLink : link).hold();
      await wait(200 + random.next() * 1_500);
      for (const held of [senderLink, link]) held.mend();
      break;
    case 'slow-link':
      (random.next() < 0.5 ? senderLink : link).slow(50 + random.next() * 300);
      await wait(1_000 + random.next() * 1_500);
      for (const slow of [senderLink, link]) slow.mend();
      break;
    case 'duplicate':
      if (random.next() < 0.5) load.ask('duplicate');
      else await repeatMessages(direct, 1 + Math.floor(random.next() * 20));
      await wait(300);
      break;
    case 'delay':
    case 'reorder':
      load.ask(kind);
      await wait(500);
      break;
  }
}

/** Puts the last messages into the stream once more, under new ids: the server does not know that it has them. */
async function repeatMessages({ manager, js, names }: ClusterLink, count: number): Promise<void> {
  const { state } = await patient(() => manager.streams.info(names.stream));
  for (let seq = Math.max(1, state.last_seq - count); seq <= state.last_seq; seq++) {
    const message = await patient(() => manager.streams.getMessage(names.stream, { seq }));
    if (message !== null)
      await patient(() => js.publish(message.subject, message.data, { msgID: `again-${seq}-${Date.now()}` }));
  }
}

/** Waits until every partition is handled by somebody. */
async function healthy({ takeovers, options }: Scene): Promise<void> {
  for (let i = 0; takeovers.owned < options.partitions; i++) {
    if (i > 4_000) throw new Error(`Only ${takeovers.owned} partitions have an owner after 100 s.`);
    await wait(25);
  }
}

async function caughtUp({ manager, names }: ClusterLink): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const infos = await Promise.all(
      [names.stream, `KV_${names.bucket}`].map((stream) => manager.streams.info(stream).catch(() => undefined)),
    );
    const whole = infos.every(
      (info) =>
        info?.cluster?.leader !== undefined &&
        info.cluster.replicas?.every(({ current, offline }) => current && offline !== true),
    );
    if (whole) return;
    await wait(50);
  }
}

async function patient<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= 60) throw error;
      await wait(250);
    }
  }
}

/** What one monitor writes to which the same readings come, one beat after another. */
async function runAlone(load: Load, assets: number): Promise<Storage> {
  const storage = await memoryStorage();
  const monitor = new Monitor({ ...monitorOptions(), assets: fleetOf(assets), storage });
  await monitor.train();
  for (const beat of load.sent) if (beat.length > 0) await monitor.ingest(beat);
  await monitor.close();
  return storage;
}

/** What is written when nothing more comes: as much as is expected, or what is there after two minutes. */
async function settled(storage: Storage, link: ClusterLink, lines: number, assets: number): Promise<string[]> {
  let written: string[] = [];
  for (let i = 0; i < 60; i++) {
    written = await outputsOf(storage, idsOf(assets));
    if (written.length >= lines) break;
    await wait(2_000);
  }
  void link;
  return written;
}

/** Lines of the one that the other does not have, each as often as it is there. */
function difference(expected: readonly string[], written: readonly string[]): { missing: string[]; extra: string[] } {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  const extra: string[] = [];
  for (const line of written) {
    const left = counts.get(line) ?? 0;
    if (left === 0) extra.push(line);
    else counts.set(line, left - 1);
  }
  const missing = [...counts].flatMap(([line, count]) => new Array<string>(count).fill(line));
  return { missing, extra };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
