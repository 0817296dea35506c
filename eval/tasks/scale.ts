/**
 * What a million assets at 5 s would take: service times are measured on this machine (processor time of workers and of
 * PostgreSQL, by reading and by transaction), a simulation plays the cluster event by event, and is first held against runs of
 * 1, 2 and 4 worker processes here. `--assets N` of the measured fleet (default 600), `--beats N` for each worker (default 120), `--million N`
 * assets of the simulated fleet (default 1,000,000), `--cores N` processors of one PostgreSQL server (default 32), `--price N` per
 * processor and month (default 20). Without `--measured` the runs are made; with `--measured FILE` their figures are read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Figures, RunInput } from '../../bench/harness.js';
import { clusterPlace } from '../cluster-faults/bench-place.js';
import { type ClusterRun, measureWorkers } from '../cluster-faults/measure.js';
import { type ServiceTimes, simulate } from '../scale/simulate.js';
import { BUSY, CONNECTIONS, regionOf, sized } from '../scale/size.js';

const GROUP = 2_000;
const SMALL = 60;
/** Seconds between the readings of an asset. */
const STEP = 5;

interface Measured {
  readonly runs: readonly ClusterRun[];
  readonly small: ClusterRun;
}

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const { runs, small } = typeof options.measured === 'string' ? read(options.measured) : await measure(options, say);
  const one = runs[0] as ClusterRun;
  const times = serviceTimes(one, small);
  say(`service times: ${JSON.stringify(times)}`);
  const figures: Record<string, number> = {};
  let worst = 0;
  for (const { workers, rate, group, available } of runs) {
    const predicted = simulate({
      times,
      workers,
      // The machine belongs to others too: what they used meanwhile was not to be had.
      cores: available,
      partitions: 32,
      connections: CONNECTIONS,
      shared: true,
      group: Math.max(1, Math.round(group)),
      load: Number.POSITIVE_INFINITY,
      message: 1,
      duration: 20,
      seed: 1,
    }).rate;
    worst = Math.max(worst, Math.abs(predicted / rate - 1));
    say(
      `${workers} workers on ${available.toFixed(2)} processors: measured ${Math.round(rate)}, predicted ${Math.round(predicted)} readings/s`,
    );
    figures[`measured_${workers}`] = Math.round(rate);
    figures[`predicted_${workers}`] = Math.round(predicted);
  }
  return { ...figures, prediction_error: worst, ...million(times, one, options, say) };
}

/** Processor seconds by reading and by group, from two runs of one worker with groups of different size. */
function serviceTimes(large: ClusterRun, small: ClusterRun): ServiceTimes {
  const split = (a: number, b: number): [reading: number, group: number] => {
    const perGroup = Math.max(0, (b - a) / (1 / small.group - 1 / large.group));
    return [Math.max(a / 2, a - perGroup / large.group), perGroup];
  };
  const [workerReading, workerGroup] = split(large.workerCpu, small.workerCpu);
  const [databaseReading, databaseGroup] = split(large.postgresCpu, small.postgresCpu);
  return { workerReading, workerGroup, databaseReading, databaseGroup, natsReading: large.natsCpu };
}

async function measure(options: RunInput['options'], say: RunInput['say']): Promise<Measured> {
  const place = clusterPlace({ assets: Number(options.assets ?? 600) });
  const beats = Number(options.beats ?? 120);
  const small = await measureWorkers({ ...place, group: SMALL }, 1, Math.ceil(beats / 2));
  const runs: ClusterRun[] = [];
  for (const workers of [1, 2, 4]) {
    // Each worker has as much to do in every run: what a process does when it begins weighs the same.
    const each = await measureWorkers({ ...place, group: GROUP }, workers, beats * workers);
    say(JSON.stringify(each));
    runs.push(each);
  }
  if (typeof options.keep === 'string') writeFileSync(options.keep, JSON.stringify({ runs, small }));
  return { runs, small };
}

function read(file: string): Measured {
  return JSON.parse(readFileSync(file, 'utf8')) as Measured;
}

/** What the whole fleet takes, and what is full first. */
function million(times: ServiceTimes, one: ClusterRun, options: RunInput['options'], say: RunInput['say']): Figures {
  const assets = Number(options.million ?? 1_000_000);
  const serverCores = Number(options.cores ?? 32);
  const price = Number(options.price ?? 20);
  const load = assets / STEP;
  const fleet = { times, serverCores, load };
  const { regions, workers, within } = sized(fleet);
  const databaseCores = within.databaseBusy * serverCores * regions;
  const natsCores = load * times.natsReading;
  say(
    `${Math.round(load)} readings/s: ${regions} regions of ${workers} worker processors each; all PostgreSQL servers compute on ${databaseCores.toFixed(1)} processors, NATS on ${natsCores.toFixed(1)}`,
  );
  say(
    `a region: p99 ${(within.p99 * 1000).toFixed(0)} ms, groups of ${within.group.toFixed(0)}, workers ${(100 * within.workerBusy).toFixed(0)} % busy, PostgreSQL ${(100 * within.databaseBusy).toFixed(0)} %`,
  );
  // The whole fleet on one server, to see what gives way.
  const single = simulate({ ...regionOf(fleet, 1), workers: workers * regions, duration: 2 });
  const bytes = (one.walBytes + one.messageBytes) * load;
  return {
    assets,
    readings_per_s: load,
    workers: workers * regions,
    postgres_cores: (within.databaseBusy / BUSY) * serverCores * regions,
    postgres_servers: regions,
    assets_per_postgres_server: Math.floor((assets / regions) * (BUSY / within.databaseBusy)),
    region_p99_ms: within.p99 * 1_000,
    region_worker_busy: within.workerBusy,
    region_postgres_busy: within.databaseBusy,
    one_server_rate: single.rate,
    one_server_postgres_busy: single.databaseBusy,
    one_server_worker_busy: single.workerBusy,
    saturates_first: single.databaseBusy > single.workerBusy ? 'postgres' : 'workers',
    stream_mb_per_s: (one.messageBytes * load) / 1e6,
    wal_mb_per_s: (one.walBytes * load) / 1e6,
    network_mb_per_s: bytes / 1e6,
    cost_per_asset_month: ((workers * regions + serverCores * regions + natsCores / BUSY) * price) / assets,
  };
}
