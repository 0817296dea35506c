import { setTimeout as wait } from 'node:timers/promises';
import { Monitor } from '../../src/monitor/index.js';
import { beatOf, onFilledStream, walPosition, withStore } from './bench-place.js';
import { fleetOf, monitorOptions, type Place } from './place.js';
import { machineSeconds, processors, serverSeconds } from './processor-times.js';

/** The share of all readings that is stored before anything is measured. */
const WARM = 0.35;

/** What a run of some workers gave. */
export interface ClusterRun {
  readonly workers: number;
  /** Readings stored a second, while all workers were busy. */
  readonly rate: number;
  /** Processor seconds of a reading: in the workers, in PostgreSQL and in NATS. */
  readonly workerCpu: number;
  /** Seconds in which a worker did nothing though there was something to do, by reading. */
  readonly workerWait: number;
  readonly postgresCpu: number;
  readonly natsCpu: number;
  /** Processors that these had together, on average. */
  readonly cores: number;
  /** Processors that they could have had: what nobody else on the machine used. */
  readonly available: number;
  /** Readings of a transaction, on average. */
  readonly group: number;
  /** Bytes of a reading in the stream, and in the log of PostgreSQL. */
  readonly messageBytes: number;
  readonly walBytes: number;
}

/** Readings a second of one monitor in this process on PostgreSQL: a beat of the fleet after another, 1000 readings at a time. */
export function alone(place: Place, beats: number): Promise<number> {
  return withStore(place, async (storage) => {
    const monitor = new Monitor({ ...monitorOptions(), assets: fleetOf(place.assets), storage });
    await monitor.train();
    const warm = Math.ceil(beats * WARM);
    let began = 0;
    for (let number = 0; number < beats; number++) {
      if (number === warm) began = performance.now();
      const beat = beatOf(place, number);
      for (let i = 0; i < beat.length; i += 1_000) await monitor.ingest(beat.slice(i, i + 1_000));
    }
    const seconds = (performance.now() - began) / 1_000;
    await monitor.close();
    return ((beats - warm) * place.assets) / seconds;
  });
}

/** Lets `workers` processes work off a stream that was filled before, and measures the middle of it. */
export function measureWorkers(place: Place, workers: number, beats: number): Promise<ClusterRun> {
  return onFilledStream(place, beats, async (link, fleet) => {
    const ids = Array.from({ length: workers }, (_, i) => `worker-${i}`);
    const total = beats * place.assets;
    await Promise.all(ids.map((id, i) => fleet.start({ ...place, id }, i % processors)));
    const sample = async () => {
      const samples = await Promise.all(ids.map((id) => fleet.sample(id)));
      const sum = (of: (each: (typeof samples)[number]) => number) => samples.reduce((all, each) => all + of(each), 0);
      return {
        at: performance.now() / 1_000,
        stored: sum(({ readings }) => readings),
        groups: sum(({ groups }) => groups),
        held: sum(({ idle }) => idle) / 1_000,
        worker: sum(({ cpu }) => cpu.user + cpu.system) / 1e6,
        postgres: serverSeconds(portOf(place.postgres, 5_432)),
        nats: serverSeconds(portOf(place.nats[0] ?? '', 4_222)),
        ...machineSeconds(),
        least: Math.min(...samples.map(({ readings }) => readings)),
      };
    };
    // All workers must have partitions, and have run for a while: a process that has just begun still compiles its code.
    let first = await sample();
    while (first.least === 0 || first.stored < WARM * total) {
      await wait(100);
      first = await sample();
      if (first.stored > 0.5 * total) break;
    }
    const walBefore = await walPosition(place);
    let last = first;
    while (last.stored < 0.85 * total) {
      await wait(100);
      last = await sample();
    }
    const wal = (await walPosition(place)) - walBefore;
    const { state } = await link.manager.streams.info(link.names.stream);
    const readings = last.stored - first.stored;
    const seconds = last.at - first.at;
    const spent = (of: 'worker' | 'held' | 'postgres' | 'nats' | 'busy') => last[of] - first[of];
    const own = spent('worker') + spent('postgres') + spent('nats');
    return {
      workers,
      rate: readings / seconds,
      workerCpu: spent('worker') / readings,
      workerWait: spent('held') / readings,
      postgresCpu: spent('postgres') / readings,
      natsCpu: spent('nats') / readings,
      cores: own / seconds,
      available: processors - Math.max(0, spent('busy') - own) / seconds,
      group: readings / (last.groups - first.groups),
      messageBytes: state.bytes / total,
      walBytes: wal / readings,
    };
  });
}

function portOf(url: string, usual: number): number {
  return Number(new URL(url).port || usual);
}
