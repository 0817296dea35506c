import { setTimeout as wait } from 'node:timers/promises';
import type { ClusterLink } from '../../src/cluster/index.js';
import type { Random } from '../../src/core/random.js';
import type { Cluster } from '../durability/cluster.js';
import type { WorkerFleet } from './fleet.js';
import type { Load } from './load.js';
import type { NatsCluster } from './nats.js';
import type { Place } from './place.js';
import type { Link } from './proxy.js';
import type { OwnRedis } from './redis.js';
import type { Takeovers } from './takeovers.js';

/** A cluster under load, and everything by which something bad can be done to it. */
export interface Scene {
  readonly random: Random;
  readonly partitions: number;
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

/** Waits until every partition is handled by somebody. */
export async function healthy({ takeovers, partitions }: Scene): Promise<void> {
  for (let i = 0; takeovers.owned < partitions; i++) {
    if (i > 4_000) {
      const without = Array.from({ length: partitions }, (_, partition) => partition).filter(
        (partition) => takeovers.ownerOf(partition) === undefined,
      );
      throw new Error(`Nobody handles the partitions ${without.join(', ')} after 100 s.`);
    }
    await wait(25);
  }
}

/** Waits until all nodes of NATS have what the others have: only then may the next one be taken away. */
export async function caughtUp({ manager, names }: ClusterLink): Promise<void> {
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

/** Tries again for a quarter of a minute. */
export async function patient<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= 60) throw error;
      await wait(250);
    }
  }
}
