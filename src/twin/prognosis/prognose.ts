import { dailyGrowth, drawLaws, type LawDraw, type LawKind, meanGrowth } from '../../core/degradation/index.js';
import { durationMs, quote, Random, TwinergyError, type Work, type WorkOptions } from '../../core/index.js';
import { exp } from '../../core/math/index.js';
import type { AssetModel } from '../asset-model.js';
import { faultDefinition } from '../faults/index.js';
import type { HealthEstimate, HealthFilter, HealthQuantity, Wear } from '../filter/health-filter.js';
import type { LiveState } from '../filter/live-state.js';
import { type PrognosisEvent, type ReadyEvent, readEvent } from './event.js';
import { Response } from './response.js';
import { wearHistory } from './wear-history.js';

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
/** Weathers that the futures are played in. */
const WEATHERS = 3;
/** Severities between the present one (0) and full (1) at which the asset's answer is simulated. */
const KNOTS = [0, 0.25, 0.5, 1] as const;
/**
 * What laws, filter and weather leave out, as a standard deviation of the logarithm of the time to the event. Learned on
 * plants that the twin ran to failure (fleets 901, 1 and 2 of `eval/faults/prognosis.ts`), so that 80 % intervals hold 80 %.
 */
const LEFT_OUT = 0.05;
/** Days on which is tried whether a wear touches the event. */
const TRIAL = 6;

/** A quantity that wears, with the laws that its history leaves possible. */
interface Wearing {
  readonly quantity: HealthQuantity;
  readonly wear: Wear;
  readonly draws: readonly LawDraw[];
  /** Value in each future, as wear: growing with harm. */
  readonly now: Float64Array;
  /** Severity at the present mean. */
  readonly severity: number;
}

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
    const draws = drawLaws(history, samples, { full, first: prior, usual: usualLaw(model, wear) }, stream);
    const now = Float64Array.from(
      draws,
      (draw) => draw.present.mean + Math.sqrt(draw.present.variance) * stream.normal(),
    );
    let present = 0;
    for (const value of now) present += value / now.length;
    const severity = Math.max(0, wear.severity(sound + wear.direction * present));
    wearing.push({ quantity, wear, draws, now, severity });
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

/** All futures side by side, one day after the other. */
class Futures {
  readonly #filter: HealthFilter;
  readonly #memory: Float64Array;
  readonly #event: ReadyEvent;
  readonly #wearing: readonly Wearing[];
  /** Those of them that the simulated values answer to. */
  readonly #felt: readonly number[];
  readonly #response: Response;
  readonly #simulated: boolean;
  readonly #random: Random;
  readonly #streams: readonly Random[];
  readonly #courses = new Map<number, { path: Float64Array; day: number }[]>();
  readonly #horizon: number;
  readonly #place: ReadonlyMap<string, number>;
  /** By name and future the last days' values, for an event that is asked of their mean. */
  readonly #means = new Map<string, number[][]>();
  #future = 0;
  #day = 0;

  constructor(
    model: AssetModel,
    filter: HealthFilter,
    memory: Float64Array,
    time: number,
    event: ReadyEvent,
    wearing: readonly Wearing[],
    samples: number,
    horizon: number,
    random: Random,
  ) {
    this.#filter = filter;
    this.#memory = memory;
    this.#event = event;
    this.#wearing = wearing;
    this.#random = random;
    this.#horizon = horizon;
    this.#streams = Array.from({ length: samples }, (_, j) => random.split(j));
    const healthy = (name: string) => quantityOf(filter, name) !== undefined;
    this.#simulated = event.names === undefined || !event.names.every(healthy);
    const wears = wearing.map(({ wear }) => wear);
    const start = wearing.map(({ severity }) => severity);
    const seeds = Array.from({ length: WEATHERS }, (_, w) => random.split(`weather ${w}`).uint32());
    this.#felt = this.#simulated ? felt(model, time, event, wearing, horizon, seeds[0] as number) : [];
    const settings = [start];
    for (const w of this.#felt) {
      for (const knot of KNOTS.slice(1)) settings.push(start.with(w, knotSeverity(start[w] as number, knot)));
    }
    // Without need for a simulation the weather alone is made, for dirt.
    this.#response = new Response(model, time, wears, this.#simulated ? settings : [start], seeds);
    this.#place = new Map(this.#response.names.map((name, n) => [name, n]));
  }

  /** Moves all futures to a day. */
  advance(day: number): void {
    this.#day = day;
    const dirty = this.#event.names === undefined || this.#event.names.some((name) => this.#dirt(name) !== undefined);
    // Dirt is played through all the weather to come at once.
    const needed = dirty ? this.#horizon : this.#simulated ? day + this.#event.over : 0;
    while (this.#response.days < needed) this.#response.advance();
    for (const { draws, now } of this.#wearing) {
      for (let j = 0; j < now.length; j++) {
        now[j] = (now[j] as number) + dailyGrowth((draws[j] as LawDraw).law, day, this.#streams[j] as Random);
      }
    }
  }

  /** Whether the event has come in future `j`; days are asked for one after the other. */
  met(j: number, day: number): boolean {
    this.#future = j;
    this.#day = day;
    return this.#event.met(this.#event.over > 1 ? this.#mean : this.#value);
  }

  /** The mean of a value over the last days that the event is judged by, a day without the value passed over. */
  readonly #mean = (name: string): number => {
    let means = this.#means.get(name);
    if (means === undefined) {
      means = Array.from(this.#streams, () => []);
      this.#means.set(name, means);
    }
    const own = means[this.#future] as number[];
    const today = this.#value(name);
    if (own.length === 0) {
      // The days before now had other weather than those to come, but weather of the same kind.
      const day = this.#day;
      for (let back = this.#event.over - 1; back > 0; back--) {
        this.#day = day + back;
        own.push(this.#value(name));
      }
      this.#day = day;
    }
    own.push(today);
    if (own.length > this.#event.over) own.shift();
    let [sum, count] = [0, 0];
    for (const value of own) {
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  };

  readonly #value = (name: string): number => {
    const quantity = quantityOf(this.#filter, name);
    if (quantity !== undefined) {
      const { index, scale } = quantity;
      return scale * this.#health(index);
    }
    return this.#answer(this.#place.get(name) ?? -1);
  };

  #dirt(name: string): number | undefined {
    const index = quantityOf(this.#filter, name)?.index;
    return index !== undefined && this.#filter.quantities[index]?.wear === undefined ? index : undefined;
  }

  /** A quantity of the health in the present future. */
  #health(index: number): number {
    const quantity = this.#filter.quantities[index] as HealthQuantity;
    const wearing = this.#wearing.find((candidate) => candidate.quantity === quantity);
    if (wearing !== undefined) {
      return quantity.sound + wearing.wear.direction * (wearing.now[this.#future] as number);
    }
    let courses = this.#courses.get(index);
    if (courses === undefined) {
      courses = [];
      this.#courses.set(index, courses);
    }
    let course = courses[this.#future];
    if (course === undefined) {
      const path = new Float64Array(this.#horizon);
      const weather = this.#response.weather(this.#future % WEATHERS);
      const random = this.#random.split(`${quantity.name} ${this.#future}`);
      if (!this.#filter.course(this.#memory, index, weather, random, path)) {
        const estimate: HealthEstimate = { mean: 0, sd: 0, evidence: 0 };
        this.#filter.estimate(this.#memory, index, estimate);
        path.fill(estimate.mean + estimate.sd * random.normal());
      }
      course = { path, day: 0 };
      courses[this.#future] = course;
    }
    return course.path[this.#day] as number;
  }

  /** A simulated value in the present future: at the present wear, and what each wear changes of it. */
  #answer(name: number): number {
    const weather = this.#future % WEATHERS;
    const day = this.#day;
    const base = this.#response.mean(weather, 0, day, name);
    let value = base;
    this.#felt.forEach((w, f) => {
      const { quantity, wear, now, severity } = this.#wearing[w] as Wearing;
      const reached = wear.severity(quantity.sound + wear.direction * (now[this.#future] as number));
      const full = knotSeverity(severity, 1) - severity;
      // Nothing wears beyond what the catalogue knows.
      const x = Math.min(1, (reached - severity) / full);
      const first = 1 + f * (KNOTS.length - 1);
      let k = 1;
      while (k < KNOTS.length - 1 && x > (KNOTS[k] as number)) k++;
      const at = (knot: number) => (knot === 0 ? base : this.#response.mean(weather, first + knot - 1, day, name));
      const [low, high] = [KNOTS[k - 1] as number, KNOTS[k] as number];
      value += at(k - 1) - base + ((x - low) / (high - low)) * (at(k) - at(k - 1));
    });
    return value;
  }
}

/** Severity a share of the way from the present one to full, or a little further where it is nearly there. */
const knotSeverity = (severity: number, share: number) => severity + share * Math.max(0.1, 1 - severity);

/** A quantity of the health under its own name or that of the state it is. */
function quantityOf(
  filter: HealthFilter,
  name: string,
): { readonly index: number; readonly scale: number } | undefined {
  const own = filter.quantities.findIndex((quantity) => quantity.name === name);
  if (own >= 0) return { index: own, scale: 1 };
  const index = filter.quantities.findIndex(({ as }) => as?.name === name);
  return index < 0 ? undefined : { index, scale: filter.quantities[index]?.as?.scale ?? 1 };
}

/**
 * Which wears change what the event looks at, tried on a few days with as much wear as may well come within the horizon:
 * those that change it by a tenth of what the strongest does.
 */
function felt(
  model: AssetModel,
  time: number,
  event: ReadyEvent,
  wearing: readonly Wearing[],
  horizon: number,
  seed: number,
): number[] {
  const start = wearing.map(({ severity }) => severity);
  const settings = [start, ...wearing.map((wear, w) => start.with(w, mayReach(wear, horizon)))];
  const wears = wearing.map(({ wear }) => wear);
  const trial = new Response(model, time, wears, settings, [seed]);
  for (let day = 0; day < TRIAL; day++) trial.advance();
  const places = event.names?.map((name) => trial.names.indexOf(name)) ?? trial.names.map((_, n) => n);
  const kept = new Set<number>();
  for (const n of places) {
    const changes = wears.map((_, w) => {
      let change = 0;
      for (let day = 0; day < TRIAL; day++) {
        const off = Math.abs(trial.mean(0, w + 1, day, n) - trial.mean(0, 0, day, n));
        if (!Number.isNaN(off)) change += off;
      }
      return change;
    });
    const strongest = Math.max(...changes);
    changes.forEach((change, w) => {
      if (change > 0 && change >= 0.1 * strongest) kept.add(w);
    });
  }
  return [...kept].sort((a, b) => a - b);
}

/** The severity that one in four futures reaches within the horizon, at most full. */
function mayReach({ draws, wear, quantity, now, severity }: Wearing, horizon: number): number {
  const reached = Float64Array.from(draws, ({ law }, j) => {
    const value = (now[j] as number) + meanGrowth(law, horizon);
    return wear.severity(quantity.sound + wear.direction * value);
  }).sort();
  return Math.min(knotSeverity(severity, 1), Math.max(severity, reached[Math.floor(0.75 * draws.length)] as number));
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
