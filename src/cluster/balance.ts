import type { OwnerTable } from './table.js';

/** What balancing must know of the cluster. */
export interface BalanceInput {
  readonly table: OwnerTable;
  /** Workers that live and are not draining. */
  readonly workers: readonly string[];
  /** Readings a second of each partition, where they are known. */
  readonly rates: ReadonlyMap<number, number>;
  /** Differences of load that are not worth a hand-over, as a share of one worker's part. Default 0.25. */
  readonly tolerance?: number | undefined;
}

/** A partition that should change hands. */
export interface Move {
  readonly partition: number;
  readonly from: string | null;
  readonly to: string;
}

/**
 * The weight of each partition: half by count (all alike), half by load (its share of all readings), so that neither many idle
 * partitions nor a few busy ones gather at one worker. All weights together are 1.
 */
export function weightsOf(partitions: number, rates: ReadonlyMap<number, number>): Float64Array {
  let known = 0;
  for (const rate of rates.values()) known += rate;
  // A partition of which nothing is known yet is taken for an average one.
  const usual = rates.size === 0 ? 0 : known / rates.size;
  const all = known + usual * (partitions - rates.size);
  return Float64Array.from({ length: partitions }, (_, partition) => {
    const count = 1 / partitions;
    return all > 0 ? (count + (rates.get(partition) ?? usual) / all) / 2 : count;
  });
}

/** Moves of one round at most between workers that are both alive: the rest waits for the next round. */
const MOVES = 8;

/**
 * Who should own what (what somebody owns who is not among `workers` stays): partitions of nobody go to the least loaded worker, the heaviest first; then the most loaded worker
 * gives to the least loaded one while that makes the greater of both loads smaller. Every worker works it out for itself from
 * the same facts and comes to the same answer; where facts differ, compare-and-set decides.
 */
export function balance({ table, workers, rates, tolerance = 0.25 }: BalanceInput): Move[] {
  if (workers.length === 0) return [];
  const weights = weightsOf(table.partitions.length, rates);
  const sorted = [...workers].sort();
  const loads = new Map(sorted.map((worker) => [worker, 0]));
  const held = new Map<string, number[]>(sorted.map((worker) => [worker, []]));
  const orphans: number[] = [];
  table.partitions.forEach(({ owner }, partition) => {
    const own = owner === null ? undefined : held.get(owner);
    if (owner === null) orphans.push(partition);
    else if (own !== undefined) {
      own.push(partition);
      loads.set(owner as string, (loads.get(owner as string) ?? 0) + (weights[partition] as number));
    }
  });
  const moves: Move[] = [];
  const give = (partition: number, from: string | null, to: string) => {
    const weight = weights[partition] as number;
    if (from !== null) loads.set(from, (loads.get(from) as number) - weight);
    loads.set(to, (loads.get(to) as number) + weight);
    moves.push({ partition, from, to });
  };
  orphans.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  for (const partition of orphans) {
    const promised = table.partitions[partition]?.to;
    const to = promised !== undefined && held.has(promised) ? promised : least(sorted, loads);
    give(partition, null, to);
  }
  for (let move = 0; move < MOVES; move++) {
    const to = least(sorted, loads);
    const from = sorted.reduce((a, b) => ((loads.get(b) as number) > (loads.get(a) as number) ? b : a));
    const gap = (loads.get(from) as number) - (loads.get(to) as number);
    const own = held.get(from) as number[];
    // The heaviest that fits into half of the gap brings both closest together. A part in a thousand is rounding.
    const best = own
      .filter((partition) => (weights[partition] as number) < gap * 0.999)
      .sort(
        (a, b) => Math.abs((weights[a] as number) - gap / 2) - Math.abs((weights[b] as number) - gap / 2) || a - b,
      )[0];
    // Rates are measured and waver: small differences are not worth a hand-over.
    if (best === undefined || gap < tolerance / sorted.length) break;
    held.set(
      from,
      own.filter((partition) => partition !== best),
    );
    give(best, from, to);
  }
  return moves;
}

function least(workers: readonly string[], loads: ReadonlyMap<string, number>): string {
  return workers.reduce((a, b) => ((loads.get(b) as number) < (loads.get(a) as number) ? b : a));
}
