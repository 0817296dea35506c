import type { StorageRecord } from 'twinergy';
import type { Tenant } from '../fleet/tenant.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEP = 900_000;

/** A stored forecast. */
export interface SavedForecast {
  readonly times: readonly number[];
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

export function savedForecast(row: StorageRecord<'predictions'>): SavedForecast | undefined {
  const details = row.details as Partial<SavedForecast> | null | undefined;
  return details?.times === undefined || details.columns === undefined
    ? undefined
    : { times: details.times, columns: details.columns };
}

/** How good the forecasts of the last days were, by the hours they looked ahead. */
export async function accuracyOf(tenant: Tenant, assetId: string, days: number) {
  const now = tenant.latest(assetId)?.time ?? Date.now();
  const { rows } = await tenant.storage.list('predictions', {
    assetId,
    where: { kind: 'power' },
    from: now - days * DAY,
    to: now,
    limit: 5000,
  });
  const channel = tenant.monitor.twin(assetId).model.output.name;
  const power = new Map<number, number>();
  if (rows.length > 0) {
    const rollup = await tenant.storage.rollup({
      assetId,
      channel,
      step: '15m',
      from: now - (days + 2) * DAY,
      to: now,
    });
    rollup.time.forEach((at, i) => {
      const value = rollup.column('mean')[i] as number;
      if (!Number.isNaN(value)) power.set(at, value);
    });
  }
  const leads = new Map<
    number,
    { n: number; abs: number; square: number; sum: number; inside: number; before: number; beforeN: number }
  >();
  for (const row of rows) {
    const saved = savedForecast(row);
    if (saved === undefined) continue;
    const { median = [], lower80 = [], upper80 = [] } = saved.columns;
    saved.times.forEach((at, i) => {
      const slot = Math.floor(at / STEP) * STEP;
      const measured = power.get(slot);
      const value = median[i];
      // The quarter hour under way is not over yet.
      if (measured === undefined || value === null || value === undefined || slot + STEP > now) return;
      const lead = Math.max(1, Math.ceil((at - row.time) / HOUR));
      const sums = leads.get(lead) ?? { n: 0, abs: 0, square: 0, sum: 0, inside: 0, before: 0, beforeN: 0 };
      const error = value - measured;
      sums.n++;
      sums.abs += Math.abs(error);
      sums.square += error * error;
      sums.sum += error;
      if (measured >= (lower80[i] ?? Number.NEGATIVE_INFINITY) && measured <= (upper80[i] ?? Number.POSITIVE_INFINITY))
        sums.inside++;
      const yesterday = power.get(slot - DAY);
      if (yesterday !== undefined) {
        sums.before += Math.abs(yesterday - measured);
        sums.beforeN++;
      }
      leads.set(lead, sums);
    });
  }
  return {
    days,
    forecasts: rows.length,
    compared: [...leads.values()].reduce((sum, { n }) => sum + n, 0),
    by_lead: [...leads]
      .sort(([a], [b]) => a - b)
      .map(([hours, { n, abs, square, sum, inside, before, beforeN }]) => ({
        hours,
        n,
        mae: abs / n,
        rmse: Math.sqrt(square / n),
        bias: sum / n,
        coverage80: inside / n,
        persistence_mae: beforeN === 0 ? null : before / beforeN,
      })),
  };
}
