/**
 * What a million assets at 5 s would take: service times are measured on this machine (processor time of workers and of
 * PostgreSQL, by reading and by transaction), a simulation plays the cluster event by event, and is first held against runs of
 * 1, 2 and 4 worker processes here. `--assets N` of each measured worker (default 600), `--beats N` (default 120),
 * `--rounds N` of the measurement (default 3), `--million N` assets of the simulated fleet (default 1,000,000), `--cores N` processors of one PostgreSQL server (default 32), `--price N` per
 * processor and month (default 20). Without `--measured` the runs are made; with `--measured FILE` their figures are read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Figures, RunInput } from '../../bench/harness.js';
import { defaultWrites } from '../../src/cluster/work.js';
import { clusterPlace } from '../cluster-faults/bench-place.js';
import { type ClusterRun, measureWorkers } from '../cluster-faults/measure.js';
import { type ServiceTimes, simulate } from '../scale/simulate.js';
import { BUSY, regionOf, sized } from '../scale/size.js';

const GROUP = 2_000;
const SMALL = 60;
/** Seconds between the readings of an asset. */
const STEP = 5;

const WORKERS = [1, 2, 4] as const;

/** The median runs of each number of workers, and those with small groups. */
interface Measured {
  readonly runs: Readonly<Record<Workers, ClusterRun>>;
  readonly small: Readonly<Record<1 | 2, ClusterRun>>;
}

type Workers = (typeof WORKERS)[number];

export default async function run({ options, say }: RunInput): Promise<Figures> {
  const { runs, small } = typeof options.measured === 'string' ? read(options.measured) : await measure(options, say);
  const times = serviceTimes(runs, small);
  say(`service times: ${JSON.stringify(times)}`);
  const figures: Record<string, number> = {};
  let worst = 0;
  for (const { workers, rate, group, available } of Object.values(runs)) {
    const predicted = simulate({
      times,
      workers,
      // The machine belongs to others too: what they used meanwhile was not to be had.
      cores: available,
      partitions: 32,
      connections: defaultWrites,
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
  return { ...figures, prediction_error: worst, ...million(times, runs[1], options, say) };
}

/**
 * Seconds by reading and by group, each from two runs with groups of different size. Processor time is that of two workers, who
 * fill this machine as those of a fleet do theirs: beside one, the threads of its garbage collector use what is idle. How
 * long a worker is held up by its own transactions is that of one, who need not wait for a processor.
 */
function serviceTimes(runs: Measured['runs'], small: Measured['small']): ServiceTimes {
  const split = (of: 'workerCpu' | 'postgresCpu' | 'workerWait', workers: 1 | 2): [reading: number, group: number] => {
    const [large, little] = [runs[workers], small[workers]];
    const perGroup = Math.max(0, (little[of] - large[of]) / (1 / little.group - 1 / large.group));
    return [Math.max(large[of] / 2, large[of] - perGroup / large.group), perGroup];
  };
  const [workerReading, workerGroup] = split('workerCpu', 2);
  const [waitReading, waitGroup] = split('workerWait', 1);
  const [databaseReading, databaseGroup] = split('postgresCpu', 2);
  const natsReading = runs[2].natsCpu;
  return { workerReading, workerGroup, waitReading, waitGroup, databaseReading, databaseGroup, natsReading };
}

async function measure(options: RunInput['options'], say: RunInput['say']): Promise<Measured> {
  const assets = Number(options.assets ?? 600);
  const place = clusterPlace({ assets });
  const beats = Number(options.beats ?? 120);
  const rounds = Number(options.rounds ?? 3);
  const all: (ClusterRun & { readonly most: number })[] = [];
  const once = async (workers: number, most: number, steps: number) => {
    // Each worker has as many assets in every run, at the same hour of their day: what a reading takes depends on both.
    const run = await measureWorkers({ ...place, assets: assets * workers, group: most }, workers, steps);
    say(JSON.stringify(run));
    all.push({ ...run, most });
  };
  // In turn, for the speed of a machine that others use too changes within minutes.
  for (let round = 0; round < rounds; round++) {
    for (const workers of [1, 2]) await once(workers, SMALL, Math.ceil(beats / 2));
    for (const workers of WORKERS) await once(workers, GROUP, beats);
  }
  const middle = (workers: number, most: number) => {
    const runs = all.filter((run) => run.workers === workers && run.most === most).sort((a, b) => a.rate - b.rate);
    return runs[runs.length >> 1] as ClusterRun;
  };
  const runs = { 1: middle(1, GROUP), 2: middle(2, GROUP), 4: middle(4, GROUP) };
  const small = { 1: middle(1, SMALL), 2: middle(2, SMALL) };
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
