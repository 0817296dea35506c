import type { DaySummary } from './day.js';
import { type EventBaseline, type EventSign, percent, REACH } from './event-sign.js';
import type { InverterDay } from './inverter-days.js';
import type { Layout } from './layout.js';

/** Lit rows that a day must have, and share of them without power, to count as an outage. */
const OUTAGE = { lit: 4, off: 0.25 } as const;
/** Rows at a level that make a held day. */
const HELD = 4;

/** What inverters did as events: trips, outages on end, limits from outside. */
export function inverterSigns(layout: Layout, days: readonly DaySummary[], baseline: EventBaseline): EventSign[] {
  const count = days[0]?.inverters.length ?? 0;
  return Array.from({ length: count }, (_, i) => {
    const target = count > 1 ? layout.signals.find(({ inverter }) => inverter === i)?.part : undefined;
    const own = days.map(({ inverters }) => inverters[i]);
    return [...tripSigns(own, i, target, baseline.trips), ...outageSigns(own, i, target), ...heldSigns(own, i, target)];
  }).flat();
}

type Days = readonly (InverterDay | undefined)[];

function trippedDays(days: Days): { trips: number; onDays: number; first: number } {
  const start = Math.max(0, days.length - REACH);
  let [trips, onDays, first] = [0, 0, -1];
  for (let d = start; d < days.length; d++) {
    const own = days[d]?.trips ?? 0;
    if (own === 0) continue;
    trips += own;
    onDays++;
    if (first < 0) first = d;
  }
  return { trips, onDays, first };
}

/** A single trip may be the grid's; several on several days are not. */
const isSeries = ({ trips, onDays }: { trips: number; onDays: number }): boolean => trips >= 3 && onDays >= 2;

function tripSigns(days: Days, i: number, target: string | undefined, rate: number): EventSign[] {
  const seen = trippedDays(days);
  const usual = rate * Math.min(REACH, days.length);
  // Poisson: more than four standard deviations above the usual.
  if (!isSeries(seen) || seen.trips <= usual + 4 * Math.sqrt(Math.max(0.1, usual))) return [];
  const sum = (pick: (day: InverterDay) => number) =>
    days.slice(seen.first).reduce((total, day) => total + (day === undefined ? 0 : pick(day)), 0);
  const share =
    sum(({ off }) => off) /
    Math.max(
      1,
      sum(({ lit }) => lit),
    );
  return [
    {
      kind: 'inverter-trip',
      layer: 'plant',
      target,
      severity: Math.min(1, share / 0.8),
      from: seen.first,
      strength: 4 + seen.trips,
      words: `${seen.trips} trips in ${days.length - seen.first} days: no AC power under light, and back again; off ${percent(share)} of the lit time`,
      lost: (day) => day.inverters[i]?.lostOff ?? 0,
    },
  ];
}

function outageSigns(days: Days, i: number, target: string | undefined): EventSign[] {
  const out = (day: InverterDay | undefined) =>
    day !== undefined && day.lit >= OUTAGE.lit && day.off >= OUTAGE.off * day.lit;
  if (!out(days[days.length - 1]) || isSeries(trippedDays(days))) return [];
  let from = days.length - 1;
  while (from > 0 && out(days[from - 1])) from--;
  const span = days.length - from;
  return [
    {
      kind: 'planned-outage',
      layer: 'none',
      target,
      severity: 1,
      from,
      strength: 20,
      words: `off for ${span} day${span > 1 ? 's' : ''} on end with light: an outage or planned work, not a series of trips`,
      lost: (day) => day.inverters[i]?.lostOff ?? 0,
    },
  ];
}

function heldSigns(days: Days, i: number, target: string | undefined): EventSign[] {
  const held = (day: InverterDay | undefined) => day !== undefined && day.held >= HELD;
  const today = days[days.length - 1];
  if (today === undefined || !held(today)) return [];
  let from = days.length - 1;
  while (from > 0 && (held(days[from - 1]) || held(days[from - 2]))) from--;
  return [
    {
      kind: 'curtailment',
      layer: 'none',
      target,
      severity: 1 - today.heldAt,
      from,
      strength: 8,
      words: `AC power flat at ${percent(today.heldAt)} of the rating while the light moves: held from outside`,
      lost: (day) => day.inverters[i]?.lostHeld ?? 0,
    },
  ];
}
