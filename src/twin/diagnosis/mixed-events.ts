import type { DaySummary } from './day.js';
import type { EventBaseline, EventSign } from './event-sign.js';
import type { Layout } from './layout.js';

const DAY = 86_400_000;
/** How far out of its usual range a channel must be, as a factor, to be in another unit or another channel. */
const OUT = 4;
/** The same for one day by itself. */
const FAR_OUT = 20;

/** Whether the day's peak of a channel is `factor` times out of the range of the healthy period's. */
export function outOfRange(day: DaySummary, k: number, factor: number, { peaks }: EventBaseline): boolean {
  const [least, most] = peaks[k] as readonly [number, number];
  if (!(least > 0)) return false;
  return (day.peaks[k] as number) > factor * most || (day.peaks[k] as number) < least / factor;
}

/**
 * Whether a channel of a plant that ran is far out of its range today, so that it may be in another unit, or another
 * channel. Too little current, voltage or power is first of all a fault of the plant.
 */
export function isFarOut(layout: Layout, day: DaySummary, k: number, baseline: EventBaseline): boolean {
  const ran = day.inverters.every(({ lit, off }) => off <= 0.2 * lit);
  if (!ran || !outOfRange(day, k, OUT, baseline)) return false;
  const most = (baseline.peaks[k] as readonly [number, number])[1];
  return (day.peaks[k] as number) > most || !/current|power|voltage/i.test(layout.channels[k] ?? '');
}

/**
 * Channels that came to be in another unit, or each in the other's place.
 * @param watched places of the channels that go with the light: what a battery or a load does has no usual peak
 */
export function mixedSigns(
  layout: Layout,
  days: readonly DaySummary[],
  baseline: EventBaseline,
  watched: ReadonlySet<number>,
): EventSign[] {
  const last = days.slice(-2);
  // A plant that was off shows next to nothing by right.
  const ran = last.every((day) => day.inverters.every(({ lit, off }) => off <= 0.2 * lit));
  const whole = last.every((day) => day.end - day.start > 0.6 * DAY);
  const today = days[days.length - 1];
  if (last.length < 2 || !ran || !whole || today === undefined) return [];
  const out = layout.channels.flatMap((_, k) =>
    watched.has(k) &&
    (last.every((day) => outOfRange(day, k, OUT, baseline)) || outOfRange(today, k, FAR_OUT, baseline))
      ? [k]
      : [],
  );
  const within = (value: number, k: number) => {
    const [least, most] = baseline.peaks[k] as readonly [number, number];
    return value > 0.6 * least && value < 1.3 * most;
  };
  const sign = (kind: string, k: number, words: string, other?: string): EventSign => ({
    kind,
    layer: 'measurement',
    target: layout.channels[k],
    ...(other === undefined ? {} : { other }),
    severity: 1,
    from: days.length - 2,
    strength: 400,
    words,
    lost: undefined,
  });
  for (const k of out) {
    const j = out.find(
      (other) => other !== k && within(today.peaks[k] as number, other) && within(today.peaks[other] as number, k),
    );
    const other = j === undefined ? undefined : layout.channels[j];
    if (other !== undefined)
      return [
        sign(
          'swapped-channels',
          k,
          `${layout.channels[k]} shows what ${other} used to, and the other way round`,
          other,
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
  // Degrees are no ratios: a cold day is no thousandth of a warm one.
  const scaled = out.filter((k) => !/temperature/i.test(layout.channels[k] ?? ''));
  const thousand = scaled.find(
    (k) => (within(1000 * (today.peaks[k] as number), k) && !open(k)) || within((today.peaks[k] as number) / 1000, k),
  );
  const fahrenheit = layout.channels.findIndex((name, k) => {
    if (!/(module|air)Temperature$/.test(name)) return false;
    const [least, most] = baseline.peaks[k] as readonly [number, number];
    const warm = last.every(
      (day) => (day.peaks[k] as number) > most + 15 && within(((day.peaks[k] as number) - 32) / 1.8, k),
    );
    return warm && most - least < 60;
  });
  return [
    ...(thousand === undefined
      ? []
      : [
          sign(
            'unit-mix-up',
            thousand,
            `${layout.channels[thousand]} is a thousandth (or a thousand times) of what it was`,
          ),
        ]),
    ...(fahrenheit < 0
      ? []
      : [sign('unit-mix-up', fahrenheit, `${layout.channels[fahrenheit]} jumped to what it would be in °F`)]),
  ];
}
