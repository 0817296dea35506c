import { Random } from '../../src/core/random.js';
import { EventHeap } from './heap.js';

/** Processor seconds that work takes, as measured. */
export interface ServiceTimes {
  /** Of a reading, and of a group (one transaction), in a worker. */
  readonly workerReading: number;
  readonly workerGroup: number;
  /** Seconds that a worker which has enough to do still waits, for its own transactions: no processor is used in them. */
  readonly waitReading: number;
  readonly waitGroup: number;
  /** The same in PostgreSQL. */
  readonly databaseReading: number;
  readonly databaseGroup: number;
  /** Of a reading in NATS. */
  readonly natsReading: number;
}

/** The system that is simulated. */
export interface System {
  readonly times: ServiceTimes;
  readonly workers: number;
  readonly partitions: number;
  /** Transactions of a worker at the same time. */
  readonly connections: number;
  /** Processors of PostgreSQL; with `shared`, of everything. */
  readonly cores: number;
  /** Workers, PostgreSQL and NATS share the same processors, as on one machine. */
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
  /** Share of its time that a worker computes or is held up, and that a processor of PostgreSQL is busy. */
  readonly workerBusy: number;
  readonly databaseBusy: number;
  /** Readings of a transaction, on average. */
  readonly group: number;
  /** Readings that wait at the end. */
  readonly backlog: number;
}

type Stage = 'worker' | 'wait' | 'database' | 'nats';

interface Task {
  readonly worker: number;
  readonly partition: number;
  readonly stage: Stage;
  readonly readings: number;
  readonly arrived: readonly number[];
  left: number;
}

/**
 * Plays a cluster event by event: messages come to partitions; each worker computes for one partition after another, a group at
 * a time, while NATS brings the next messages, and hands it to PostgreSQL by one of its connections; a partition's next group
 * waits until that is stored. After each group a worker is held up for a while, as measured. Processors are shared evenly
 * among what wants them, and nothing uses more than one at a time.
 */
export function simulate(system: System): Simulated {
  const { times, workers, partitions, connections, cores, shared, group, load, message, duration, seed } = system;
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
  /** Groups that were computed and wait for a connection. */
  const toStore: Task[][] = Array.from({ length: workers }, () => []);
  const active: Task[] = [];
  const running: Record<Stage, number> = { worker: 0, wait: 0, database: 0, nats: 0 };
  const busy: Record<Stage, number> = { worker: 0, wait: 0, database: 0, nats: 0 };
  const computing = new Uint8Array(workers);
  const storing = new Uint8Array(workers);
  let now = 0;
  let stored = 0;
  let groups = 0;
  const warm = duration / 5;
  const waits: number[] = [];

  const start = (task: Task): void => {
    active.push(task);
    running[task.stage]++;
  };

  const begin = (worker: number): void => {
    const queue = toStore[worker] as Task[];
    while ((storing[worker] as number) < connections && queue.length > 0) {
      storing[worker] = (storing[worker] as number) + 1;
      start(queue.shift() as Task);
    }
    if (computing[worker] === 1) return;
    const list = own[worker] as number[];
    for (let i = 0; i < list.length; i++) {
      const at = ((turn[worker] as number) + i) % list.length;
      const partition = list[at] as number;
      const messages = waiting[partition] as number[];
      if (busyPartition[partition] === 1 || (!full && messages.length === 0)) continue;
      const most = Math.max(1, Math.floor(group / message));
      const count = full ? most : Math.min(messages.length, most);
      const readings = count * message;
      const arrived = full ? [] : messages.splice(0, count);
      turn[worker] = at + 1;
      busyPartition[partition] = 1;
      computing[worker] = 1;
      const task = { worker, partition, readings, arrived };
      start({ ...task, stage: 'worker', left: times.workerGroup + readings * times.workerReading });
      if (times.natsReading > 0) start({ ...task, stage: 'nats', left: readings * times.natsReading });
      return;
    }
  };

  const speedOf = (stage: Stage): number => {
    if (shared) return Math.min(1, cores / Math.max(1, active.length - running.wait));
    return stage === 'database' ? Math.min(1, cores / Math.max(1, running.database)) : 1;
  };

  for (let worker = 0; worker < workers; worker++) begin(worker);
  while (now < duration) {
    const speed: Record<Stage, number> = {
      worker: speedOf('worker'),
      wait: 1,
      database: speedOf('database'),
      nats: speedOf('nats'),
    };
    let next = Number.POSITIVE_INFINITY;
    for (const task of active) next = Math.min(next, task.left / speed[task.stage]);
    const arrival = arrivals.pop();
    const until = Math.min(now + next, arrival?.time ?? Number.POSITIVE_INFINITY, duration);
    const step = until - now;
    for (const task of active) {
      task.left -= step * speed[task.stage];
      if (now >= warm) busy[task.stage] += step * speed[task.stage];
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
      running[task.stage]--;
      const { worker, partition, readings, arrived } = task;
      if (task.stage === 'nats') continue;
      if (task.stage === 'wait') computing[worker] = 0;
      else if (task.stage === 'worker') {
        const held = times.waitGroup + readings * times.waitReading;
        if (held > 0) start({ ...task, stage: 'wait', left: held });
        else computing[worker] = 0;
        toStore[worker]?.push({
          ...task,
          stage: 'database',
          left: times.databaseGroup + readings * times.databaseReading,
        });
      } else {
        storing[worker] = (storing[worker] as number) - 1;
        busyPartition[partition] = 0;
        if (now >= warm) {
          stored += readings;
          groups++;
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
    workerBusy: (busy.worker + busy.wait) / (measured * workers),
    databaseBusy: busy.database / (measured * cores),
    group: stored / Math.max(1, groups),
    backlog: waiting.reduce((sum, { length }) => sum + length * message, 0),
  };
}
