import { type LawDraw, together, type WearHistory } from '../../core/degradation/index.js';
import type { Random } from '../../core/index.js';
import type { HealthQuantity, Wear } from '../filter/health-filter.js';

/** A quantity that wears, with the laws that its history leaves possible. */
export interface Wearing {
  readonly quantity: HealthQuantity;
  readonly wear: Wear;
  readonly draws: readonly LawDraw[];
  /** Value in each future, as wear: growing with harm. */
  readonly now: Float64Array;
  /** Growth of the last day in each future. */
  readonly growth: Float64Array;
  /** Severity at the present mean. */
  readonly severity: number;
  /** Wear at full severity, and what the history tells. */
  readonly full: number;
  readonly history: WearHistory;
  /** The part whose steps it takes over where one cause wears both, and in which futures. */
  readonly leader: { readonly of: Wearing; readonly follows: Uint8Array } | undefined;
}

/** Severity a share of the way from the present one to full, or a little further where it is nearly there. */
export const knotSeverity = (severity: number, share: number) => severity + share * Math.max(0.1, 1 - severity);

/**
 * The part worn by the same fault that a part goes together with, and the futures in which it does: as many as the two
 * histories have in common, of those in which the leader goes by chance (smooth laws have no steps to share).
 */
export function leaderOf(
  wearing: readonly Wearing[],
  { fault }: Wear,
  history: WearHistory,
  full: number,
  samples: number,
  random: Random,
): Wearing['leader'] {
  const of = wearing.find(({ wear, leader }) => wear.fault === fault && leader === undefined);
  if (of === undefined) return undefined;
  const share = together(of.history, of.full, history, full);
  const follows = Uint8Array.from({ length: samples }, (_, j) =>
    random.next() < share && (of.draws[j] as LawDraw).law.noise > 0 ? 1 : 0,
  );
  return { of, follows };
}
