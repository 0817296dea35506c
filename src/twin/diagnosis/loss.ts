import { exp } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import type { DaySummary } from './day.js';
import { foretold, type Sample, type Touched } from './evidence.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout } from './layout.js';
import type { Series } from './series.js';

/** Share of the greatest foretold shift below which a cell does not count as hit. */
const HIT = 0.15;
/** Days of late that the daily loss is told of. */
const LATE = 5;

/**
 * Energy that a cause has cost since day `from`: the measured residuals of the series and cells that it foretells to move,
 * as a share of what the plant should have given. Neighbours and ratios of stages carry far less noise than expected less
 * actual power.
 */
export function lossOf(
  plant: Plant,
  layout: Layout,
  series: readonly Series[],
  hypothesis: Hypothesis,
  touched: Touched,
  samples: readonly Sample[],
  days: readonly DaySummary[],
  from: number,
): { total: number; late: number } {
  if (hypothesis.layer !== 'plant') return { total: 0, late: 0 };
  const daily: number[] = [];
  const severity = hypothesis.severities.length >> 1;
  for (let d = from; d < samples.length; d++) {
    const sample = samples[d];
    const day = days[d];
    if (sample === undefined || day === undefined) continue;
    const expected = day.inverters.reduce((total, inverter) => total + inverter.expected, 0);
    let lost = 0;
    if (hypothesis.loss === 'none') lost = day.inverters.reduce((total, inverter) => total + inverter.lostDerated, 0);
    else
      lost =
        expected * (1 - exp(Math.min(0.05, shareOf(plant, layout, series, hypothesis, touched, sample, severity))));
    daily.push(Number.isFinite(lost) ? lost : 0);
  }
  const total = daily.reduce((sum, value) => sum + value, 0);
  const late = daily.slice(-LATE);
  return {
    total: Math.max(0, total),
    late: Math.max(0, late.reduce((sum, value) => sum + value, 0) / Math.max(1, late.length)),
  };
}

/** Logarithm of the plant's power with the cause over that without it, on one day. */
function shareOf(
  plant: Plant,
  layout: Layout,
  series: readonly Series[],
  hypothesis: Hypothesis,
  touched: Touched,
  sample: Sample,
  severity: number,
): number {
  let sum = 0;
  const lumped = touched.some((j) =>
    ['current', 'voltage'].includes(layout.signals[series[j]?.like ?? -1]?.quantity ?? ''),
  );
  for (const j of touched) {
    const own = series[j] as Series;
    const cells = sample.cells[j];
    const signal = layout.signals[own.like];
    if (cells === null || cells === undefined || signal === undefined) continue;
    if (!['current', 'voltage', 'dcPower', 'acPower', 'conversion', 'meter'].includes(signal.quantity)) continue;
    // The sum of what the strings tell already, or a string against its neighbours where the strings are measured alone.
    if (lumped && (signal.quantity === 'dcPower' || signal.quantity === 'acPower')) continue;
    if (
      signal.quantity === 'acPower' &&
      touched.some((other) => layout.signals[series[other]?.like ?? -1]?.quantity === 'conversion')
    )
      continue;
    const members = (layout.groups[own.group] ?? []).length;
    const single = hypothesis.loss === 'apart' && members > 1;
    if (single && (own.signal < 0 || !hypothesis.touches.includes(own.signal))) continue;
    if (single && hypothesis.target !== undefined && signal.part !== hypothesis.target) continue;
    if (!single && own.signal >= 0) continue;
    const m = foretold(layout, own, hypothesis, cells, sample.start, severity);
    let most = 0;
    for (const value of m) most = Math.max(most, Math.abs(value));
    let weighted = 0;
    let weight = 0;
    cells.value.forEach((value, c) => {
      const w = (cells.rows[c] as number) * Math.max(20, cells.light[c] as number);
      weight += w;
      if (Math.abs(m[c] as number) >= HIT * most) weighted += w * value;
    });
    if (!(weight > 0)) continue;
    const level = weighted / weight;
    const part = single ? shareOfString(plant, signal.array) : shareOfGroup(plant, signal);
    // A string's distance from the mean of all is (n − 1)/n of that from its neighbours.
    if (single) sum += partial(level * (members / (members - 1)), part);
    else sum += partial(level, part);
  }
  return sum;
}

/** Logarithm of the whole when a part of it is changed by `level` (a logarithm). */
const partial = (level: number, part: number): number => Math.log(Math.max(0.02, 1 + part * (exp(level) - 1)));

const totalModules = (plant: Plant): number =>
  plant.arrays.reduce((sum, { strings, modulesPerString }) => sum + strings.length * modulesPerString, 0);

function shareOfString(plant: Plant, a: number): number {
  return (plant.arrays[a]?.modulesPerString ?? 0) / totalModules(plant);
}

function shareOfGroup(plant: Plant, signal: { quantity: string; array: number; inverter: number }): number {
  const of = (a: number) =>
    ((plant.arrays[a]?.strings.length ?? 0) * (plant.arrays[a]?.modulesPerString ?? 0)) / totalModules(plant);
  if (signal.quantity === 'current' || signal.quantity === 'voltage') return of(signal.array);
  if (signal.inverter < 0) return 1;
  return (plant.inverters[signal.inverter]?.arrays ?? []).reduce((sum, a) => sum + of(a), 0);
}
