import { Frame } from '../../core/frame.js';
import { throwIfAborted } from '../../core/work.js';
import type { StorageEngine, StoredBlock } from '../contract/engine.js';
import { dayMs, hourMs, minuteMs } from '../contract/time.js';
import type { RollupStep } from '../contract.js';
import { byAssetAndDay, type HourGroup, readMerged } from './archive.js';
import { packDoubles, unpackDoubles } from './codec/column.js';

/** Steps that are kept; days are made of hours when they are read. */
const keptSteps = { '1m': minuteMs, '15m': 15 * minuteMs, '1h': hourMs } as const;
type KeptStep = keyof typeof keptSteps;
const kinds = Object.keys(keptSteps) as KeptStep[];

/** What is kept of each bucket: one array after the other. */
const fields = 6;
const [count, sum, min, max, last, energy] = [0, 1, 2, 3, 4, 5] as const;

/** Recomputes the hours that were written to since. Hours that are written to meanwhile stay for the next time. */
export async function refreshRollups(
  engine: StorageEngine,
  tenantId: string,
  assetId: string | undefined,
  signal?: AbortSignal | undefined,
): Promise<number> {
  let hours = 0;
  const stale = await engine.hours(tenantId, { stale: true, ...(assetId === undefined ? {} : { assetId }) });
  for (const group of byAssetAndDay(stale)) {
    throwIfAborted(signal);
    if (await refreshDay(engine, tenantId, group)) hours += group.hours.length;
  }
  return hours;
}

async function refreshDay(
  engine: StorageEngine,
  tenantId: string,
  { assetId, day, hours }: HourGroup,
): Promise<boolean> {
  const channels = await engine.channelsOf(tenantId, assetId);
  const first = hours[0]?.hour ?? 0;
  const end = (hours[hours.length - 1]?.hour ?? -1) + 1;
  const block = await readMerged(engine, tenantId, {
    assetId,
    channels,
    from: first * hourMs,
    to: end * hourMs,
    limit: Number.MAX_SAFE_INTEGER,
    latest: false,
  });
  const put: StoredBlock[] = [];
  for (const kind of kinds) {
    const width = keptSteps[kind];
    const buckets = dayMs / width;
    const before = new Map(
      (await engine.blocks(tenantId, { assetId, kind, channels, from: day, to: day + 1 })).map(({ channel, data }) => [
        channel,
        data,
      ]),
    );
    channels.forEach((channel, k) => {
      const old = before.get(channel);
      const values = old === undefined ? new Float64Array(fields * buckets) : unpackDoubles(old, fields * buckets);
      const perHour = hourMs / width;
      const start = (first - day * 24) * perHour;
      const stop = (end - day * 24) * perHour;
      for (let f = 0; f < fields; f++) values.fill(0, f * buckets + start, f * buckets + stop);
      accumulate(block.time, block.columns[k] as Float64Array, day * dayMs, width, buckets, values);
      if (old !== undefined || values.some((value) => value !== 0)) {
        put.push({ assetId, kind, day, channel, rows: buckets, data: packDoubles(values) });
      }
    });
  }
  return engine.commitBlocks(tenantId, { assetId, expected: hours, put, archive: false });
}

/** Adds samples to their buckets; the energy of a bucket is the trapezoid rule with both ends held to its edges. */
function accumulate(
  time: Float64Array,
  column: Float64Array,
  origin: number,
  width: number,
  buckets: number,
  into: Float64Array,
): void {
  let bucket = -1;
  let lastTime = 0;
  let lastValue = 0;
  const close = () => {
    if (bucket < 0) return;
    const edge = origin + (bucket + 1) * width;
    const at = energy * buckets + bucket;
    into[at] = ((into[at] as number) + lastValue * (edge - lastTime)) / hourMs;
    into[last * buckets + bucket] = lastValue;
  };
  for (let i = 0; i < time.length; i++) {
    const value = column[i] as number;
    if (Number.isNaN(value)) continue;
    const t = time[i] as number;
    const here = Math.floor((t - origin) / width);
    if (here !== bucket) {
      close();
      bucket = here;
      into[count * buckets + bucket] = 1;
      into[sum * buckets + bucket] = value;
      into[min * buckets + bucket] = value;
      into[max * buckets + bucket] = value;
      into[energy * buckets + bucket] = value * (t - (origin + bucket * width));
    } else {
      const at = count * buckets + bucket;
      into[at] = (into[at] as number) + 1;
      const total = sum * buckets + bucket;
      into[total] = (into[total] as number) + value;
      const low = min * buckets + bucket;
      if (value < (into[low] as number)) into[low] = value;
      const high = max * buckets + bucket;
      if (value > (into[high] as number)) into[high] = value;
      const area = energy * buckets + bucket;
      into[area] = (into[area] as number) + ((value + lastValue) / 2) * (t - lastTime);
    }
    lastTime = t;
    lastValue = value;
  }
  close();
}

/** The roll-up of one channel, from kept buckets, `from` ≤ bucket start < `to`. */
export async function readRollup(
  engine: StorageEngine,
  tenantId: string,
  query: {
    readonly assetId: string;
    readonly channel: string;
    readonly step: RollupStep;
    readonly from: number;
    readonly to: number;
  },
  unit: string,
): Promise<Frame> {
  const kind = query.step === '1d' ? '1h' : query.step;
  const width = keptSteps[kind];
  const buckets = dayMs / width;
  const blocks = await engine.blocks(tenantId, {
    assetId: query.assetId,
    kind,
    channels: [query.channel],
    from: Math.floor(query.from / dayMs),
    to: Math.floor((query.to - 1) / dayMs) + 1,
  });
  const rows: { time: number; values: readonly number[] }[] = [];
  for (const { day, data } of blocks) {
    const values = unpackDoubles(data, fields * buckets);
    const at = (bucket: number) => Array.from({ length: fields }, (_, f) => values[f * buckets + bucket] as number);
    const filled = Array.from({ length: buckets }, (_, b) => b).filter((b) => (values[b] as number) > 0);
    if (query.step === '1d') {
      if (filled.length > 0) rows.push({ time: day * dayMs, values: combined(filled.map(at)) });
    } else for (const bucket of filled) rows.push({ time: day * dayMs + bucket * width, values: at(bucket) });
  }
  const kept = rows.filter(({ time }) => time >= query.from && time < query.to);
  const column = (pick: (values: readonly number[]) => number, unitOf: string) => ({
    data: Float64Array.from(kept, ({ values }) => pick(values)),
    unit: unitOf,
  });
  return new Frame(
    Float64Array.from(kept, ({ time }) => time),
    {
      count: column((v) => v[count] as number, '1'),
      mean: column((v) => (v[sum] as number) / (v[count] as number), unit),
      min: column((v) => v[min] as number, unit),
      max: column((v) => v[max] as number, unit),
      last: column((v) => v[last] as number, unit),
      energy: column((v) => v[energy] as number, unit === '1' ? 'h' : `${unit}h`),
    },
  );
}

function combined(buckets: readonly (readonly number[])[]): number[] {
  const total = (field: number) => buckets.reduce((s, values) => s + (values[field] as number), 0);
  return [
    total(count),
    total(sum),
    Math.min(...buckets.map((values) => values[min] as number)),
    Math.max(...buckets.map((values) => values[max] as number)),
    buckets[buckets.length - 1]?.[last] as number,
    total(energy),
  ];
}
