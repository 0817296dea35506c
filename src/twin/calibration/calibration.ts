import { Frame, quote, TwinergyError } from '../../core/index.js';
import { exp } from '../../core/math/index.js';
import { type Plant, readPlant } from '../description/plant.js';
import type { PlantDescription } from '../description/schema.js';
import type { Ambiguity } from './ambiguity.js';
import type { Condition, Outage, SoilingFit } from './condition.js';
import { type Correction, correctionFactor, features } from './correction.js';
import { calibratedDescription } from './describe.js';
import type { Diagnostics } from './diagnostics.js';
import { type Conversion, Forward } from './forward.js';
import { type Asked, type Layout, layoutOf, type Trust } from './parameters.js';
import { Scene } from './scene.js';
import { intervalOf, type Spread } from './spread.js';
import type { SummerClock } from './summer-clock.js';
import { inStandardUnits } from './units.js';

/** A parameter that was looked for, and what was found. */
export interface FittedParameter {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** The fitted value; factors are factors on what the description says. */
  readonly value: number;
  /** Standard deviation of its error. */
  readonly sd: number;
  /** What the description said. */
  readonly prior: number;
  /** Share that the data contribute to what is known of it: 1 all, 0 nothing, so that the value is still the prior's. */
  readonly told: number;
}

/** What a calibration holds, for JSON. */
export interface CalibrationState {
  readonly formatVersion: 1;
  /** The description that the search began with, with the heat losses that the module temperature told. */
  readonly base: PlantDescription;
  readonly asked: Asked;
  readonly trust: Readonly<Record<string, number | 'infinite'>>;
  readonly knowsSite: boolean;
  readonly clock: SummerClock | null;
  readonly theta: readonly number[];
  readonly covariance: readonly number[];
  readonly conversion: Conversion;
  readonly parameters: readonly FittedParameter[];
  readonly ambiguities: readonly Ambiguity[];
  readonly peakPower: { readonly value: number; readonly sd: number };
  readonly limit: { readonly value: number; readonly seen: boolean };
  readonly efficiencySeen: boolean;
  readonly clearness: number;
  readonly correction: Correction | null;
  readonly spread: Spread;
  readonly condition: Condition;
  readonly soiling: SoilingFit | null;
  readonly outages: readonly Outage[];
  readonly diagnostics: Diagnostics;
  readonly notes: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** Options of `predict`. */
export interface PredictOptions {
  /** `sound`: what the plant would give if it were as usual (default); `now`: as it stood at the end of the history. */
  readonly condition?: 'sound' | 'now' | undefined;
  /** Whether the learned correction is applied. Default true. */
  readonly correction?: boolean | undefined;
  /** Level of the interval, per cent. Default 95. */
  readonly level?: 50 | 80 | 95 | undefined;
  /** Factor on the width of the interval. Default 1. */
  readonly width?: number | undefined;
}

/**
 * What `twin.calibrate` found: the plant's parameters with their uncertainty, and the model that goes with them.
 *
 * ```ts
 * const fit = await twin.calibrate(history);
 * console.log(String(fit));
 * const calibrated = new DigitalTwin(fit.description);
 * const expected = fit.predict(telemetry); // acPower.expected, acPower.lower, acPower.upper
 * ```
 */
export class Calibration {
  readonly #state: CalibrationState;
  readonly #plant: Plant;
  readonly #layout: Layout;
  readonly #theta: Float64Array;
  /** The description with the fitted values in it: for `new DigitalTwin(fit.description)`. */
  readonly description: PlantDescription;

  constructor(state: CalibrationState) {
    this.#state = state;
    this.#plant = readPlant(state.base);
    this.#layout = layoutOf(this.#plant, state.asked, finiteOrNot(state.trust));
    this.#theta = Float64Array.from(state.theta);
    this.description = calibratedDescription(state.base, this.#plant, this.#layout, this.#theta, state.conversion);
  }

  /** The calibrated plant, checked, with every default filled in. */
  get plant(): Plant {
    return readPlant(this.description);
  }

  /** Every parameter that was looked for. */
  get parameters(): readonly FittedParameter[] {
    return this.#state.parameters;
  }

  /** The value of a parameter by its name; undefined where these data did not ask for it. */
  value(name: string): number | undefined {
    return this.#state.parameters.find((parameter) => parameter.name === name)?.value;
  }

  /** Covariance of the parameters as they are searched (factors as logarithms), in their order, by rows. */
  get covariance(): readonly number[] {
    return this.#state.covariance;
  }

  /** Pairs of parameters that these data can't tell apart. */
  get ambiguities(): readonly Ambiguity[] {
    return this.#state.ambiguities;
  }

  /** Power of all modules at standard test conditions as the data show it, W, with its standard deviation. */
  get peakPower(): { readonly value: number; readonly sd: number } {
    return this.#state.peakPower;
  }

  /** Where the inverters cut off, W, and whether the data show it (else it is the description's). */
  get limit(): { readonly value: number; readonly seen: boolean } {
    return this.#state.limit;
  }

  /** How the plant stood at the end of the history. */
  get condition(): Condition {
    return this.#state.condition;
  }

  /** Dust: rate, present loss, cleanings; undefined where the history is too short. */
  get soiling(): SoilingFit | undefined {
    return this.#state.soiling ?? undefined;
  }

  /** Stretches of the history without output under light. */
  get outages(): readonly Outage[] {
    return this.#state.outages;
  }

  /** How well the model describes the history. */
  get diagnostics(): Diagnostics {
    return this.#state.diagnostics;
  }

  /** The learned correction; undefined where none was worth it. */
  get correction(): Correction | undefined {
    return this.#state.correction ?? undefined;
  }

  /** What a reader should know: clocks that are off, limits that were seen, parameters that stayed at their prior. */
  get notes(): readonly string[] {
    return this.#state.notes;
  }

  /** Where the light came from. */
  get lightSource(): Asked['source'] {
    return this.#state.asked.source;
  }

  /**
   * What the plant should give under the light of `frame`, with an interval: columns `acPower.expected`,
   * `acPower.lower`, `acPower.upper`, W; NaN where light is missing. With power alone the sky is taken as clear on the
   * average of the history.
   */
  predict(frame: Frame, options: PredictOptions = {}): Frame {
    const { asked, conversion, correction, spread, condition, clearness, limit } = this.#state;
    const { scene, response, shifts } = this.#respond(frame);
    let expected = Float64Array.from(response.power);
    if (correction !== null && options.correction !== false) {
      const factor = correctionFactor(correction, features(scene, response, shifts), frame.length);
      const most = conversion.inverters.reduce((sum, { pAc0 }) => sum + pAc0, 0);
      expected = expected.map((value, row) => Math.min(most, value * (factor[row] as number)));
    }
    const factor =
      (options.condition === 'now' ? condition.factor : 1) * (asked.source === 'clear-sky' ? clearness : 1);
    expected = expected.map((value) => Math.min(limit.value, value * factor));
    const { lower, upper } = intervalOf(spread, expected, options.level ?? 95, options.width);
    return new Frame(frame.time, {
      'acPower.expected': { data: expected, unit: 'W' },
      'acPower.lower': { data: lower, unit: 'W' },
      'acPower.upper': { data: upper, unit: 'W' },
    });
  }

  /** Power under a clear sky at `times` (ms since the epoch), W: the plant's clear-sky envelope. Needs the plant's place. */
  clearSky(times: Float64Array): Float64Array {
    const { state, layout } = { state: this.#state, layout: this.#layout };
    const scene = new Scene(this.#plant, new Frame(times, {}), times, state.asked.stepMinutes * 60_000, {
      source: 'clear-sky',
      knowsSite: state.knowsSite,
      useModuleTemperature: false,
    });
    return new Forward(this.#plant, layout, state.conversion).evaluate(this.#theta, scene).power;
  }

  #respond(frame: Frame) {
    const { asked, clock, conversion, knowsSite } = this.#state;
    const scene = new Scene(this.#plant, inStandardUnits(frame), frame.time, asked.stepMinutes * 60_000, {
      source: asked.source,
      knowsSite,
      useModuleTemperature: asked.measuresModule,
      clock: clock ?? undefined,
    });
    const response = new Forward(this.#plant, this.#layout, conversion).evaluate(this.#theta, scene);
    return { scene, response, shifts: this.shifts };
  }

  /** Minutes from the label of a row to the middle of what it measured, for the sun and for the light. */
  get shifts(): { sun: number; light: number } {
    const { timeShift, lightShift } = this.#layout;
    return {
      sun: timeShift < 0 ? 0 : (this.#theta[timeShift] as number),
      light: lightShift < 0 ? 0 : (this.#theta[lightShift] as number),
    };
  }

  /** The findings as a page of text. */
  toString(): string {
    const lines = [
      `${this.description.name ?? this.description.id}: ${this.#state.diagnostics.rowsUsed} rows, ` +
        `${(100 * this.#state.diagnostics.explained).toFixed(1)} % of the variance explained`,
      `peak power ${(this.peakPower.value / 1000).toFixed(2)} ± ${(this.peakPower.sd / 1000).toFixed(2)} kW`,
      ...this.parameters.map(
        ({ name, value, sd, unit, told }) =>
          `${name} ${tidy(value)} ± ${tidy(sd)}${unit === '1' ? '' : ` ${unit}`}${told < 0.5 ? ' (mostly as described)' : ''}`,
      ),
      ...this.ambiguities.map(({ text }) => text),
      ...this.notes,
    ];
    return lines.join('\n');
  }

  /** The calibration for JSON, from which `fromJSON` predicts the same to the bit. */
  toJSON(): CalibrationState {
    return this.#state;
  }

  /** @throws TwinergyError `CALIBRATION_BAD_STATE` */
  static fromJSON(state: CalibrationState): Calibration {
    if (state.formatVersion !== 1) {
      throw new TwinergyError(
        'CALIBRATION_BAD_STATE',
        `This is no calibration of format 1, got ${quote(state.formatVersion)}.`,
        { path: 'formatVersion', value: state.formatVersion },
      );
    }
    return new Calibration(state);
  }
}

const tidy = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3));

/** JSON has no infinity. */
export const finiteOrNot = (trust: Readonly<Record<string, number | 'infinite'>>): Trust =>
  Object.fromEntries(
    Object.entries(trust).map(([name, value]) => [name, value === 'infinite' ? Number.POSITIVE_INFINITY : value]),
  );

/** A value as it is told: factors out of their logarithms. */
export const toldValue = (value: number, scale: 'linear' | 'log') => (scale === 'log' ? exp(value) : value);
