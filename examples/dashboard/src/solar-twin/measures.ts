import type { PlantShape } from './plant-shape.js';

/** What the colours can tell. */
export const measures = ['power', 'temperature', 'health', 'loss'] as const;
export type Measure = (typeof measures)[number];

/** Units of the measures. */
export const unitOf: Readonly<Record<Measure, string>> = { power: 'W', temperature: '°C', health: '%', loss: 'W' };

/** A day of telemetry by column; NaN is missing. */
export interface Day {
  /** ms since the epoch. */
  readonly time: readonly number[];
  readonly series: Columns;
  readonly expected: Columns;
}
export type Columns = Readonly<Record<string, readonly number[]>>;

/** A value of each component in each row of a day, by the component's id; NaN is unknown. */
export type Values = ReadonlyMap<string, readonly number[]>;

/** The ends of a colour scale. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** What a sound string of a dark sky gives tells nothing: below this share of the day's most no ratio is made. */
const LEAST_LIGHT = 0.05;

/** The channels, as the API names them, that the measures need and that the plant has. */
export function channelsFor(plant: PlantShape, has: ReadonlySet<string>): string[] {
  return [
    'solar_power',
    'module_temperature',
    ...plant.arrays.map(({ id }) => `${id}.module_temperature`),
    ...plant.inverters.flatMap(({ id }) => [`${id}.ac_power`, `${id}.heat_sink_temperature`]),
    ...plant.strings.flatMap(({ id }) => [`${id}.dc_current`, `${id}.dc_voltage`]),
    'battery.power',
    'battery.temperature',
    'battery_level',
  ].filter((name) => has.has(name));
}

/** Each component's value of a measure through the day. */
export function valuesOf(measure: Measure, plant: PlantShape, day: Day): Values {
  const { series, expected } = day;
  const out = new Map<string, readonly number[]>();
  const put = (id: string, values: readonly number[] | undefined) => {
    if (values !== undefined) out.set(id, values);
  };
  if (measure === 'temperature') {
    for (const { id, array } of plant.strings)
      put(id, series[`${plant.arrays[array]?.id}.module_temperature`] ?? series.module_temperature);
    for (const { id } of plant.inverters) put(id, series[`${id}.heat_sink_temperature`]);
    put('battery', series['battery.temperature']);
    return out;
  }
  const compare = (id: string, measured?: readonly number[], sound?: readonly number[]) => {
    if (measure === 'power')
      put(
        id,
        measured?.map((value) => Math.max(0, value)),
      );
    if (measured === undefined || sound === undefined) return;
    if (measure === 'loss')
      put(
        id,
        sound.map((value, row) => Math.max(0, value - (measured[row] ?? Number.NaN))),
      );
    if (measure === 'health') put(id, shareSoFar(measured, sound));
  };
  for (const { id } of plant.strings) compare(id, stringPower(id, series), stringPower(id, expected));
  for (const { id } of plant.inverters) compare(id, series[`${id}.ac_power`], expected[`${id}.ac_power`]);
  if (measure === 'power') put('battery', series['battery.power']);
  return out;
}

function stringPower(id: string, columns: Columns): readonly number[] | undefined {
  const current = columns[`${id}.dc_current`];
  const voltage = columns[`${id}.dc_voltage`];
  if (current === undefined || voltage === undefined) return undefined;
  return current.map((value, row) => value * (voltage[row] ?? Number.NaN));
}

/** Measured over expected, summed from the begin of the day to each row, in per cent. */
function shareSoFar(measured: readonly number[], sound: readonly number[]): number[] {
  const most = Math.max(0, ...sound.filter((value) => !Number.isNaN(value)));
  let made = 0;
  let due = 0;
  return sound.map((value, row) => {
    const got = measured[row] ?? Number.NaN;
    if (value > LEAST_LIGHT * most && !Number.isNaN(got)) {
      made += Math.max(0, got);
      due += value;
    }
    return due === 0 ? Number.NaN : Math.min(110, (100 * made) / due);
  });
}

/** Ends of the scale for the strings, the same for the whole day, so that colours of two times can be compared. */
export function scaleOf(measure: Measure, plant: PlantShape, values: Values): Scale {
  if (measure === 'health') return { low: 50, high: 100 };
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { id } of plant.strings) {
    for (const value of values.get(id) ?? []) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (measure === 'temperature')
    return low <= high ? { low: Math.floor(low), high: Math.ceil(high + 0.1) } : { low: 0, high: 60 };
  // A grey morning, or losses that are noise, are not to be shown as bright as what matters.
  const rating = plant.inverters.reduce((sum, { acRating }) => sum + acRating, 0) / Math.max(1, plant.strings.length);
  return { low: 0, high: Math.max(high, measure === 'loss' ? 0.1 * rating : 0.2 * rating) };
}

/** The greatest of a component's own values in a day: the end of the scale of a thing that is not a string. */
export function ownScale(measure: Measure, scale: Scale, values: readonly number[]): Scale {
  if (measure === 'health') return scale;
  const most = values.reduce((max, value) => (Number.isNaN(value) ? max : Math.max(max, Math.abs(value))), 1e-9);
  return { low: measure === 'temperature' ? Math.min(scale.low, most - 1) : 0, high: most };
}

/** Where on a scale a value lies, 0 to 1 within it. */
export function share(value: number, { low, high }: Scale): number {
  return (value - low) / Math.max(1e-9, high - low);
}

/** The row of `times` that holds at `time`: the last one not after it, if it is not older than `oldest` ms; else −1. */
export function rowAt(times: readonly number[], time: number, oldest = 2_700_000): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  const row = low - 1;
  return row >= 0 && time - (times[row] ?? 0) <= oldest ? row : -1;
}
