import type { Plant } from '../description/plant.js';
import type { DaySummary } from './day.js';
import { dependents } from './dependents.js';
import { type EventBaseline, type EventSign, percent, REACH } from './event-sign.js';
import type { Layout } from './layout.js';
import { medianOf } from './ridge.js';

/** Share of the daylight above the usual that must be absent, as a mean of three days. */
const ABSENT = 0.06;
/** Share of a day's rows that one value must fill, above the usual. */
const FROZEN = 0.1;
/** Channels that stand still by right while an inverter is at a limit. */
const POWER = /power|current|voltage|Efficiency/i;
/** Twilight must be this late on both sides, minutes at least and in spreads. */
const LATE = { minutes: 9, spreads: 3 } as const;

/** Places of the channels that something is told from; what a device works out by itself (levels, health) may rest by right. */
export function watchedChannels(plant: Plant, layout: Layout): Set<number> {
  return new Set(
    layout.channels.flatMap((name, k) =>
      /batteryLevel|panelHealth|Efficiency/.test(name) || dependents(plant, layout, name).length === 0 ? [] : [k],
    ),
  );
}

/** Gaps. Where most channels are silent together it is the logger. */
export function gapSigns(
  layout: Layout,
  days: readonly DaySummary[],
  baseline: EventBaseline,
  watched: ReadonlySet<number>,
): EventSign[] {
  const n = days.length;
  const last3 = days.slice(-3);
  if (last3.length < 2) return [];
  const absent = baseline.absent.map(
    (usual, k) => last3.reduce((total, day) => total + (day.absent[k] as number), 0) / last3.length - usual,
  );
  const silent = absent.flatMap((share, k) =>
    share > ABSENT && (baseline.absent[k] as number) < 0.9 && watched.has(k) ? [k] : [],
  );
  if (silent.length === 0) return [];
  const all = silent.length > 0.6 * watched.size;
  const groups = all ? [silent] : silent.map((k) => [k]);
  return groups.slice(0, 3).map((group): EventSign => {
    const k = group[0] as number;
    const bad = (day: DaySummary | undefined) =>
      day !== undefined && (day.absent[k] as number) > (baseline.absent[k] as number) + ABSENT / 2;
    let from = n - 1;
    while (from > 0 && (bad(days[from - 1]) || bad(days[from - 2]))) from--;
    if (!bad(days[from])) from = Math.min(n - 1, from + 1);
    const share = absent[k] as number;
    return {
      kind: 'dropout',
      layer: 'measurement',
      target: all ? undefined : layout.channels[k],
      severity: Math.min(1, share / 0.8),
      from,
      strength: 6 + 40 * share,
      words: `${all ? 'the logger' : layout.channels[k]} is silent for ${percent(share)} of the daylight`,
      lost: undefined,
    };
  });
}

/** Channels that repeat one value while the others move. */
export function repeatSigns(
  layout: Layout,
  days: readonly DaySummary[],
  baseline: EventBaseline,
  watched: ReadonlySet<number>,
): EventSign[] {
  const first = Math.max(0, days.length - REACH);
  const recent = days.slice(first);
  const limited = (day: DaySummary) => day.inverters.some(({ clipped, held: flat, off }) => clipped + flat + off > 0);
  return layout.channels.flatMap((name, k): EventSign[] => {
    if ((baseline.frozen[k] as number) > 0.3 || !watched.has(k)) return [];
    const list = recent.flatMap((day, d) =>
      !(POWER.test(name) && limited(day)) && (day.frozen[k] as number) > (baseline.frozen[k] as number) + FROZEN
        ? [d]
        : [],
    );
    if (list.length === 0) return [];
    const share =
      list.reduce((total, d) => total + (recent[d]?.frozen[k] as number), 0) /
      Math.max(1, recent.length - (list[0] as number));
    if (list.length < 2 && share < 0.3) return [];
    return [
      {
        kind: 'stuck',
        layer: 'measurement',
        target: name,
        severity: Math.min(1, share),
        from: first + (list[0] as number),
        strength: 8 + 20 * share,
        words: `${name} repeats one value for hours in daylight on ${list.length} of ${recent.length} days`,
        lost: undefined,
      },
    ];
  });
}

/** Minutes by which dawn and dusk of the light (0) or the power (1) are late by the same; 0 where they are not. */
function lateness(day: DaySummary, which: 0 | 1, baseline: EventBaseline): number {
  const late = day.dawn[which] - baseline.dawn[which];
  const lateDusk = day.dusk[which] - baseline.dusk[which];
  if (!Number.isFinite(late) || !Number.isFinite(lateDusk) || late * lateDusk <= 0) return 0;
  const least = Math.min(Math.abs(late), Math.abs(lateDusk));
  return least > Math.max(LATE.minutes, LATE.spreads * Math.min(6, baseline.twilight)) ? Math.sign(late) * least : 0;
}

/** The clock: dawn and dusk late by the same. */
export function clockSigns(layout: Layout, days: readonly DaySummary[], baseline: EventBaseline): EventSign[] {
  const seen = days
    .slice(-REACH)
    .filter((day) => Number.isFinite(day.dawn[0]) && Number.isFinite(day.dusk[0]))
    .slice(-6);
  const late = seen.map((day) => lateness(day, 0, baseline)).filter((value) => value !== 0);
  const sameWay = late.length > 0 && late.every((value) => value * (late[0] as number) > 0);
  if (!sameWay || late.length < 3 || late.length < 0.6 * seen.length) return [];
  const together = seen.filter((day) => lateness(day, 1, baseline) !== 0).length >= 2;
  let from = days.length - 1;
  for (let d = from; d >= 0; d--) if (lateness(days[d] as DaySummary, 0, baseline) * (late[0] as number) > 0) from = d;
  const minutes = medianOf(late);
  return [
    {
      kind: 'clock-shift',
      layer: 'measurement',
      target: together
        ? undefined
        : layout.channels.find((name) => name.endsWith('poaGlobal') || name === 'irradiance'),
      severity: Math.min(1, Math.abs(minutes) / 180),
      from,
      strength: 10 + late.length,
      words: `dawn and dusk both come ${Math.round(Math.abs(minutes))} minutes ${minutes > 0 ? 'late' : 'early'}${together ? '' : ' in the light, not in the power'}`,
      lost: undefined,
    },
  ];
}

/** Places of the channels that today alone gives reason to doubt: silent, at a standstill, late, or out of their range. */
export function doubtfulInstruments(
  layout: Layout,
  today: DaySummary,
  baseline: EventBaseline,
  out: (k: number) => boolean,
): number[] {
  const late = lateness(today, 0, baseline) !== 0;
  return layout.channels.flatMap((name, k) =>
    (today.absent[k] as number) > (baseline.absent[k] as number) + ABSENT ||
    (!POWER.test(name) && (today.frozen[k] as number) > (baseline.frozen[k] as number) + FROZEN) ||
    (late && /poaGlobal$|^irradiance$/.test(name)) ||
    out(k)
      ? [k]
      : [],
  );
}
