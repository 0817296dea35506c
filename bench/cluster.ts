/**
 * The cluster against one monitor in one process, on the same PostgreSQL and the same readings. The readings lie in the stream
 * before the workers begin, so that nothing but the workers and the services runs while they are measured. `--assets N`
 * (default 1000), `--beats N` (default: 60,000 readings in all), `--seconds N` for the latency at half load (default 8).
 * Services: `TWINERGY_NATS` (default nats://127.0.0.1:4222), `TWINERGY_POSTGRES` (postgres://postgres@127.0.0.1:5432/test).
 */
import { clusterPlace } from '../eval/cluster-faults/bench-place.js';
import { latency } from '../eval/cluster-faults/latency.js';
import { alone, type ClusterRun, measureWorkers } from '../eval/cluster-faults/measure.js';
import type { Figures, RunInput } from './harness.js';

export default async function bench({ options, say }: RunInput): Promise<Figures> {
  const assets = Number(options.assets ?? 1_000);
  const beats = Number(options.beats ?? Math.ceil(60_000 / assets));
  const seconds = Number(options.seconds ?? 8);
  const place = clusterPlace({ assets });
  const before = await alone(place, beats);
  say(`one process: ${Math.round(before)} readings/s`);
  const one = await measureWorkers(place, 1, beats);
  told(one, say);
  const two = await measureWorkers(place, 2, beats);
  told(two, say);
  const after = await alone(place, beats);
  say(`one process: ${Math.round(after)} readings/s`);
  const single = (before + after) / 2;
  const waits = await latency(place, one.rate / 2, seconds);
  const part = ({ p50, p99 }: { readonly p50: number; readonly p99: number }) =>
    `median ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;
  say(
    `at ${Math.round(waits.sent)} readings/s: ${part(waits)}; until the stream has it ${part(waits.sending)}, from there ${part(waits.storing)}`,
  );
  return {
    readings_per_s_1: Math.round(one.rate),
    readings_per_s_2: Math.round(two.rate),
    efficiency_2: two.rate / (2 * one.rate),
    readings_per_s_monitor: Math.round(single),
    overhead_vs_monitor: single / one.rate,
    p50_end_to_end_ms: waits.p50,
    p99_end_to_end_ms: waits.p99,
    worker_cpu_us: one.workerCpu * 1e6,
    postgres_cpu_us: one.postgresCpu * 1e6,
  };
}

function told({ workers, rate, workerCpu, postgresCpu, cores }: ClusterRun, say: RunInput['say']): void {
  say(
    `${workers} workers: ${Math.round(rate)} readings/s; a reading takes ${(workerCpu * 1e6).toFixed(0)} µs of a worker and ${(postgresCpu * 1e6).toFixed(0)} µs of PostgreSQL; together they had ${cores.toFixed(2)} cores`,
  );
}
