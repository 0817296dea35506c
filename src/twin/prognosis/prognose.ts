import { drawLaws, type LawKind } from '../../core/degradation/index.js';
import { durationMs, quote, Random, TwinergyError, type Work, type WorkOptions } from '../../core/index.js';
import { exp } from '../../core/math/index.js';
import type { AssetModel } from '../asset-model.js';
import { faultDefinition } from '../faults/index.js';
import type { HealthFilter, Wear } from '../filter/health-filter.js';
import type { LiveState } from '../filter/live-state.js';
import { type PrognosisEvent, type ReadyEvent, readEvent } from './event.js';
import { Futures } from './futures.js';
import { wearHistory } from './wear-history.js';
import { leaderOf, type Wearing } from './wearing.js';

/** Options of `prognose`. */
export interface PrognosisOptions extends WorkOptions {
  /** What is waited for. */
  readonly event: PrognosisEvent;
  /** How far ahead is looked. Default `365d`. */
  readonly horizon?: string | number | undefined;
  /** Possible futures that are played. Default 400. */
  readonly samples?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** When an event will come, as a distribution. Lengths are in days from `time`. */
export interface Prognosis {
  /** Time of the last reading, from which it is looked ahead, ms since the epoch. */
  readonly time: number;
  /** Days that were looked ahead. */
  readonly horizon: number;
  /** As likely earlier as later; null where that lies beyond the horizon. */
  readonly median: number | null;
  /** Intervals that hold it with 50, 80 and 95 %; an end beyond the horizon is infinite. */
  readonly intervals: readonly { readonly level: number; readonly lower: number; readonly upper: number }[];
  /** Probability that it comes within 7, 14 and 30 days. */
  readonly failureWithin: Readonly<Record<7 | 14 | 30, number>>;
  /** Probability that it does not come within the horizon. */
  readonly never: number;
  /** Days to the event in each future that was played, ascending; infinite where it did not come. */
  readonly days: Float64Array;
}

const DAY = 86_400_000;
const LEVELS = [50, 80, 95] as const;
/**
 * What laws, filter and weather leave out, as a standard deviation of the logarithm of the time to the event. Learned on
 * plants that the twin ran to failure (fleets 71 and 72 of `eval/faults/prognosis.ts`), so that 80 % intervals hold 80 %.
 */
const LEFT_OUT = 0.025;
/**
 * How many independent days one day of a history is worth. What each day told is the difference of two estimates of the
 * filter, so that neighbouring days err against each other (correlation −0.05…−0.15), and the mean of many is surer than
 * that of as many independent ones: on plants that the twin made five days had 0.6 to 0.8 of the variance. The rest is
 * learned on the same fleets: their smooth wear keeps to its law.
 */
const WORTH = 2;
/**
 * Plays possible futures of an asset: each quantity of its health goes on by a law that its own history leaves possible,
 * dirt by the rain to come, and the asset's model answers to that under generated weather, until the event comes.
 * @throws TwinergyError `TWIN_BAD_EVENT`, `TWIN_BAD_PROGNOSIS`, `TWIN_NO_STATE`, `BAD_DURATION`
 */
export function* prognoseWork(
  model: AssetModel,
  live: LiveState | undefined,
  options: PrognosisOptions,
): Work<Prognosis> {
  const event = readEvent(options.event, model);
  const horizon = Math.ceil(durationMs(options.horizon ?? '365d', 'horizon') / DAY);
  const samples = options.samples ?? 400;
  if (!(Number.isInteger(samples) && samples >= 20 && samples <= 100_000)) {
    throw new TwinergyError('TWIN_BAD_PROGNOSIS', `samples must be a whole number from 20, got ${quote(samples)}.`, {
      path: 'samples',
      value: samples,
    });
  }
  const present = live?.present();
  if (live === undefined || present === undefined) {
    throw new TwinergyError('TWIN_NO_STATE', 'The twin knows nothing of the health of this asset yet.', {
      hint: 'Let it assimilate() telemetry of some days or weeks first, on a model with a filter.',
    });
  }
  const random = new Random(options.seed ?? 0).split('prognosis');
  const { filter, memory, time } = present;
  checkNames(event, model, filter);
  // All that is asked of the live state is asked before the first yield: readings may come in between.
  const histories = filter.quantities.map((_, q) => wearHistory(live, filter, memory, q, time));
  const wearing: Wearing[] = [];
  for (const [q, quantity] of filter.quantities.entries()) {
    const { wear, sound, prior, name } = quantity;
    const history = histories[q];
    if (wear === undefined || history === undefined) continue;
    yield { phase: 'learning how it wears', done: q, total: filter.quantities.length };
    const stream = random.split(name);
    const full = 1 / Math.abs(wear.severity(sound + wear.direction) - wear.severity(sound));
    const own = drawLaws(history, samples, { full, first: prior, usual: usualLaw(model, wear), worth: WORTH }, stream);
    const leader = leaderOf(wearing, wear, history, full, samples, stream);
    // What goes by the same steps goes by the same law, at its own scale.
    const draws = own.map((draw, j) => {
      const lead = leader?.follows[j] === 1 ? leader.of.draws[j]?.law : undefined;
      if (leader === undefined || lead === undefined) return draw;
      const scale = full / leader.of.full;
      return { ...draw, law: { ...lead, slope: lead.slope * scale, noise: lead.noise * scale } };
    });
    const now = Float64Array.from(
      draws,
      (draw) => draw.present.mean + Math.sqrt(draw.present.variance) * stream.normal(),
    );
    let present = 0;
    for (const value of now) present += value / now.length;
    const severity = Math.max(0, wear.severity(sound + wear.direction * present));
    wearing.push({ quantity, wear, draws, now, severity, full, history, leader, growth: new Float64Array(samples) });
  }
  const futures = new Futures(model, filter, memory, time, event, wearing, samples, horizon, random);
  const days = new Float64Array(samples).fill(Number.POSITIVE_INFINITY);
  const clock = random.split('hour');
  let left = samples;
  for (let day = 0; day < horizon && left > 0; day++) {
    futures.advance(day);
    for (let j = 0; j < samples; j++) {
      if (days[j] !== Number.POSITIVE_INFINITY || !futures.met(j, day)) continue;
      // Some time on that day.
      days[j] = (day + clock.next()) * exp(LEFT_OUT * random.split(`left out ${j}`).normal());
      left--;
    }
    yield { phase: 'looking ahead', done: day + 1, total: horizon };
  }
  for (let j = 0; j < samples; j++) if ((days[j] as number) > horizon) days[j] = Number.POSITIVE_INFINITY;
  return summary(days.sort(), time, horizon);
}

function checkNames(event: ReadyEvent, model: AssetModel, filter: HealthFilter): void {
  const known = [...filter.quantities, ...model.states, ...model.channels].map(({ name }) => name);
  for (const name of event.names ?? []) {
    if (known.includes(name)) continue;
    throw new TwinergyError('TWIN_BAD_EVENT', `The event looks at ${quote(name)}, which there is not.`, {
      path: 'event',
      value: name,
      hint: `Known: ${known.join(', ')}.`,
    });
  }
}

/** The law that the catalogue has for a wear. */
function usualLaw(model: AssetModel, { fault }: Wear): LawKind | undefined {
  const { progression } = faultDefinition(model.faults, fault);
  const known = progression === 'linear' || progression === 'exponential';
  return known || progression === 'gamma' || progression === 'wiener' ? progression : undefined;
}

function summary(days: Float64Array, time: number, horizon: number): Prognosis {
  const count = days.length;
  /** The p-quantile as order statistics have it; infinite where it lies beyond the horizon. */
  const quantile = (p: number) => {
    const at = Math.min(count - 1, Math.max(0, p * count - 0.5));
    const low = days[Math.floor(at)] as number;
    const high = days[Math.ceil(at)] as number;
    return low === high ? low : low + (at - Math.floor(at)) * (high - low);
  };
  const within = (limit: number) => days.filter((day) => day <= limit).length / count;
  const median = quantile(0.5);
  return {
    time,
    horizon,
    median: Number.isFinite(median) ? median : null,
    intervals: LEVELS.map((level) => ({
      level,
      lower: quantile(0.5 - level / 200),
      upper: quantile(0.5 + level / 200),
    })),
    failureWithin: { 7: within(7), 14: within(14), 30: within(30) },
    never: days.filter((day) => !Number.isFinite(day)).length / count,
    days,
  };
}
