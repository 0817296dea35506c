import { defaultWrites } from '../../src/cluster/work.js';
import { type ServiceTimes, type Simulated, type System, simulate } from './simulate.js';

/** The share of its time that anything may be busy, for peaks and for the loss of one of many. */
export const BUSY = 0.7;

/** Partitions of the whole fleet, and readings of a message and of a transaction at most. */
const PARTITIONS = 1_024;
const MESSAGE = 20;
const GROUP = 2_000;

/** A fleet that is to be borne. */
export interface FleetLoad {
  readonly times: ServiceTimes;
  /** Processors of one PostgreSQL server. */
  readonly serverCores: number;
  /** Readings a second. */
  readonly load: number;
}

/** What bears it. */
export interface Size {
  /** Regions, each with a stream and a PostgreSQL server of its own. */
  readonly regions: number;
  /** Workers of a region. */
  readonly workers: number;
  /** How a region fares. */
  readonly within: Simulated;
}

/** One of so many regions that share the load evenly, without its workers. */
export function regionOf({ times, serverCores, load }: FleetLoad, regions: number): Omit<System, 'workers'> {
  return {
    times,
    partitions: Math.ceil(PARTITIONS / regions),
    connections: defaultWrites,
    cores: serverCores,
    shared: false,
    group: GROUP,
    load: load / regions,
    message: MESSAGE,
    duration: 5,
    seed: 1,
  };
}

/**
 * The fewest regions, and in these the fewest workers (to a twentieth), with which neither workers nor PostgreSQL are busier than
 * `BUSY`. How many readings go together follows from how busy everything is, so each size is played.
 */
export function sized(fleet: FleetLoad): Size {
  for (let regions = 1; ; regions++) {
    const region = regionOf(fleet, regions);
    // What is busier than that with groups of any size needs more regions.
    if (region.load * fleet.times.databaseReading > BUSY * region.cores) continue;
    let workers = Math.max(1, Math.ceil((region.load * fleet.times.workerReading) / BUSY));
    let within = simulate({ ...region, workers });
    while (within.workerBusy > BUSY && workers < region.partitions) {
      workers = Math.min(
        region.partitions,
        Math.max(workers + 1, Math.ceil(workers * Math.min(1.25, 1 + (within.workerBusy - BUSY)))),
      );
      within = simulate({ ...region, workers });
    }
    if (within.workerBusy <= BUSY && within.databaseBusy <= BUSY) return { regions, workers, within };
  }
}
