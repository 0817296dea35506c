import type { DayCells, DaySummary } from './day.js';
import type { Layout } from './layout.js';
import { medianOf } from './ridge.js';
import type { Series } from './series.js';

/** What dust and rain do to a sound plant: how fast its light fades at most, and between which levels it swings. */
export interface NaturalSoiling {
  /** Share a day. */
  readonly rate: number;
  /** Greatest level above the learned mean: the glass just washed. */
  readonly clean: number;
}

/**
 * Least allowance for dust on a sound plant, share a day. Kimber et al. (2006) and the surveys after it find 0.05…0.2 % in
 * dry seasons outside deserts; a learning period in the rain shows none of it.
 */
const LEAST_RATE = 0.001;
/** Greatest level of dust that is taken as natural, share. */
const MOST_DUST = 0.05;
/** Least allowance for a wash above the learned mean, share. */
const LEAST_CLEAN = 0.008;

/** Rain within a day that washes the glass, mm (between the 1 mm that leaves streaks and the 6 mm of Kimber et al. 2006). */
export const WASHES = 4;
/** Share of the dust that such rain may leave. */
const LEFT = 0.3;
/**
 * Rain that keeps dust on the ground for its own day, mm, and days for which rain that washes does: well below the 14 to 30
 * days of grace that Kimber et al. (2006) saw.
 */
const DAMP = { rain: 1, days: 5 } as const;

/** Whether a series goes with the light on the array: what dust dims. */
export const dimmedByDust = (layout: Layout, { signal, like }: Series): boolean =>
  signal < 0 && ['current', 'dcPower', 'acPower'].includes(layout.signals[like]?.quantity ?? '');

/** What the rain does to the dust on a day. */
export interface Wetness {
  /** The rain of the day before has washed the glass. */
  readonly washed: boolean;
  /** The ground is damp: no dust settles. */
  readonly damp: boolean;
}

/** What the rain does to the dust on day `d`; nothing where nobody measures it. */
export function wetnessOf(days: readonly DaySummary[], d: number): Wetness {
  const washes = (day: DaySummary | undefined) => day !== undefined && day.rain >= WASHES;
  return {
    washed: washes(days[d - 1]),
    damp: (days[d]?.rain ?? 0) >= DAMP.rain || days.slice(Math.max(0, d - DAMP.days), d + 1).some(washes),
  };
}

/** Mean level of a series on a day; NaN where it was not seen. */
export function dayLevel(day: DaySummary, j: number): number {
  const cells = day.cells[j];
  if (cells === null || cells === undefined) return Number.NaN;
  let total = 0;
  let weight = 0;
  cells.value.forEach((value, c) => {
    // Bright cells carry the energy and the least noise.
    const w = (cells.rows[c] as number) * Math.max(50, cells.light[c] as number);
    total += w * value;
    weight += w;
  });
  return total / weight;
}

/** Learns the natural rate from the days of a healthy period. */
export function learnNatural(levels: readonly number[]): NaturalSoiling {
  const falls: number[] = [];
  const SPAN = 7;
  for (let d = SPAN; d < levels.length; d++) {
    const fall = ((levels[d - SPAN] as number) - (levels[d] as number)) / SPAN;
    if (Number.isFinite(fall)) falls.push(fall);
  }
  falls.sort((x, y) => x - y);
  const fast = falls.length >= 10 ? (falls[Math.floor(0.9 * falls.length)] as number) : 0;
  const seen = levels.filter(Number.isFinite).sort((x, y) => x - y);
  const high = seen.length >= 10 ? (seen[Math.floor(0.95 * seen.length)] as number) : 0;
  return { rate: Math.min(0.003, Math.max(LEAST_RATE, 1.3 * fast)), clean: Math.max(LEAST_CLEAN, high + 0.003) };
}

/**
 * The level that dust and rain may explain, day by day: it follows the measured level up at once (rain) and down no faster
 * than dust settles. After rain that washes, little dust is left: what is still missing then is something else.
 * @param wetness what the rain does, by day
 */
export function naturalLevels(
  levels: readonly number[],
  { rate, clean }: NaturalSoiling,
  start: number,
  wetness: readonly Wetness[],
): number[] {
  let level = start;
  const recent: number[] = [];
  return levels.map((value, d) => {
    const { washed = false, damp = false } = wetness[d] ?? {};
    const before = washed && level < 0 ? LEFT * level : level;
    const lowest = damp ? before : Math.max(-MOST_DUST, before - rate);
    if (Number.isFinite(value)) {
      recent.push(value);
      if (recent.length > 3) recent.shift();
      level = Math.min(clean, Math.max(lowest, medianOf(recent)));
    } else level = lowest;
    return level;
  });
}

/** Takes from a day's cells what dust and rain explain. */
export function withoutNatural(
  layout: Layout,
  series: readonly Series[],
  cells: readonly (DayCells | null)[],
  levels: readonly number[],
): (DayCells | null)[] {
  return cells.map((own, j) => {
    const level = levels[j] as number;
    return own === null || !dimmedByDust(layout, series[j] as Series)
      ? own
      : { ...own, value: own.value.map((value) => value - level) };
  });
}
