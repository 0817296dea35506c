import type { Clock } from '../core/index.js';
import type { MonitorOptions } from '../monitor/index.js';
import type { Storage } from '../storage/index.js';
import type { ShadowStatus } from './shadows.js';

/** Assets of one tenant. */
export interface Fleet {
  /** Default `default`. */
  readonly tenantId?: string | undefined;
  readonly assets: MonitorOptions['assets'];
}

/** What a worker does with the readings of its partitions. */
export interface WorkOptions {
  /** The store that all workers share: `await postgresStorage({ connectionString })`. */
  readonly storage: Storage;
  /**
   * All assets there are, of one tenant or of several, or a function that looks them up; each partition takes its own. A
   * function is asked whenever a partition is taken over.
   */
  readonly assets: MonitorOptions['assets'] | (() => Promise<readonly Fleet[]> | readonly Fleet[]);
  /** Options of the monitors, as for one that runs alone. */
  readonly monitor?: Omit<MonitorOptions, 'assets' | 'storage' | 'tenantId' | 'overload'> | undefined;
  /** Whether models are loaded, or made where there are none, when a partition is taken over. Default true. */
  readonly train?: boolean | undefined;
  /** Readings of one transaction at most. Default 2000. */
  readonly group?: number | undefined;
  /**
   * Transactions of a worker at the same time at most: the other partitions gather readings meanwhile, and larger groups cost
   * less. Default 4.
   */
  readonly writes?: number | undefined;
  /** Time between calls of `Monitor.tick`, ms; 0: none. Default 5000. */
  readonly tick?: number | undefined;
}

/** Transactions of a worker at the same time, where nothing else is said. */
export const defaultWrites = 4;

/** What happened in a worker, for its listeners. */
export interface WorkEvents {
  /** A partition was taken: from now on this worker handles it. */
  owned: { readonly partition: number; readonly epoch: number; readonly position: number; readonly ms: number };
  /** A partition was given up: handed over in order, or lost to another worker. */
  released: { readonly partition: number; readonly epoch: number; readonly lost: boolean };
  /** A write of this worker was refused, for there is a later owner. */
  fenced: { readonly partition: number; readonly epoch: number };
  /** A version that ran as a shadow was promoted or dropped by this worker, on its option `promote`. */
  settled: ShadowStatus;
  /** Something could not be done now and is tried again. */
  trouble: { readonly partition: number | undefined; readonly error: unknown };
}

/** A group of readings that was stored. */
export interface StoredGroup {
  readonly partition: number;
  readonly tenantId: string;
  readonly readings: number;
  /** ms from the server's taking the oldest message until all was stored, by this machine's clock. */
  readonly waited: number;
}

/** The fleets of `assets`, however they were given. */
export async function fleetsOf(assets: WorkOptions['assets']): Promise<readonly Fleet[]> {
  return typeof assets === 'function' ? assets() : [{ assets }];
}

/** The clock of the monitors, for dates of what the worker itself writes. */
export function clockOf({ monitor }: WorkOptions): Pick<Clock, 'now'> {
  return monitor?.clock ?? { now: () => Date.now() };
}
