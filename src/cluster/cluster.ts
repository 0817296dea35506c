import type { Reading } from '../core/index.js';
import { type ClusterLink, type LinkOptions, linkCluster } from './link.js';
import { ClusterPublisher, type PublisherOptions } from './publisher.js';
import { type ClusterStatus, clusterStatus } from './status.js';
import { ClusterWorker, type WorkerOptions } from './worker.js';

/** Options of `joinCluster`. */
export interface ClusterOptions extends LinkOptions {
  readonly publisher?: PublisherOptions | undefined;
}

/**
 * A cluster from where this process is: it can send readings, do a part of the work, or both.
 *
 * ```ts
 * const cluster = await joinCluster({ nats: 'nats://127.0.0.1:4222' });
 * const worker = await cluster.work({ storage: await postgresStorage({ connectionString }), assets, monitor: { rules } });
 * await cluster.ingest(readings);
 * ```
 */
export interface Cluster {
  readonly link: ClusterLink;
  /** Sends readings; resolves when the stream has them (see `ClusterPublisher.publish`). */
  ingest(readings: Reading | readonly Reading[], tenantId?: string): Promise<void>;
  /** Takes a part of the work. */
  work(options: WorkerOptions): Promise<ClusterWorker>;
  /** Who does what, and what waits. */
  status(): Promise<ClusterStatus>;
  /** Hands over what is worked on here, and closes the connection. The store stays open. */
  close(): Promise<void>;
}

/** Joins a cluster, or makes it. @throws as `linkCluster` */
export async function joinCluster({ publisher, ...options }: ClusterOptions): Promise<Cluster> {
  const link = await linkCluster(options);
  const workers: ClusterWorker[] = [];
  let sender: Promise<ClusterPublisher> | undefined;
  return {
    link,
    async ingest(readings, tenantId) {
      sender ??= ClusterPublisher.open(link, publisher);
      await (await sender).publish(readings, tenantId);
    },
    async work(workerOptions) {
      const worker = await ClusterWorker.start(link, workerOptions);
      workers.push(worker);
      return worker;
    },
    status: () => clusterStatus(link),
    async close() {
      await (await sender)?.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await link.close();
    },
  };
}
