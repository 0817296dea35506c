import type { Plant } from '../description/plant.js';
import type { DaySummary } from './day.js';
import { dependents } from './dependents.js';
import type { EventBaseline, EventSign } from './event-sign.js';
import { clockSigns, doubtfulInstruments, gapSigns, repeatSigns, watchedChannels } from './instrument-events.js';
import { inverterSigns } from './inverter-events.js';
import type { Layout } from './layout.js';
import { isFarOut, mixedSigns } from './mixed-events.js';
import { usualRestlessness } from './noise.js';
import { restlessSignals, restlessSigns } from './restless-events.js';
import { medianOf } from './ridge.js';
import type { Series } from './series.js';

const high = (values: number[]): number => {
  const sorted = values.filter(Number.isFinite).sort((x, y) => x - y);
  return sorted.length === 0 ? 0 : (sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] as number);
};

/** Learns what is usual from healthy days. */
export function learnEvents(days: readonly DaySummary[]): EventBaseline {
  const channels = days[0]?.absent.length ?? 0;
  const signals = days[0]?.scatter.length ?? 0;
  const each = (pick: (day: DaySummary) => readonly number[], count: number, reduce: (values: number[]) => number) =>
    Array.from({ length: count }, (_, k) => reduce(days.map((day) => pick(day)[k] as number)));
  const seen = (values: number[]) => {
    const finite = values.filter(Number.isFinite);
    return finite.length < 3 ? 0 : medianOf(finite);
  };
  const dawn = [0, 1].map((k) => seen(days.map((day) => day.dawn[k as 0 | 1])));
  const dusk = [0, 1].map((k) => seen(days.map((day) => day.dusk[k as 0 | 1])));
  const off = days
    .flatMap((day) => [Math.abs(day.dawn[0] - (dawn[0] as number)), Math.abs(day.dusk[0] - (dusk[0] as number))])
    .filter(Number.isFinite);
  // The first and the last day may be a piece of night, whose peaks are noise.
  const usualLight = medianOf(days.map((day) => day.insolation));
  const bright = days.filter((day) => !(day.insolation < 0.1 * usualLight));
  const trips = days.reduce(
    (total, day) => total + day.inverters.reduce((sum, inverter) => sum + inverter.trips, 0),
    0,
  );
  return {
    absent: each((day) => day.absent, channels, high),
    frozen: each((day) => day.frozen, channels, high),
    dawn: [dawn[0] as number, dawn[1] as number],
    dusk: [dusk[0] as number, dusk[1] as number],
    twilight: off.length < 6 ? 10 : 1.4826 * medianOf(off),
    trips: (trips + 0.3) / Math.max(1, days.length),
    scatter: each((day) => day.scatter, signals, seen),
    restless: (days[0]?.cells ?? []).map((_, j) =>
      usualRestlessness(
        days.map(({ cells }) => cells),
        j,
      ),
    ),
    spikes: each((day) => day.spikes, signals, high),
    usualSpikes: each(
      (day) => day.spikes,
      signals,
      (values) => values.reduce((total, value) => total + value, 0) / values.length,
    ),
    peaks: Array.from({ length: channels }, (_, k): [number, number] => {
      const list = bright.map((day) => day.peaks[k] as number).filter(Number.isFinite);
      return list.length === 0 ? [0, 0] : [Math.min(...list), Math.max(...list)];
    }),
  };
}

/** Looks for events among the days since the healthy period; the last is today. */
export function eventSigns(
  plant: Plant,
  layout: Layout,
  series: readonly Series[],
  days: readonly DaySummary[],
  baseline: EventBaseline,
): EventSign[] {
  const watched = watchedChannels(plant, layout);
  return [
    ...inverterSigns(layout, days, baseline),
    ...gapSigns(layout, days, baseline, watched),
    ...repeatSigns(layout, days, baseline, watched),
    ...clockSigns(layout, days, baseline),
    ...restlessSigns(plant, layout, series, days, baseline),
    ...mixedSigns(layout, days, baseline, sunlit(layout, watched)),
  ];
}

/** Of `watched` the channels that go with the light, day by day. */
const sunlit = (layout: Layout, watched: ReadonlySet<number>): Set<number> =>
  new Set([...watched].filter((k) => !/battery|load|grid|insulation/i.test(layout.channels[k] ?? '')));

/**
 * Places of the signals that today gives reason to doubt, because an instrument that they are told from behaved oddly. An
 * event needs some days to be called one; until then what such a signal shows is no evidence against the plant.
 */
export function doubtfulSignals(
  plant: Plant,
  layout: Layout,
  series: readonly Series[],
  today: DaySummary,
  baseline: EventBaseline,
): ReadonlySet<number> {
  const channels = sunlit(layout, watchedChannels(plant, layout));
  const instruments = doubtfulInstruments(layout, today, baseline, (k) => isFarOut(layout, today, k, baseline)).filter(
    (k) => channels.has(k),
  );
  return new Set([
    ...restlessSignals(layout, series, today, baseline),
    ...instruments.flatMap((k) => dependents(plant, layout, layout.channels[k] ?? '')),
  ]);
}
