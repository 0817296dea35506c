import type { Plant } from '../description/plant.js';
import type { DaySummary } from './day.js';
import { dependents } from './dependents.js';
import { type EventBaseline, type EventSign, percent } from './event-sign.js';
import type { Layout } from './layout.js';
import type { Series } from './series.js';

/** Scatter over the usual, and share of spikes above the usual, that is no weather. */
const SCATTER = 3.5;
const SPIKES = 0.012;
/** How much more restless than the next of its neighbours the culprit must be. */
const AHEAD = 1.5;
/** Steps from row to row that the signal is off by at which it is aimed at something. */
const AIMED = 2;
/** Days that are asked, and how many of them must scatter. */
const ASKED = 5;
const MOST = 3;
/** Days over which rare spikes are counted, and how far above the usual their share must be then. */
const RARE = { days: 10, share: 0.007 } as const;

type Test = (day: DaySummary, signal: number) => boolean;

/** How many times as restless as on its worst healthy days a signal is. */
interface Restlessness {
  /** Whether the steps from row to row are as large as what the signal is off by: noise, not a fault that varies. */
  readonly aimless: boolean;
  /** By itself. */
  readonly common: number;
  /** Against its neighbours, where it is the culprit; NaN where it has none or another is. */
  readonly apart: number;
}

function restlessnessOf(
  series: readonly Series[],
  layout: Layout,
  { restless }: EventBaseline,
  day: DaySummary,
  k: number,
): Restlessness {
  const ratio = (j: number) =>
    (restless[j] as number) > 0 ? (day.cells[j]?.restless ?? Number.NaN) / (restless[j] as number) : Number.NaN;
  const group = layout.signals[k]?.group;
  let [common, mine, next] = [Number.NaN, Number.NaN, 0];
  let aimless = true;
  series.forEach(({ group: other, signal }, j) => {
    if (other !== group) return;
    const cells = day.cells[j];
    if (cells !== null && cells !== undefined && (signal < 0 || signal === k)) {
      const off = Math.sqrt(cells.value.reduce((sum, value) => sum + value * value, 0) / cells.value.length);
      if (off > AIMED * Math.max(cells.restless || 0, day.scatter[k] || 0)) aimless = false;
    }
    if (signal < 0) common = ratio(j);
    else if (signal === k) mine = ratio(j);
    else next = Math.max(next, ratio(j) || 0);
  });
  // The most restless of neighbours shakes the mean that the others are held against.
  return { aimless, common, apart: mine > AHEAD * next ? mine : Number.NaN };
}

/** How the signals of a day are asked whether they scatter or spike. */
function testsOf(layout: Layout, series: readonly Series[], baseline: EventBaseline): { noise: Test; spike: Test } {
  const { scatter, spikes } = baseline;
  const pair = layout.signals.findIndex(({ quantity }) => quantity === 'lightPair');
  const ask = (day: DaySummary, k: number) => restlessnessOf(series, layout, baseline, day, k);
  return {
    noise: (day, k) => {
      // Where the healthy period never stood still there is nothing to compare with.
      const times = (scatter[k] as number) > 0 ? (day.scatter[k] as number) / (scatter[k] as number) : Number.NaN;
      const { aimless, common, apart } = ask(day, k);
      if (!aimless) return false;
      if (times > SCATTER) return true;
      if (apart > SCATTER) return !(times < SCATTER / 2);
      if (!(common > SCATTER)) return false;
      // Shade or a tracker that stands still make a plant restless under clouds, but not in steady light, and not two
      // light sensors against each other.
      return k === pair || times > SCATTER / 2 || (pair >= 0 && ask(day, pair).common > SCATTER);
    },
    spike: (day, k) => (day.spikes[k] as number) > (spikes[k] as number) + SPIKES,
  };
}

/** Places of the signals that scatter, or spike, on a day. */
export function restlessSignals(
  layout: Layout,
  series: readonly Series[],
  day: DaySummary,
  baseline: EventBaseline,
): number[] {
  const { noise, spike } = testsOf(layout, series, baseline);
  return layout.signals.flatMap((_, k) => (noise(day, k) || spike(day, k) ? [k] : []));
}

/** A channel whose signals scatter, or spike, on most of the days on which that could be seen. */
export function restlessSigns(
  plant: Plant,
  layout: Layout,
  series: readonly Series[],
  days: readonly DaySummary[],
  baseline: EventBaseline,
): EventSign[] {
  const { noise, spike } = testsOf(layout, series, baseline);
  const signals = layout.signals.flatMap(({ part }, k) => (part === 'battery' ? [] : [k]));
  const late = days.slice(-ASKED);
  const most = (k: number, test: Test) =>
    late.filter((day) => test(day, k)).length >= Math.max(2, Math.min(MOST, late.length - 1));
  const often = (k: number) => {
    const list = days.slice(-RARE.days).filter((day) => Number.isFinite(day.scatter[k]));
    const share = list.reduce((total, day) => total + (day.spikes[k] as number), 0) / list.length;
    const hits = list.filter((day) => (day.spikes[k] as number) > 0).length;
    return hits >= 3 && share > 2 * (baseline.usualSpikes[k] as number) + RARE.share;
  };
  const noisy = new Set(signals.filter((k) => most(k, noise)));
  const spiky = new Set(signals.filter((k) => most(k, spike) || often(k)));
  return [
    ...signOf('noise', noise, noisy, plant, layout, days, baseline),
    ...signOf('spike', spike, spiky, plant, layout, days, baseline),
  ];
}

function signOf(
  kind: 'noise' | 'spike',
  test: Test,
  hit: ReadonlySet<number>,
  plant: Plant,
  layout: Layout,
  days: readonly DaySummary[],
  baseline: EventBaseline,
): EventSign[] {
  if (hit.size === 0) return [];
  // The channel that goes into what is hit and into little else.
  let best = { name: '', score: 0, own: [] as number[] };
  for (const name of layout.channels) {
    const own = dependents(plant, layout, name);
    const both = own.filter((k) => hit.has(k)).length;
    const score = both - 0.5 * (own.length - both) - (hit.size - both);
    if (both > 0 && (best.name === '' || score > best.score)) best = { name, score, own };
  }
  if (best.name === '' || best.score < 0) return [];
  let from = days.length - 1;
  const calm = (day: DaySummary) => !best.own.some((k) => test(day, k));
  while (from > 0 && !(calm(days[from - 1] as DaySummary) && calm(days[from - 2] ?? (days[from - 1] as DaySummary))))
    from--;
  const k = best.own.find((place) => hit.has(place)) as number;
  const late = days.slice(-RARE.days);
  const worst = (pick: (day: DaySummary) => number) => Math.max(0, ...late.map(pick).filter(Number.isFinite));
  const usual = baseline.scatter[k] as number;
  const times = usual > 0 ? worst((day) => day.scatter[k] as number) / usual : 1;
  const spikes = worst((day) => day.spikes[k] as number);
  return [
    {
      kind,
      layer: 'measurement',
      target: best.name,
      severity: Math.min(1, kind === 'noise' ? times / 30 : spikes / 0.05),
      from,
      strength: 12 + hit.size,
      words:
        kind === 'noise'
          ? `what is told from ${best.name} scatters ${times.toFixed(1)} times as much from row to row as it did`
          : `up to ${percent(spikes)} of a day's rows of what is told from ${best.name} lie far out of their neighbours`,
      lost: undefined,
    },
  ];
}
