import type { KV } from '@nats-io/kv';
import { emptyTable, type OwnerTable } from './table.js';

/** The format of member records that this release writes. */
export const memberFormat = 1;

/** What a worker says of one of its partitions. */
export interface PartitionReport {
  readonly partition: number;
  readonly epoch: number;
  /** Messages that wait. */
  readonly lag: number;
  /** Readings a second. */
  readonly rate: number;
  /** Sequence in the stream behind which everything is stored. */
  readonly sequence: number;
}

/** A worker's lease: it is written anew every beat; that it changes is what says that the worker lives. */
export interface MemberRecord {
  readonly format: number;
  readonly id: string;
  /** Tells two runs of one id apart. */
  readonly run: string;
  /** When the run began, ms since the epoch, by its own clock. */
  readonly started: number;
  readonly beat: number;
  readonly draining: boolean;
  /** The newest format of messages that it reads. */
  readonly reads: number;
  readonly partitions: readonly PartitionReport[];
  /** Readings stored, take-overs, hand-overs and refused writes since it began. */
  readonly readings: number;
  readonly takeovers: number;
  readonly handovers: number;
  readonly fenced: number;
  /** Partitions that failed to begin, or took too long, since it began; an earlier release does not say it. */
  readonly failedStarts?: number | undefined;
  /** ms from the server's taking a message until it was stored: median and 99th percentile of the last ones. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Keys of the bucket. */
export const tableKey = 'table';
export const memberPrefix = 'member.';
export const memberKey = (id: string): string => memberPrefix + id;

/** Keys of commands to workers. */
export const control = {
  drain: (id: string): string => `control.drain.${id}`,
  /** The partition follows. */
  replay: 'control.replay.',
  rebalance: 'control.rebalance',
} as const;

/**
 * The keys that match, each once and in order: what is written while the bucket lists them, it names twice.
 * @param filter `member.>`
 */
export async function keysOf(bucket: Pick<KV, 'keys'>, filter: string): Promise<string[]> {
  const keys = new Set<string>();
  for await (const key of await bucket.keys(filter)) keys.add(key);
  return [...keys].sort();
}

/** Whether an error says that a compare-and-set came too late. */
export function isRevisionConflict(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  return code === 10071 || code === 10164 || /wrong last sequence/i.test(message);
}

/** The table of owners with its revision; a new one (revision 0) where there is none. */
export async function readTable(bucket: KV, partitions: number): Promise<{ table: OwnerTable; revision: number }> {
  const entry = await bucket.get(tableKey);
  return entry === null || entry.length === 0
    ? { table: emptyTable(partitions), revision: 0 }
    : { table: entry.json<OwnerTable>(), revision: entry.revision };
}

/**
 * Changes the table by compare-and-set; `change` is asked again with the newer table where another worker was faster, and gives
 * undefined where there is nothing to change. Returns the table as it is then.
 */
export async function changeTable(
  bucket: KV,
  partitions: number,
  change: (table: OwnerTable) => OwnerTable | undefined,
): Promise<OwnerTable> {
  for (let attempt = 0; ; attempt++) {
    const { table, revision } = await readTable(bucket, partitions);
    const changed = change(table);
    if (changed === undefined) return table;
    try {
      const text = JSON.stringify(changed);
      if (revision === 0) await bucket.create(tableKey, text);
      else await bucket.update(tableKey, text, revision);
      return changed;
    } catch (error) {
      if (!isRevisionConflict(error) || attempt >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
    }
  }
}
