import { dailyGrowth, type LawDraw } from '../../core/degradation/index.js';
import type { Random } from '../../core/index.js';
import type { AssetModel } from '../asset-model.js';
import type { HealthEstimate, HealthFilter, HealthQuantity } from '../filter/health-filter.js';
import type { ReadyEvent } from './event.js';
import { felt } from './felt.js';
import { Response } from './response.js';
import { knotSeverity, type Wearing } from './wearing.js';

/** Weathers that the futures are played in. */
const WEATHERS = 3;
/** Severities between the present one (0) and full (1) at which the asset's answer is simulated. */
const KNOTS = [0, 0.25, 0.5, 1] as const;

/** All futures side by side, one day after the other. */
export class Futures {
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
    for (const { draws, now, full, growth, leader } of this.#wearing) {
      for (let j = 0; j < now.length; j++) {
        const step =
          leader?.follows[j] === 1
            ? ((leader.of.growth[j] as number) * full) / leader.of.full
            : dailyGrowth((draws[j] as LawDraw).law, day, this.#streams[j] as Random);
        growth[j] = step;
        now[j] = (now[j] as number) + step;
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
