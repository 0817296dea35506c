import { Frame } from '../../core/frame.js';
import { throwIfAborted } from '../../core/work.js';
import type { StorageEngine, StoredBlock } from '../contract/engine.js';
import { dayMs, hourMs } from '../contract/time.js';
import type { RollupStep } from '../contract.js';
import { byAssetAndDay, type HourGroup, readMerged } from './archive.js';
import { bucketFields, field, packBuckets, unpackBuckets } from './codec/buckets.js';
import type { RecentFrames } from './recent.js';
import { emptyBuckets, type KeptStep, keptKinds, keptSteps, rollDay } from './rollup-day.js';

/** Of which asset (default: all), and what need not be read back. */
interface RefreshOptions {
  readonly assetId?: string;
  readonly recent?: RecentFrames;
  readonly signal?: AbortSignal | undefined;
}

/** Recomputes the hours that were written to since. Hours that are written to meanwhile stay for the next time. */
export async function refreshRollups(
  engine: StorageEngine,
  tenantId: string,
  { assetId, recent, signal }: RefreshOptions = {},
): Promise<number> {
  let hours = 0;
  const stale = await engine.hours(tenantId, { stale: true, ...(assetId === undefined ? {} : { assetId }) });
  for (const group of byAssetAndDay(stale)) {
    throwIfAborted(signal);
    if (await refreshDay(engine, tenantId, group, recent)) hours += group.hours.length;
  }
  return hours;
}

async function refreshDay(
  engine: StorageEngine,
  tenantId: string,
  { assetId, day, hours }: HourGroup,
  recent: RecentFrames | undefined,
): Promise<boolean> {
  const channels = await engine.channelsOf(tenantId, assetId);
  const first = hours[0]?.hour ?? 0;
  const end = (hours[hours.length - 1]?.hour ?? -1) + 1;
  const block =
    recent?.find(tenantId, assetId, hours, channels) ??
    (await readMerged(engine, tenantId, {
      assetId,
      channels,
      from: first * hourMs,
      to: end * hourMs,
      limit: Number.MAX_SAFE_INTEGER,
      latest: false,
    }));
  const before = new Map<string, Uint8Array>();
  for (const kind of keptKinds) {
    for (const { channel, data } of await engine.blocks(tenantId, { assetId, kind, channels, from: day, to: day + 1 }))
      before.set(`${kind} ${channel}`, data);
  }
  const put: StoredBlock[] = [];
  channels.forEach((channel, k) => {
    const column = block.columns[k] as Float64Array;
    const old = keptKinds.map((kind) => before.get(`${kind} ${channel}`));
    if (old.every((data) => data === undefined) && column.every(Number.isNaN)) return;
    const values = keptKinds.map((kind, l) => {
      const data = old[l];
      return data === undefined ? emptyBuckets(kind) : cleared(kind, data, first - day * 24, end - day * 24);
    });
    rollDay(block.time, column, day * dayMs, values);
    keptKinds.forEach((kind, l) => {
      const buckets = dayMs / keptSteps[kind];
      put.push({ assetId, kind, day, channel, rows: buckets, data: packBuckets(values[l] as Float64Array) });
    });
  });
  return engine.commitBlocks(tenantId, { assetId, expected: hours, put, archive: false });
}

/** The buckets of a block, those of the hours from `first` to before `end` emptied. */
function cleared(kind: KeptStep, data: Uint8Array, first: number, end: number): Float64Array {
  const buckets = dayMs / keptSteps[kind];
  const perHour = hourMs / keptSteps[kind];
  const values = unpackBuckets(data, buckets);
  for (let at = 0; at < values.length; at += buckets) values.fill(0, at + first * perHour, at + end * perHour);
  return values;
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
  const kind: KeptStep = query.step === '1d' ? '1h' : query.step;
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
    const values = unpackBuckets(data, buckets);
    const at = (bucket: number) => bucketFields.map((_, f) => values[f * buckets + bucket] as number);
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
      count: column((v) => v[field.count] as number, '1'),
      mean: column((v) => (v[field.sum] as number) / (v[field.count] as number), unit),
      min: column((v) => v[field.min] as number, unit),
      max: column((v) => v[field.max] as number, unit),
      last: column((v) => v[field.last] as number, unit),
      energy: column((v) => (v[field.area] as number) / hourMs, unit === '1' ? 'h' : `${unit}h`),
    },
  );
}

/** Buckets that follow each other as one, in the order of `bucketFields`. */
function combined(buckets: readonly (readonly number[])[]): number[] {
  const of = (name: keyof typeof field) => buckets.map((values) => values[field[name]] as number);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const last = buckets[buckets.length - 1]?.[field.last] as number;
  return [
    total(of('count')),
    total(of('sum')),
    Math.min(...of('min')),
    Math.max(...of('max')),
    last,
    total(of('area')),
  ];
}
