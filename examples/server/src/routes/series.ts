import { Frame, type TenantStorage } from 'twinergy';
import type { Tenant } from '../fleet/tenant.js';
import { finite, iso } from '../http/common.js';
import { Problem } from '../http/problem.js';

const DAY = 86_400_000;

/** Rows that are read one by one; a longer range is read by its roll-ups. */
const MOST_ROWS = 50_000;

type RollupStep = Parameters<TenantStorage['rollup']>[0]['step'];
const STEPS: readonly (readonly [step: RollupStep, ms: number])[] = [
  ['1m', 60_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['1d', DAY],
];

/** A range with its defaults: the last day before the newest reading. */
export function rangeOf(
  tenant: Tenant,
  assetId: string,
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
  length = DAY,
): { readonly from: number; readonly to: number } {
  const end = to ?? (tenant.latest(assetId)?.time ?? Date.now()) + 1;
  const begin = from ?? end - length;
  if (begin >= end) throw new Problem(400, 'API_BAD_RANGE', '"from" must lie before "to".', { path: 'query.from' });
  return { from: begin, to: end };
}

/** The channels of a plant that were asked for. @throws Problem 400 for one that it has not */
export function channelsOf(tenant: Tenant, assetId: string, wanted: readonly string[] | undefined): string[] {
  const { channels, output } = tenant.monitor.twin(assetId).model;
  if (wanted === undefined || wanted.length === 0) return [output.name];
  for (const name of wanted) {
    if (!channels.some((channel) => channel.name === name))
      throw new Problem(400, 'API_UNKNOWN_CHANNEL', `${assetId} has no channel "${name}".`, {
        path: 'query.channels',
        value: name,
      });
  }
  return [...new Set(wanted)];
}

/** Telemetry of a range: row by row where there are few, else means by the finest roll-up that is not too long. */
export async function readRange(
  tenant: Tenant,
  assetId: string,
  channels: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
  most = MOST_ROWS,
): Promise<{ readonly frame: Frame; readonly step: string | null }> {
  const probe = await tenant.storage.read({ assetId, from, to, channels: channels.slice(0, 1), limit: most + 1 });
  if (probe.length <= most) {
    const frame = await tenant.storage.read({ assetId, from, to, channels, limit: most });
    return { frame, step: null };
  }
  const [step] = STEPS.find(([, ms]) => (to - from) / ms <= most) ?? (['1d', DAY] as const);
  const parts = await Promise.all(
    channels.map(async (channel) => {
      const rollup = await tenant.storage.rollup({ assetId, channel, step, from, to });
      return new Frame(rollup.time, { [channel]: { data: rollup.column('mean'), unit: rollup.unit('mean') } });
    }),
  );
  const frame = parts.reduce((all, part) => all.join(part, { how: 'outer' }));
  return { frame, step };
}

/** Times of rows of a frame to draw so that least and greatest of each column stay: at most about `width` × 2 a column. */
export function drawnRows(frame: Frame, names: readonly string[], width: number): number[] {
  const { length } = frame;
  if (length <= width * 2) return Array.from({ length }, (_, row) => row);
  const rows = new Set<number>([0, length - 1]);
  for (const name of names) {
    const data = frame.column(name);
    for (let bucket = 0; bucket < width; bucket++) {
      const end = Math.floor(((bucket + 1) * length) / width);
      let low = -1;
      let high = -1;
      for (let row = Math.floor((bucket * length) / width); row < end; row++) {
        const value = data[row] as number;
        if (Number.isNaN(value)) continue;
        if (low < 0 || value < (data[low] as number)) low = row;
        if (high < 0 || value > (data[high] as number)) high = row;
      }
      if (low >= 0) rows.add(low).add(high);
    }
  }
  return [...rows].sort((a, b) => a - b);
}

/** Columns of a frame as JSON: times in ms since the epoch, null where nothing was measured. */
export function columnsJson(
  frame: Frame,
  rows: readonly number[],
  names: readonly string[],
  rename: (name: string) => string,
) {
  return {
    times: rows.map((row) => frame.time[row] as number),
    series: Object.fromEntries(
      names.map((name) => {
        const data = frame.column(name);
        return [rename(name), { unit: frame.unit(name), values: rows.map((row) => finite(data[row])) }];
      }),
    ),
  };
}

/** Rows of a frame as JSON: what was not measured is absent. */
export function rowsJson(frame: Frame, rename: (name: string) => string): Record<string, string | number>[] {
  const names = frame.names.map((name) => [name, rename(name)] as const);
  return Array.from(frame.time, (time, row) => {
    const out: Record<string, string | number> = { time: iso(time) };
    for (const [name, shown] of names) {
      const value = frame.column(name)[row] as number;
      if (!Number.isNaN(value)) out[shown] = value;
    }
    return out;
  });
}
