import { exp, log } from '../../core/math/index.js';
import { median } from '../../core/quality/statistics.js';

const DAY = 86_400_000;
/** Days that the present condition is judged by, and least energy of a day that counts, as a share of a good day's. */
const RECENT = 7;
const LEAST_ENERGY = 0.1;
/** Below this share of expected power a plant is out of service. */
const OUT = 0.05;
/** A departure is a departure beyond so many of the usual spreads of a week, and beyond this share. */
const SPREADS = 3;
const LEAST_DEPARTURE = 0.04;

/** Measured over expected energy, day by day. */
export interface DailyIndex {
  /** Start of each UTC day of the plant's solar time, ms since the epoch. */
  readonly day: Float64Array;
  /** Measured over expected energy of the day. */
  readonly ratio: Float64Array;
  /** Expected energy of the rows that were there, Wh. */
  readonly energy: Float64Array;
}

/** How the plant stands at the end of the history, against what is usual for it. */
export interface Condition {
  /** Share of the expected energy that it gives now. 1 where it departs by no more than is usual. */
  readonly factor: number;
  /** The same, whether unusual or not. */
  readonly recent: number;
  /** How far a week's mean usually strays, as a fraction. */
  readonly usualSpread: number;
  readonly departed: boolean;
}

/** A stretch without output under light. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  /** Energy that was expected in it, kWh. */
  readonly lostEnergy: number;
}

/** The index of each day with enough light; days are cut at `offset` ms (local solar midnight). */
export function dailyIndex(
  time: Float64Array,
  measured: Float64Array,
  expected: Float64Array,
  stepMs: number,
  offset = 0,
): DailyIndex {
  const sums = new Map<number, { measured: number; expected: number }>();
  for (let row = 0; row < time.length; row++) {
    const m = measured[row] as number;
    const e = expected[row] as number;
    if (Number.isNaN(m) || !(e > 0)) continue;
    const day = Math.floor(((time[row] as number) + offset) / DAY);
    const sum = sums.get(day) ?? { measured: 0, expected: 0 };
    sum.measured += m;
    sum.expected += e;
    sums.set(day, sum);
  }
  const energies = [...sums.values()].map(({ expected: e }) => e).sort((a, b) => a - b);
  const good = energies[Math.floor(0.9 * (energies.length - 1))] ?? 0;
  const days = [...sums.entries()].filter(([, sum]) => sum.expected > LEAST_ENERGY * good).sort(([a], [b]) => a - b);
  return {
    day: Float64Array.from(days, ([day]) => day * DAY - offset),
    ratio: Float64Array.from(days, ([, sum]) => sum.measured / sum.expected),
    energy: Float64Array.from(days, ([, sum]) => (sum.expected * stepMs) / 3_600_000),
  };
}

/** Energy-weighted mean ratio of the days `from`…`to` (indices). */
function meanOf({ ratio, energy }: DailyIndex, from: number, to: number): number {
  let sum = 0;
  let weight = 0;
  for (let i = Math.max(0, from); i < to; i++) {
    sum += (ratio[i] as number) * (energy[i] as number);
    weight += energy[i] as number;
  }
  return weight > 0 ? sum / weight : Number.NaN;
}

/** How the plant stands at the end, judged by how much its weeks usually differ. */
export function conditionAtEnd(index: DailyIndex): Condition {
  const n = index.day.length;
  if (n < 3 * RECENT) return { factor: 1, recent: 1, usualSpread: Number.NaN, departed: false };
  const recent = Math.max(0.01, meanOf(index, n - RECENT, n));
  const weeks: number[] = [];
  for (let end = RECENT; end <= n - RECENT; end += RECENT) {
    weeks.push(Math.abs(log(Math.max(0.01, meanOf(index, end - RECENT, end)))));
  }
  weeks.sort((a, b) => a - b);
  const usualSpread = 1.4826 * (weeks[weeks.length >> 1] ?? 0);
  const departed = Math.abs(log(recent)) > Math.max(SPREADS * usualSpread, LEAST_DEPARTURE);
  return { factor: departed ? recent : 1, recent, usualSpread, departed };
}

/** Stretches of at least an hour in which the plant gave next to nothing under light that should have given 10 % or more. */
export function findOutages(
  time: Float64Array,
  measured: Float64Array,
  expected: Float64Array,
  stepMs: number,
  peak: number,
): Outage[] {
  const outages: Outage[] = [];
  let open: { from: number; to: number; lost: number } | undefined;
  const close = () => {
    if (open !== undefined && open.to - open.from + stepMs >= 3_600_000)
      outages.push({ from: open.from, to: open.to + stepMs, lostEnergy: open.lost / 1000 });
    open = undefined;
  };
  for (let row = 0; row < time.length; row++) {
    const m = measured[row] as number;
    const e = expected[row] as number;
    const t = time[row] as number;
    // Dark and missing rows neither begin nor end an outage.
    if (Number.isNaN(m) || !(e > 0.1 * peak)) continue;
    if (m < OUT * e) {
      // Light without power on the next day is the same outage.
      if (open !== undefined && t - open.to > DAY) close();
      open ??= { from: t, to: t, lost: 0 };
      open.to = t;
      open.lost += ((e - m) * stepMs) / 3_600_000;
    } else close();
  }
  close();
  return outages;
}

/** Dust on the glass, as the daily index shows it. */
export interface SoilingFit {
  /** Loss gained in a dry day, as a fraction, with its standard deviation; NaN where no dry stretch was long enough. */
  readonly rate: number;
  readonly rateSd: number;
  /** Loss at the end of the history, as a fraction. */
  readonly loss: number;
  /** When the output jumped up: rain or washing, ms since the epoch. */
  readonly cleanings: readonly number[];
}

/**
 * Stochastic rate and recovery in short: the daily index falls between cleanings, which show as jumps up; the rate is the
 * median of the stretches' slopes (Theil–Sen), weighted by their length.
 * Source: M. G. Deceglie, L. Micheli, M. Muller, IEEE J. Photovoltaics 8, 547–551, 2018.
 */
export function fitSoiling(index: DailyIndex): SoilingFit {
  const n = index.day.length;
  const smooth = index.ratio.map((_, i) => median(index.ratio.subarray(Math.max(0, i - 3), Math.min(n, i + 4))));
  const noise = 1.4826 * median(index.ratio.map((value, i) => Math.abs(value - (smooth[i] as number))));
  const cleanings: number[] = [];
  for (let i = 7; i < n - 7; i++) {
    const before = median(index.ratio.subarray(i - 7, i));
    const after = median(index.ratio.subarray(i, i + 7));
    const jump = after - before;
    if (jump > Math.max(0.015, 2.5 * noise) && i - (cleanings.at(-1) ?? -14) >= 7) cleanings.push(i);
  }
  const slopes: { slope: number; length: number }[] = [];
  const bounds = [0, ...cleanings, n];
  for (let k = 1; k < bounds.length; k++) {
    const from = bounds[k - 1] as number;
    const to = bounds[k] as number;
    if (to - from < 14) continue;
    slopes.push({ slope: -theilSen(index, from, to), length: to - from });
  }
  slopes.sort((a, b) => a.slope - b.slope);
  const total = slopes.reduce((sum, { length }) => sum + length, 0);
  let passed = 0;
  const middle = slopes.find(({ length }) => {
    passed += length;
    return passed >= total / 2;
  });
  const rate = middle === undefined ? Number.NaN : Math.max(0, middle.slope);
  const sd =
    slopes.length > 1
      ? Math.sqrt(
          slopes.reduce((sum, { slope }) => sum + (slope - rate) ** 2, 0) / (slopes.length * (slopes.length - 1)),
        )
      : noise / Math.max(1, total) ** 1.5 / 0.3;
  const last = bounds[bounds.length - 2] as number;
  const since = n > 0 ? ((index.day[n - 1] as number) - (index.day[last] as number)) / DAY : 0;
  const loss = Number.isNaN(rate) || rate < 2 * sd ? 0 : 1 - exp(-rate * since);
  return { rate, rateSd: sd, loss, cleanings: cleanings.map((i) => index.day[i] as number) };
}

function theilSen({ day, ratio }: DailyIndex, from: number, to: number): number {
  const slopes: number[] = [];
  for (let i = from; i < to; i++) {
    for (let j = i + 3; j < Math.min(to, i + 60); j++) {
      slopes.push(((ratio[j] as number) - (ratio[i] as number)) / (((day[j] as number) - (day[i] as number)) / DAY));
    }
  }
  return median(slopes);
}
