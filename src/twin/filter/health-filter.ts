import type { Random } from '../../core/index.js';

/** A quantity of an asset's health that a filter estimates. */
export interface HealthQuantity {
  /** Name, dotted for a component: `array1.lightLoss`. */
  readonly name: string;
  readonly unit: string;
  /** For people. */
  readonly title: string;
  /** Its value in a sound asset. */
  readonly sound: number;
  /** Standard deviation that is thought possible before there is any evidence. */
  readonly prior: number;
  /** How it wears, for prognosis; absent where it does not. */
  readonly wear?: Wear;
  /** The state of the model that it is, times a factor; absent where it is none. */
  readonly as?: { readonly name: string; readonly scale: number };
}

/** How a quantity wears. */
export interface Wear {
  /** 1 where more is worse, −1 where less is. */
  readonly direction: 1 | -1;
  /** The fault that a simulation runs it as, what that acts on, and its severity at a value, beyond 1 where need be. */
  readonly fault: string;
  readonly target?: string;
  readonly severity: (value: number) => number;
  /** Standard deviation by which the filter lets it drift in a day, at a value. */
  readonly drift: (value: number) => number;
}

/** The weather of coming days, as far as health depends on it. */
export interface FutureWeather {
  /** Rain of each day, mm, and the part of the day without rain. */
  readonly rain: Float64Array;
  readonly dry: Float64Array;
}

/** What a filter knows of one quantity; written in place. */
export interface HealthEstimate {
  mean: number;
  /** Standard deviation. */
  sd: number;
  /** Time of the last reading that told something of it, ms since the epoch; NaN before the first. */
  evidence: number;
}

/** What a filter says of one instant, by stage of the model. */
export interface StagePrediction {
  /** What was foretold from the estimated health; NaN where the stage is not judged. */
  readonly value: Float64Array;
  /** Variance of measured less foretold. */
  readonly variance: Float64Array;
}

/** What a filter is given at one instant. */
export interface FilterInput {
  /** ms since the epoch. */
  time: number;
  /** Time since the instant before, s; infinite at the first. */
  seconds: number;
  /** Every channel of the model, NaN where nothing was measured. */
  readonly row: Float64Array;
  /** What a sound asset would do, by stage. */
  readonly expected: Float64Array;
  /** Variance of the expectation, by stage: what the noise of the inputs does to it. */
  readonly inputVariance: Float64Array;
  /** Error of the model beyond the instruments' noise, by stage, as a share of the expected value. */
  readonly modelError: Float64Array;
}

/**
 * Follows the health of an asset. All that it remembers is in `memory`, numbers that the caller keeps, copies and saves:
 * one filter serves any number of assets of one description.
 */
export interface HealthFilter {
  readonly quantities: readonly HealthQuantity[];
  /** How many numbers it remembers. */
  readonly memorySize: number;
  /** Stages that no health touches: where it foretells nothing for them, they are judged by what is expected. */
  readonly plain: readonly number[];
  /** Writes what is thought before the first reading. */
  begin(memory: Float64Array): void;
  /** Takes in one instant and says what was foretold for each stage before it was measured. */
  step(input: FilterInput, memory: Float64Array, prediction: StagePrediction): void;
  /** What is known of the quantity at `index`, written to `out`. */
  estimate(memory: Float64Array, index: number, out: HealthEstimate): void;
  /**
   * One possible course by the day of a quantity that depends on the weather, written to `path`.
   * @returns false where the quantity at `index` does not
   */
  course(memory: Float64Array, index: number, weather: FutureWeather, random: Random, path: Float64Array): boolean;
}
