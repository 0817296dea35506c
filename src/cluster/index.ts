export { type BalanceInput, balance, type Move, weightsOf } from './balance.js';
export type { MemberRecord, PartitionReport } from './bucket.js';
export { type Cluster, type ClusterOptions, joinCluster } from './cluster.js';
export type { Position } from './fenced-storage.js';
export { type ClusterLink, type LinkOptions, linkCluster } from './link.js';
export {
  type LiveFanOut,
  type LiveMessage,
  natsFanOut,
  type RedisPublisher,
  type RedisSubscriber,
  redisFanOut,
  tellLive,
} from './live.js';
export { clusterMetrics, workerMetrics } from './metrics.js';
export { spreadModel } from './models.js';
export type { ClusterNames } from './names.js';
export { defaultPartitions, partitionOf } from './partition.js';
export { ClusterPublisher, type PublisherFigures, type PublisherOptions } from './publisher.js';
export { withReplica } from './read-replica.js';
export { clusterShadows, type ShadowStatus, settleShadows } from './shadows.js';
export {
  type ClusterStatus,
  clusterStatus,
  drainWorker,
  type PartitionStatus,
  rebalanceCluster,
  replayPartition,
  type WorkerStatus,
} from './status.js';
export type { Ownership, OwnerTable } from './table.js';
export { trainFleet } from './train-fleet.js';
export type { Fleet, StoredGroup, WorkEvents, WorkOptions } from './work.js';
export { ClusterWorker, type WorkerOptions } from './worker.js';
