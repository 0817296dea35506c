import { TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import { exp } from '../../core/math/index.js';
import { dustModel } from './dust.js';
import {
  clearSkyNormalised,
  type NormalisedDays,
  type PerformanceColumns,
  type PlantRating,
  sensorNormalised,
} from './normalise.js';
import { YEAR } from './season.js';
import { type Rate, type YearOnYearOptions, yearOnYear } from './year-on-year.js';

/** Options of `degradationRate`. */
export interface DegradationOptions extends PerformanceColumns, PlantRating, YearOnYearOptions {
  /** Whether dust is taken out before years are compared (default), or kept. */
  readonly soiling?: 'remove' | 'keep' | undefined;
}

/** The rate by one normalisation. */
export interface NormalisedRate extends Rate {
  /** Days that were compared. */
  readonly days: number;
  /** Dust: loss that a dry day adds, and the mean loss, as fractions; 0 where the series does not speak of dust. */
  readonly soilingRate: number;
  readonly soilingLoss: number;
}

/** How fast a plant ages. Rates are fractions a year of the power at the beginning; −0.005 is −0.5 %/a. */
export interface Degradation {
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
  readonly standardError: number;
  /** Confidence level of the interval, %. */
  readonly level: number;
  /** What `rate` rests on: the irradiance sensor (put right by the clear sky where it drifts), or the clear sky alone. */
  readonly method: 'sensor' | 'clear-sky';
  /** By the irradiance sensor as it is; null where there is none. */
  readonly sensor: NormalisedRate | null;
  /** By the clear sky, without the sensor; null where no clear sky was given or too few days were clear. */
  readonly clearSky: NormalisedRate | null;
  /** Drift of the sensor against the clear sky, fraction a year, and the probability that it drifts at all; null where it cannot be told. */
  readonly sensorDrift: (Rate & { readonly probability: number }) | null;
}

/** How often irradiance sensors drift, and by how much a year when they do (standard deviation). */
const DRIFT = { share: 0.5, spread: 0.005 } as const;
/** Share of the mean dust by which what is left of it may differ between the first and the last year. */
const DUST_LEFT = 0.08;
/**
 * By how much the level itself may differ between the first and the last year for what the days cannot show (dust that was
 * taken for a season, haze, clear weather that was none): under a sensor, and under a clear sky with the warmth of the
 * modules as its witness and without. `drift` is that of a sensor against the clear sky, where there is no dust.
 * Found on simulated plants of known rate; that under a sensor by greatest likelihood, as blocks of residuals do not show
 * what is off for years: without it, errors are a quarter greater than the bootstrap says.
 */
const LEVEL_LEFT = {
  sensor: 0.0022,
  clearSky: { witnessed: 0.005, alone: 0.01 },
  drift: { witnessed: 0.001, alone: 0.005 },
} as const;

/**
 * The yearly rate of degradation, year on year, after normalisation by a measured irradiance and by a clear sky, with
 * dust taken out. A sensor that drifts makes a plant look as if it aged faster or slower; where a clear sky is given, the
 * sensor is held against it, and as much of its drift as the evidence is worth is taken back.
 *
 * Columns: `acPower`, and `poaGlobal` (measured) or `clearSkyPoa` (computed) or both; temperatures where there are any.
 * Two years at least say something; five say it to about a tenth of a percent a year.
 * @throws TwinergyError `DEGRADATION_NO_LIGHT`, `DEGRADATION_TOO_SHORT`, `PERFORMANCE_BAD_RATING`
 */
export function degradationRate(frame: Frame, options: DegradationOptions): Degradation {
  const hasSensor = frame.has(options.irradiance ?? 'poaGlobal');
  const hasSky = frame.has(options.clearSky ?? 'clearSkyPoa');
  if (!hasSensor && !hasSky) {
    throw new TwinergyError('DEGRADATION_NO_LIGHT', 'There is neither a measured irradiance nor a clear sky.', {
      path: 'irradiance',
      hint: 'Name the columns with `irradiance` or `clearSky`.',
    });
  }
  const sensor = hasSensor ? rateOf(sensorNormalised(frame, options, options), options, LEVEL_LEFT.sensor) : null;
  const optional = <Result>(work: () => Result): Result | null => {
    try {
      return work();
    } catch (error) {
      // Too little clear weather is no reason to give up on the sensor.
      if (hasSensor && error instanceof TwinergyError && error.code === 'DEGRADATION_TOO_SHORT') return null;
      throw error;
    }
  };
  const clearSky = hasSky
    ? optional(() => {
        const days = clearSkyNormalised(frame, options, options);
        return rateOf(days, options, LEVEL_LEFT.clearSky[days.witnessed ? 'witnessed' : 'alone']);
      })
    : null;
  const drift =
    hasSensor && hasSky
      ? optional(() => {
          const days = clearSkyNormalised(frame, options, options, options.irradiance ?? 'poaGlobal');
          return widened(yearOnYear(days, options), days, LEVEL_LEFT.drift[days.witnessed ? 'witnessed' : 'alone']);
        })
      : null;
  const sensorDrift = drift === null ? null : { ...drift, ...believedDrift(drift) };
  if (sensor === null) {
    const { rate, lower, upper, standardError, level } = clearSky as NormalisedRate;
    return { rate, lower, upper, standardError, level, method: 'clear-sky', sensor, clearSky, sensorDrift: null };
  }
  const { mean = 0, variance = 0, probability = 0 } = sensorDrift ?? {};
  const standardError = Math.sqrt(sensor.standardError ** 2 + variance);
  const half = standardError * ((sensor.upper - sensor.lower) / 2 / sensor.standardError);
  const rate = sensor.rate + mean;
  return {
    rate,
    lower: rate - half,
    upper: rate + half,
    standardError,
    level: sensor.level,
    method: 'sensor',
    sensor,
    clearSky,
    sensorDrift: drift === null ? null : { ...drift, probability },
  };
}

/** The rate of a daily series, dust taken out, with an interval that also says what dust and `levelLeft` leave open. */
function rateOf(days: NormalisedDays, options: DegradationOptions, levelLeft: number): NormalisedRate {
  const dust = options.soiling === 'keep' ? { rate: 0, loss: new Float64Array(days.day.length) } : dustModel(days);
  const clean = { day: days.day, value: days.value.map((v, i) => v / (1 - (dust.loss[i] as number))) };
  const soilingLoss = dust.loss.reduce((sum, loss) => sum + loss, 0) / dust.loss.length;
  const left = Math.sqrt((DUST_LEFT * soilingLoss) ** 2 + levelLeft ** 2);
  return {
    ...widened(yearOnYear(clean, options), days, left),
    days: days.day.length,
    soilingRate: dust.rate,
    soilingLoss,
  };
}

/** A rate whose interval also holds a difference of `left` (standard deviation) between the first and the last day. */
function widened(found: Rate, { day }: NormalisedDays, left: number): Rate {
  const years = ((day[day.length - 1] as number) - (day[0] as number)) / YEAR;
  const standardError = Math.sqrt(found.standardError ** 2 + (left / years) ** 2);
  const wider = found.standardError > 0 ? standardError / found.standardError : 1;
  return {
    ...found,
    lower: found.rate - (found.rate - found.lower) * wider,
    upper: found.rate + (found.upper - found.rate) * wider,
    standardError,
  };
}

/**
 * What to believe of a measured drift d ± s: a sensor either does not drift at all, or by a normal amount (spike and
 * slab). Small drifts within their error are taken for none, clear ones at nearly their full size.
 */
function believedDrift({ rate: d, standardError }: Rate): { mean: number; variance: number; probability: number } {
  const s2 = standardError * standardError;
  const t2 = DRIFT.spread * DRIFT.spread;
  const normal = (variance: number) => exp((-0.5 * d * d) / variance) / Math.sqrt(variance);
  const slab = DRIFT.share * normal(s2 + t2);
  const probability = slab / (slab + (1 - DRIFT.share) * normal(s2));
  const m = (d * t2) / (t2 + s2);
  const v = (t2 * s2) / (t2 + s2);
  const mean = probability * m;
  return { mean, variance: probability * (v + m * m) - mean * mean, probability };
}
