import { control, keysOf, type MemberRecord, memberPrefix, readTable } from './bucket.js';
import type { ClusterLink } from './link.js';
import { clusterShadows, type ShadowStatus } from './shadows.js';

/** A worker as the bucket knows it. */
export interface WorkerStatus extends MemberRecord {
  /** Since the server took its last renewal, ms, by the clocks of server and observer. For people; nothing is decided by it. */
  readonly leaseAge: number;
}

/** A partition and who handles it. */
export interface PartitionStatus {
  readonly partition: number;
  readonly owner: string | null;
  readonly epoch: number;
  /** Messages that wait; null where the owner has not said it. */
  readonly lag: number | null;
  /** Readings a second. */
  readonly rate: number | null;
  /** Sequence in the stream behind which everything is stored. */
  readonly sequence: number | null;
}

/** A cluster at one moment. */
export interface ClusterStatus {
  readonly name: string;
  readonly workers: readonly WorkerStatus[];
  readonly partitions: readonly PartitionStatus[];
  /** How the versions that run as shadows do, over all partitions. */
  readonly shadows: readonly ShadowStatus[];
  /** Messages and bytes that the stream holds, stored ones included, and its last sequence. */
  readonly stream: { readonly messages: number; readonly bytes: number; readonly lastSequence: number };
}

/** What the bucket and the stream say of a cluster. */
export async function clusterStatus(link: ClusterLink): Promise<ClusterStatus> {
  const workers: WorkerStatus[] = [];
  for (const key of await keysOf(link.bucket, `${memberPrefix}>`)) {
    const entry = await link.bucket.get(key);
    if (entry === null || entry.operation !== 'PUT') continue;
    workers.push({ ...entry.json<MemberRecord>(), leaseAge: Math.max(0, Date.now() - entry.created.getTime()) });
  }
  workers.sort((a, b) => (a.id < b.id ? -1 : 1));
  const { table } = await readTable(link.bucket, link.partitions);
  const reports = new Map(
    workers.flatMap(({ id, partitions }) => partitions.map((report) => [`${id} ${report.partition}`, report] as const)),
  );
  const { state } = await link.manager.streams.info(link.names.stream);
  return {
    name: link.name,
    workers,
    partitions: table.partitions.map(({ owner, epoch }, partition) => {
      const report = reports.get(`${owner} ${partition}`);
      const { lag = null, rate = null, sequence = null } = report ?? {};
      return { partition, owner, epoch, lag, rate, sequence };
    }),
    shadows: await clusterShadows(link),
    stream: { messages: state.messages, bytes: state.bytes, lastSequence: state.last_seq },
  };
}

/** Asks a worker to hand its partitions over and to leave. */
export async function drainWorker(link: ClusterLink, id: string): Promise<void> {
  await link.bucket.put(control.drain(id), JSON.stringify({ asked: Date.now() }));
}

/** Asks all workers to even out small differences of load as well. */
export async function rebalanceCluster(link: ClusterLink): Promise<void> {
  await link.bucket.put(control.rebalance, JSON.stringify({ asked: Date.now() }));
}

/**
 * Asks the owner of a partition to take its messages in again from a sequence on. What is stored already does not change by it;
 * what is missing (a table that was restored from an older backup) is there afterwards.
 */
export async function replayPartition(link: ClusterLink, partition: number, from: number): Promise<void> {
  await link.bucket.put(control.replay + partition, JSON.stringify({ from }));
}
