import type { MemberRecord } from './bucket.js';
import type { ClusterStatus } from './status.js';

/**
 * What a worker says of itself, in the text format of Prometheus, for its own `/metrics`: lag, rates, owned partitions, take-overs,
 * refused writes and waits.
 */
export function workerMetrics({
  id,
  partitions,
  readings,
  takeovers,
  handovers,
  fenced,
  failedStarts = 0,
  p50,
  p99,
}: MemberRecord): string {
  const worker = label('worker', id);
  const lag = partitions.reduce((sum, report) => sum + report.lag, 0);
  const rate = partitions.reduce((sum, report) => sum + report.rate, 0);
  return [
    ...family('twinergy_cluster_partitions_owned', 'gauge', 'Partitions that this worker handles.', [
      [worker, partitions.length],
    ]),
    ...family('twinergy_cluster_lag_messages', 'gauge', 'Messages of its partitions that wait.', [[worker, lag]]),
    ...family('twinergy_cluster_readings_per_second', 'gauge', 'Readings stored a second.', [[worker, rate]]),
    ...family('twinergy_cluster_readings_total', 'counter', 'Readings stored.', [[worker, readings]]),
    ...family('twinergy_cluster_takeovers_total', 'counter', 'Partitions taken over.', [[worker, takeovers]]),
    ...family('twinergy_cluster_handovers_total', 'counter', 'Partitions handed over.', [[worker, handovers]]),
    ...family('twinergy_cluster_fenced_total', 'counter', 'Writes refused, for there was a later owner.', [
      [worker, fenced],
    ]),
    ...family(
      'twinergy_cluster_failed_starts_total',
      'counter',
      'Partitions that failed to begin, and were given back.',
      [[worker, failedStarts]],
    ),
    ...family('twinergy_cluster_wait_seconds', 'gauge', 'From the stream to the store, of the last messages.', [
      [`${worker},quantile="0.5"`, p50 === null ? Number.NaN : p50 / 1000],
      [`${worker},quantile="0.99"`, p99 === null ? Number.NaN : p99 / 1000],
    ]),
    '',
  ].join('\n');
}

/** What anybody can see of a cluster, in the text format of Prometheus: leases, owners and lag by partition. */
export function clusterMetrics({ name, workers, partitions, stream }: ClusterStatus): string {
  const cluster = label('cluster', name);
  return [
    ...family(
      'twinergy_cluster_lease_age_seconds',
      'gauge',
      'Since a worker renewed its lease.',
      workers.map(({ id, leaseAge }) => [`${cluster},${label('worker', id)}`, leaseAge / 1000]),
    ),
    ...family('twinergy_cluster_partitions_orphaned', 'gauge', 'Partitions that nobody handles.', [
      [cluster, partitions.filter(({ owner }) => owner === null).length],
    ]),
    ...family(
      'twinergy_cluster_partition_lag_messages',
      'gauge',
      'Messages that wait, by partition.',
      partitions.map(({ partition, lag }) => [
        `${cluster},${label('partition', String(partition))}`,
        lag ?? Number.NaN,
      ]),
    ),
    ...family('twinergy_cluster_stream_messages', 'gauge', 'Messages that the stream holds.', [
      [cluster, stream.messages],
    ]),
    ...family('twinergy_cluster_stream_bytes', 'gauge', 'Bytes that the stream holds.', [[cluster, stream.bytes]]),
    '',
  ].join('\n');
}

function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string[] {
  const value = (number: number) => (Number.isNaN(number) ? 'NaN' : String(number));
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, number]) => `${name}{${labels}} ${value(number)}`),
  ];
}

function label(name: string, value: string): string {
  return `${name}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
