import type { Plant } from '../description/plant.js';
import type { DaySummary } from './day.js';
import { dependents } from './dependents.js';
import type { Layout } from './layout.js';
import { medianOf } from './ridge.js';

/** Something that shows in what the plant and its instruments did, not in how much. */
export interface EventSign {
  readonly kind: string;
  readonly layer: 'plant' | 'measurement' | 'none';
  readonly target: string | undefined;
  readonly severity: number;
  /** Index of the day on which it began, among the days looked at. */
  readonly from: number;
  readonly strength: number;
  readonly words: string;
  /** kWh that it cost on a day; undefined where the plant is well. */
  readonly lost: ((day: DaySummary) => number) | undefined;
}

/** What a healthy period shows of the instruments. */
export interface EventBaseline {
  readonly absent: readonly number[];
  readonly frozen: readonly number[];
  readonly stillLight: number;
  readonly dawn: readonly [number, number];
  readonly dusk: readonly [number, number];
  /** Spread of dawn and dusk, minutes. */
  readonly twilight: number;
  /** Trips a day. */
  readonly trips: number;
  /** Median scatter of each signal from row to row, and its spread from day to day. */
  readonly scatter: readonly number[];
  readonly spikes: readonly number[];
  /** Least and greatest daily peak of each channel. */
  readonly peaks: readonly (readonly [least: number, most: number])[];
}

const high = (values: number[]): number => {
  const sorted = values.filter(Number.isFinite).sort((x, y) => x - y);
  return sorted.length === 0 ? 0 : (sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] as number);
};

/** Learns what is usual from healthy days. */
export function learnEvents(days: readonly DaySummary[]): EventBaseline {
  const channels = days[0]?.absent.length ?? 0;
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
    stillLight: high(days.map((day) => day.stillLight)),
    dawn: [dawn[0] as number, dawn[1] as number],
    dusk: [dusk[0] as number, dusk[1] as number],
    twilight: off.length < 6 ? 10 : 1.4826 * medianOf(off),
    trips: (trips + 0.3) / Math.max(1, days.length),
    scatter: each((day) => day.scatter, days[0]?.scatter.length ?? 0, seen),
    spikes: each((day) => day.spikes, days[0]?.spikes.length ?? 0, high),
    peaks: Array.from({ length: channels }, (_, k): [number, number] => {
      const list = bright.map((day) => day.peaks[k] as number).filter(Number.isFinite);
      return list.length === 0 ? [0, 0] : [Math.min(...list), Math.max(...list)];
    }),
  };
}

const DAY = 86_400_000;
/** Days that an event may reach back. */
const REACH = 14;
/** Share of the daylight above the usual that must be absent, as a mean of three days. */
const ABSENT = 0.06;
/** Share of a day's rows that one value must fill, above the usual. */
const FROZEN = 0.1;
/** Twilight must be this late on both sides, minutes at least and in spreads. */
const LATE = { minutes: 9, spreads: 3 } as const;
/** Scatter over the usual, and share of spikes above the usual, that is no weather. */
const SCATTER = 3.5;
const SPIKES = 0.012;
/** How far out of its usual range a channel must be, as a factor, to be in another unit or another channel. */
const OUT = 4;
/** The same for one day by itself. */
const FAR_OUT = 20;

/** Looks for events among the days since the healthy period; the last is today. */
export function eventSigns(
  plant: Plant,
  layout: Layout,
  days: readonly DaySummary[],
  baseline: EventBaseline,
): EventSign[] {
  const signs: EventSign[] = [];
  const n = days.length;
  const first = Math.max(0, n - REACH);
  const recent = days.slice(first);

  // Inverters: trips, outages, limits.
  const inverters = days[0]?.inverters.length ?? 0;
  for (let i = 0; i < inverters; i++) {
    const target = inverters > 1 ? layout.signals.find(({ inverter }) => inverter === i)?.part : undefined;
    const of = (day: DaySummary) => day.inverters[i];
    const tripDays = recent.flatMap((day, d) => ((of(day)?.trips ?? 0) > 0 ? [d] : []));
    const trips = recent.reduce((total, day) => total + (of(day)?.trips ?? 0), 0);
    const usual = baseline.trips * recent.length;
    // Poisson: more than five standard deviations above the usual and never fewer than three, on two days.
    if (trips >= 3 && tripDays.length >= 2 && trips > usual + 4 * Math.sqrt(Math.max(0.1, usual))) {
      const from = first + (tripDays[0] as number);
      const span = n - from;
      const off = days.slice(from).reduce((total, day) => total + (of(day)?.off ?? 0), 0);
      const lit = days.slice(from).reduce((total, day) => total + (of(day)?.lit ?? 0), 0);
      signs.push({
        kind: 'inverter-trip',
        layer: 'plant',
        target,
        severity: Math.min(1, off / Math.max(1, lit) / 0.8),
        from,
        strength: 4 + trips,
        words: `${trips} trips in ${Math.min(REACH, span)} days: no AC power under light, and back again; off ${percent(off / Math.max(1, lit))} of the lit time`,
        lost: (day) => of(day)?.lostOff ?? 0,
      });
    }
    const outage = (day: DaySummary | undefined) =>
      day !== undefined && (of(day)?.lit ?? 0) >= 4 && (of(day)?.off ?? 0) >= 0.25 * (of(day)?.lit ?? 0);
    if (outage(days[n - 1]) && (trips < 3 || tripDays.length < 2)) {
      let from = n - 1;
      while (from > 0 && outage(days[from - 1])) from--;
      signs.push({
        kind: 'planned-outage',
        layer: 'none',
        target,
        severity: 1,
        from,
        strength: 20,
        words: `off for ${n - from} day${n - from > 1 ? 's' : ''} on end with light: an outage or planned work, not a series of trips`,
        lost: (day) => of(day)?.lostOff ?? 0,
      });
    }
    const held = (day: DaySummary | undefined) => day !== undefined && (of(day)?.held ?? 0) >= 4;
    if (held(days[n - 1])) {
      let from = n - 1;
      while (from > 0 && (held(days[from - 1]) || held(days[from - 2]))) from--;
      const level = of(days[n - 1] as DaySummary)?.heldAt ?? 0;
      signs.push({
        kind: 'curtailment',
        layer: 'none',
        target,
        severity: 1 - level,
        from,
        strength: 8,
        words: `AC power flat at ${percent(level)} of the rating while the light moves: held from outside`,
        lost: (day) => of(day)?.lostHeld ?? 0,
      });
    }
  }

  // Gaps. Where most channels are silent together it is the logger.
  const last3 = days.slice(-3);
  const absent = baseline.absent.map(
    (usual, k) =>
      last3.reduce((total, day) => total + (day.absent[k] as number), 0) / Math.max(1, last3.length) - usual,
  );
  const watched = watchedChannels(plant, layout);
  const channelCount = watched.size;
  const silent = absent.flatMap((share, k) =>
    share > ABSENT && (baseline.absent[k] as number) < 0.9 && watched.has(k) ? [k] : [],
  );
  if (silent.length > 0 && last3.length >= 2) {
    const all = silent.length > 0.6 * channelCount;
    const groups = all ? [silent] : silent.map((k) => [k]);
    for (const group of groups.slice(0, 3)) {
      const k = group[0] as number;
      const bad = (day: DaySummary | undefined) =>
        day !== undefined && (day.absent[k] as number) > (baseline.absent[k] as number) + ABSENT / 2;
      let from = n - 1;
      while (from > 0 && (bad(days[from - 1]) || bad(days[from - 2]))) from--;
      if (!bad(days[from])) from = Math.min(n - 1, from + 1);
      const share = absent[k] as number;
      signs.push({
        kind: 'dropout',
        layer: 'measurement',
        target: all ? undefined : layout.channels[k],
        severity: Math.min(1, share / 0.8),
        from,
        strength: 6 + 40 * share,
        words: `${all ? 'the logger' : layout.channels[k]} is silent for ${percent(share)} of the daylight`,
        lost: undefined,
      });
    }
  }

  // Repeats.
  const limited = (day: DaySummary) => day.inverters.some(({ clipped, held: flat, off }) => clipped + flat + off > 0);
  const frozenDays = layout.channels.map((name, k) =>
    recent.flatMap((day, d) => {
      const power = /power|current|voltage|Efficiency/i.test(name);
      if (power && limited(day)) return [];
      return (day.frozen[k] as number) > (baseline.frozen[k] as number) + FROZEN ? [d] : [];
    }),
  );
  frozenDays.forEach((list, k) => {
    if (list.length === 0 || (baseline.frozen[k] as number) > 0.3 || !watched.has(k)) return;
    const share =
      list.reduce((total, d) => total + (recent[d]?.frozen[k] as number), 0) /
      Math.max(1, recent.length - (list[0] as number));
    if (list.length < 2 && share < 0.3) return;
    signs.push({
      kind: 'stuck',
      layer: 'measurement',
      target: layout.channels[k],
      severity: Math.min(1, share),
      from: first + (list[0] as number),
      strength: 8 + 20 * share,
      words: `${layout.channels[k]} repeats one value for hours in daylight on ${list.length} of ${recent.length} days`,
      lost: undefined,
    });
  });

  // The clock: dawn and dusk late by the same.
  const shiftOf = (day: DaySummary, which: 0 | 1): number => {
    const late = day.dawn[which] - baseline.dawn[which];
    const lateDusk = day.dusk[which] - baseline.dusk[which];
    if (!Number.isFinite(late) || !Number.isFinite(lateDusk) || late * lateDusk <= 0) return 0;
    const least = Math.min(Math.abs(late), Math.abs(lateDusk));
    return least > Math.max(LATE.minutes, LATE.spreads * Math.min(6, baseline.twilight)) ? Math.sign(late) * least : 0;
  };
  const seen = recent
    .flatMap((day, d) => (Number.isFinite(day.dawn[0]) && Number.isFinite(day.dusk[0]) ? [d] : []))
    .slice(-6);
  const shifts = seen.map((d) => shiftOf(recent[d] as DaySummary, 0));
  const late = shifts.filter((value) => value !== 0);
  const sameWay = late.length > 0 && late.every((value) => value * (late[0] as number) > 0);
  if (sameWay && late.length >= 3 && late.length >= 0.6 * seen.length) {
    const powerShifts = seen.map((d) => shiftOf(recent[d] as DaySummary, 1)).filter((value) => value !== 0);
    const together = powerShifts.length >= 2;
    let from = n - 1;
    for (let d = n - 1; d >= 0; d--) if (shiftOf(days[d] as DaySummary, 0) * (late[0] as number) > 0) from = d;
    const minutes = medianOf(late);
    signs.push({
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
    });
  }
  signs.push(...noisySigns(plant, layout, days, baseline), ...mixedSigns(layout, days, baseline));
  return signs;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** A channel whose signals scatter, or spike, on most of the last days. */
function noisySigns(plant: Plant, layout: Layout, days: readonly DaySummary[], baseline: EventBaseline): EventSign[] {
  const late = days.slice(-4);
  if (late.length < 2) return [];
  const marked = (test: (day: DaySummary, k: number) => boolean) =>
    layout.signals.flatMap((_, k) =>
      late.filter((day) => test(day, k)).length >= Math.max(2, late.length - 1) ? [k] : [],
    );
  // Where the healthy period never stood still there is nothing to compare with.
  const scattered = (day: DaySummary, k: number) =>
    (baseline.scatter[k] as number) > 0 && (day.scatter[k] as number) > SCATTER * (baseline.scatter[k] as number);
  const spiked = (day: DaySummary, k: number) => (day.spikes[k] as number) > (baseline.spikes[k] as number) + SPIKES;
  return (
    [
      ['noise', scattered],
      ['spike', spiked],
    ] as const
  ).flatMap(([kind, test]): EventSign[] => {
    const hit = new Set(marked(test).filter((k) => layout.signals[k]?.part !== 'battery'));
    if (hit.size === 0) return [];
    // The channel that goes into what is hit and into little else.
    let best = { name: '', score: 0 };
    for (const name of layout.channels) {
      const own = dependents(plant, layout, name);
      const both = own.filter((k) => hit.has(k)).length;
      const score = both - 0.5 * (own.length - both) - (hit.size - both);
      if (both > 0 && (best.name === '' || score > best.score)) best = { name, score };
    }
    if (best.name === '' || best.score < 0) return [];
    const own = dependents(plant, layout, best.name);
    let from = days.length - 1;
    while (from > 0 && own.some((k) => test(days[from - 1] as DaySummary, k))) from--;
    const k = own.find((place) => hit.has(place)) as number;
    const worst = Math.max(...late.map((day) => (Number.isFinite(day.scatter[k]) ? (day.scatter[k] as number) : 0)));
    const usual = baseline.scatter[k] as number;
    const times = usual > 0 ? worst / usual : 1;
    return [
      {
        kind,
        layer: 'measurement',
        target: best.name,
        severity:
          kind === 'noise'
            ? Math.min(1, times / 30)
            : Math.min(1, Math.max(...late.map((day) => day.spikes[k] as number)) / 0.05),
        from,
        strength: 12 + hit.size,
        words:
          kind === 'noise'
            ? `what is told from ${best.name} scatters ${times.toFixed(1)} times as much from row to row as it did`
            : `${percent(Math.max(...late.map((day) => day.spikes[k] as number)))} of the rows of what is told from ${best.name} lie far out of their neighbours`,
        lost: undefined,
      },
    ];
  });
}

/** Channels that came to be in another unit, or each in the other's place. */
function mixedSigns(layout: Layout, days: readonly DaySummary[], baseline: EventBaseline): EventSign[] {
  const last = days.slice(-2);
  // A plant that was off shows next to nothing by right.
  const ran = last.every((day) => day.inverters.every(({ lit, off }) => off <= 0.2 * lit));
  const whole = last.every((day) => day.end - day.start > 0.6 * DAY);
  if (last.length < 2 || !ran || !whole) return [];
  const today = days[days.length - 1] as DaySummary;
  const beyond = (day: DaySummary, k: number, factor: number) => {
    const [least, most] = baseline.peaks[k] as readonly [number, number];
    return (day.peaks[k] as number) > factor * most || (day.peaks[k] as number) < least / factor;
  };
  const out = layout.channels.flatMap((_, k) => {
    const [least] = baseline.peaks[k] as readonly [number, number];
    if (!(least > 0)) return [];
    return last.every((day) => beyond(day, k, OUT)) || beyond(today, k, FAR_OUT) ? [k] : [];
  });
  const within = (value: number, k: number) => {
    const [least, most] = baseline.peaks[k] as readonly [number, number];
    return value > 0.6 * least && value < 1.3 * most;
  };
  const from = days.length - 2;
  const sign = (kind: string, k: number, words: string): EventSign => ({
    kind,
    layer: 'measurement',
    target: layout.channels[k],
    severity: 1,
    from,
    strength: 400,
    words,
    lost: undefined,
  });
  for (const k of out) {
    const other = out.find(
      (j) => j !== k && within(today.peaks[k] as number, j) && within(today.peaks[j] as number, k),
    );
    if (other !== undefined)
      return [
        sign(
          'swapped-channels',
          k,
          `${layout.channels[k]} shows what ${layout.channels[other]} used to, and the other way round`,
        ),
      ];
  }
  // An open string shows next to nothing too, but then its power is missing.
  const open = (k: number) => {
    const own = layout.signals.find(
      ({ quantity, part }) => quantity === 'current' && layout.channels[k] === `${part}.dcCurrent`,
    );
    if (own === undefined) return false;
    const strings = layout.signals.filter(
      ({ quantity, inverter }) => quantity === 'current' && inverter === own.inverter,
    );
    const { actual = 0, expected = 0 } = today.inverters[own.inverter] ?? {};
    return actual < (1 - 0.5 / strings.length) * expected;
  };
  const thousand = out.filter(
    (k) => (within(1000 * (today.peaks[k] as number), k) && !open(k)) || within((today.peaks[k] as number) / 1000, k),
  );
  const fahrenheit = layout.channels.flatMap((name, k) => {
    if (!/(module|air)Temperature$/.test(name)) return [];
    const [least, most] = baseline.peaks[k] as readonly [number, number];
    const warm = last.every(
      (day) => (day.peaks[k] as number) > most + 15 && within(((day.peaks[k] as number) - 32) / 1.8, k),
    );
    return warm && most - least < 60 ? [k] : [];
  });
  return [
    ...thousand
      .slice(0, 1)
      .map((k) => sign('unit-mix-up', k, `${layout.channels[k]} is a thousandth (or a thousand times) of what it was`)),
    ...fahrenheit
      .slice(0, 1)
      .map((k) => sign('unit-mix-up', k, `${layout.channels[k]} jumped to what it would be in °F`)),
  ];
}

/** Places of the channels that something is told from; what a device works out by itself (levels, health) may rest by right. */
function watchedChannels(plant: Plant, layout: Layout): Set<number> {
  return new Set(
    layout.channels.flatMap((name, k) =>
      /batteryLevel|panelHealth|Efficiency/.test(name) || dependents(plant, layout, name).length === 0 ? [] : [k],
    ),
  );
}
