import type { TenantStorage } from '../../storage/index.js';

/** A prediction whose truth is known by now. */
export interface SettledPrediction {
  /** How far it looked ahead, in any unit: what is grouped by. */
  readonly horizon: number;
  readonly predicted: number;
  readonly truth: number;
  /** Interval and its level, %, where one was given. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly level?: number | undefined;
}

/** How predictions of one range of horizons came out. */
export interface HorizonAccuracy {
  /** `from` ≤ horizon < `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanAbsoluteError: number;
  readonly bias: number;
  readonly rootMeanSquareError: number;
  /** Share of truths within their interval, and the mean level that was promised, as fractions; null without intervals. */
  readonly coverage: number | null;
  readonly promised: number | null;
}

/**
 * Error and calibration by horizon: what was said against what came true.
 * @param edges rising edges of the ranges; predictions outside of them do not count
 */
export function accuracyByHorizon(settled: readonly SettledPrediction[], edges: readonly number[]): HorizonAccuracy[] {
  const result: HorizonAccuracy[] = [];
  for (let k = 0; k + 1 < edges.length; k++) {
    const from = edges[k] as number;
    const to = edges[k + 1] as number;
    const group = settled.filter(
      ({ horizon, predicted, truth }) =>
        horizon >= from && horizon < to && Number.isFinite(predicted) && Number.isFinite(truth),
    );
    if (group.length === 0) continue;
    const mean = (pick: (item: SettledPrediction) => number, items = group) =>
      items.reduce((sum, item) => sum + pick(item), 0) / items.length;
    const held = group.filter(({ low, high, level }) => low !== undefined && high !== undefined && level !== undefined);
    const within = ({ low = 0, high = 0, truth }: SettledPrediction) => (truth >= low && truth <= high ? 1 : 0);
    result.push({
      from,
      to,
      count: group.length,
      meanAbsoluteError: mean(({ predicted, truth }) => Math.abs(predicted - truth)),
      bias: mean(({ predicted, truth }) => predicted - truth),
      rootMeanSquareError: Math.sqrt(mean(({ predicted, truth }) => (predicted - truth) ** 2)),
      coverage: held.length === 0 ? null : mean(within, held),
      promised: held.length === 0 ? null : mean(({ level = 0 }) => level, held) / 100,
    });
  }
  return result;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Which stored predictions to settle. */
export interface SettleQuery {
  readonly assetId: string;
  /** Predictions made in this range, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Default 20,000. */
  readonly limit?: number | undefined;
}

/**
 * Forecasts in storage with the values that were measured at their target times (within half of `tolerance`); horizon in
 * hours.
 * @param channel what was forecast, such as `acPower`
 */
export async function settleForecasts(
  storage: TenantStorage,
  { assetId, from, to, limit = 20_000 }: SettleQuery,
  channel: string,
  tolerance = 15 * 60_000,
): Promise<SettledPrediction[]> {
  const { rows } = await storage.list('predictions', { assetId, from, to, where: { kind: 'power' }, limit });
  const targets = rows.filter(({ targetTime, value }) => targetTime !== undefined && value !== undefined);
  if (targets.length === 0) return [];
  const last = targets.reduce((latest, { targetTime = 0 }) => Math.max(latest, targetTime), 0);
  const frame = await storage.read({ assetId, from, to: last + tolerance, channels: [channel], last: 100_000 });
  if (frame.length === 0) return [];
  const measured = frame.column(channel);
  return targets.flatMap(({ time, targetTime = 0, value = 0, low, high, level }) => {
    const after = frame.indexAt(targetTime);
    const near = [after - 1, after].filter((i) => i >= 0 && i < frame.length);
    near.sort(
      (a, b) => Math.abs((frame.time[a] as number) - targetTime) - Math.abs((frame.time[b] as number) - targetTime),
    );
    const best = near[0];
    if (best === undefined || Math.abs((frame.time[best] as number) - targetTime) > tolerance / 2) return [];
    const truth = measured[best] as number;
    if (!Number.isFinite(truth)) return [];
    return [{ horizon: (targetTime - time) / HOUR, predicted: value, truth, low, high, level }];
  });
}

/**
 * Predictions of remaining life in storage, for a failure that has happened: horizon and life in days.
 * @param failureTime ms since the epoch; predictions after it do not count
 */
export async function settleLives(
  storage: TenantStorage,
  { assetId, from, to, limit = 20_000 }: SettleQuery,
  failureTime: number,
): Promise<SettledPrediction[]> {
  const { rows } = await storage.list('predictions', { assetId, from, to, where: { kind: 'rul' }, limit });
  return rows.flatMap(({ time, value, low, high, level }) => {
    if (value === undefined || time > failureTime) return [];
    const truth = (failureTime - time) / DAY;
    return [{ horizon: truth, predicted: value, truth, low, high, level }];
  });
}
