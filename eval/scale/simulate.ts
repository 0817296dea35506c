import { Random } from '../../src/core/random.js';
import { EventHeap } from './heap.js';

/** Processor seconds that work takes, as measured. */
export interface ServiceTimes {
  /** Of a reading, and of a group (one transaction), in a worker. */
  readonly workerReading: number;
  readonly workerGroup: number;
  /** The same in PostgreSQL. */
  readonly databaseReading: number;
  readonly databaseGroup: number;
}

/** The system that is simulated. */
export interface System {
  readonly times: ServiceTimes;
  readonly workers: number;
  readonly partitions: number;
  /** Processors of PostgreSQL; with `shared`, of everything. */
  readonly cores: number;
  /** Workers and PostgreSQL share the same processors, as on one machine. */
  readonly shared: boolean;
  /** Readings of one transaction at most. */
  readonly group: number;
  /** Readings a second; infinite: the stream was filled before. */
  readonly load: number;
  /** Readings of one message. */
  readonly message: number;
  /** Seconds. */
  readonly duration: number;
  readonly seed: number;
}

/** What a simulation gave, the first fifth of its time not counted. */
export interface Simulated {
  readonly rate: number;
  /** Seconds from stream to store. */
  readonly p50: number;
  readonly p99: number;
  /** Share of its time that a worker computes, and that a processor of PostgreSQL is busy. */
  readonly workerBusy: number;
  readonly databaseBusy: number;
  /** Readings that wait at the end. */
  readonly backlog: number;
}

type Stage = 'worker' | 'database';

interface Task {
  readonly worker: number;
  readonly partition: number;
  readonly stage: Stage;
  readonly readings: number;
  readonly arrived: readonly number[];
  left: number;
}

/**
 * Plays a cluster event by event: messages come to partitions; each worker works on one partition after another, a group at a
 * time, and hands it to its connection of PostgreSQL, which stores one group while the worker computes the next. Processors are
 * shared evenly among what wants them.
 */
export function simulate(system: System): Simulated {
  const { times, workers, partitions, cores, shared, group, load, message, duration, seed } = system;
  const random = new Random(seed);
  const arrivals = new EventHeap<number>();
  const waiting: number[][] = Array.from({ length: partitions }, () => []);
  const full = !Number.isFinite(load);
  const gap = full ? 0 : (partitions * message) / load;
  if (!full) for (let p = 0; p < partitions; p++) arrivals.push(random.next() * gap, p);
  const turn = new Array<number>(workers).fill(0);
  const own = Array.from({ length: workers }, (_, w) =>
    Array.from({ length: partitions }, (_, p) => p).filter((p) => p % workers === w),
  );
  const busyPartition = new Uint8Array(partitions);
  /** Groups that were computed and wait for the worker's connection. */
  const toStore: Task[][] = Array.from({ length: workers }, () => []);
  const active: Task[] = [];
  const computing = new Uint8Array(workers);
  const storing = new Uint8Array(workers);
  let now = 0;
  let stored = 0;
  let busyWorker = 0;
  let busyDatabase = 0;
  const warm = duration / 5;
  const waits: number[] = [];

  const begin = (worker: number): void => {
    if (storing[worker] === 0) {
      const next = toStore[worker]?.shift();
      if (next !== undefined) {
        storing[worker] = 1;
        active.push(next);
      }
    }
    // A connection that is behind holds the worker up, as the queue before the database does.
    if (computing[worker] === 1 || (toStore[worker]?.length ?? 0) > 4) return;
    const list = own[worker] as number[];
    for (let i = 0; i < list.length; i++) {
      const at = ((turn[worker] as number) + i) % list.length;
      const partition = list[at] as number;
      const messages = waiting[partition] as number[];
      if (busyPartition[partition] === 1 || (!full && messages.length === 0)) continue;
      const count = full ? Math.floor(group / message) : Math.min(messages.length, Math.floor(group / message));
      const arrived = full ? [] : messages.splice(0, count);
      const readings = count * message;
      turn[worker] = at + 1;
      busyPartition[partition] = 1;
      computing[worker] = 1;
      active.push({
        worker,
        partition,
        stage: 'worker',
        readings,
        arrived,
        left: times.workerGroup + readings * times.workerReading,
      });
      return;
    }
  };

  const speeds = (): { readonly worker: number; readonly database: number } => {
    if (shared) {
      const each = Math.min(1, cores / Math.max(1, active.length));
      return { worker: each, database: each };
    }
    const inDatabase = active.reduce((sum, { stage }) => sum + (stage === 'database' ? 1 : 0), 0);
    return { worker: 1, database: Math.min(1, cores / Math.max(1, inDatabase)) };
  };

  for (let worker = 0; worker < workers; worker++) begin(worker);
  while (now < duration) {
    const speed = speeds();
    let next = Number.POSITIVE_INFINITY;
    for (const task of active) next = Math.min(next, task.left / speed[task.stage]);
    const arrival = arrivals.pop();
    const until = Math.min(now + next, arrival?.time ?? Number.POSITIVE_INFINITY, duration);
    const step = until - now;
    for (const task of active) {
      task.left -= step * speed[task.stage];
      if (now < warm) continue;
      if (task.stage === 'worker') busyWorker += step * speed.worker;
      else busyDatabase += step * speed.database;
    }
    now = until;
    if (arrival !== undefined) {
      if (arrival.time <= now) {
        waiting[arrival.event]?.push(now);
        // Messages come at their pace with a little play, as sources do.
        arrivals.push(now + gap * (0.9 + 0.2 * random.next()), arrival.event);
        begin(arrival.event % workers);
      } else arrivals.push(arrival.time, arrival.event);
    }
    for (let i = active.length - 1; i >= 0; i--) {
      const task = active[i] as Task;
      if (task.left > 1e-12) continue;
      active.splice(i, 1);
      const { worker, partition, readings, arrived } = task;
      if (task.stage === 'worker') {
        computing[worker] = 0;
        toStore[worker]?.push({
          ...task,
          stage: 'database',
          left: times.databaseGroup + readings * times.databaseReading,
        });
      } else {
        storing[worker] = 0;
        busyPartition[partition] = 0;
        if (now >= warm) {
          stored += readings;
          for (const time of arrived) waits.push(now - time);
        }
      }
      begin(worker);
    }
  }
  waits.sort((a, b) => a - b);
  const measured = duration - warm;
  return {
    rate: stored / measured,
    p50: waits[Math.floor(waits.length * 0.5)] ?? Number.NaN,
    p99: waits[Math.floor(waits.length * 0.99)] ?? Number.NaN,
    workerBusy: busyWorker / (measured * workers),
    databaseBusy: busyDatabase / (measured * cores),
    backlog: waiting.reduce((sum, { length }) => sum + length * message, 0),
  };
}
