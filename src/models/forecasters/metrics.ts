/** How good forecasts were. Units are those of the target where nothing else is said. */
export interface ForecastMetrics {
  /** Number of values compared. */
  readonly count: number;
  /** Mean absolute error of the mean forecast. */
  readonly mae: number;
  /** Root mean square error of the mean forecast. */
  readonly rmse: number;
  /** RMSE over the mean absolute value of the target. */
  readonly nrmse: number;
  /** Mean error (forecast − measured). */
  readonly bias: number;
  /** MAE over that of the seasonal naive forecast on the same values (Hyndman & Koehler 2006). */
  readonly mase: number;
  /** Mean pinball loss over the quantiles of the levels and the median. */
  readonly pinball: number;
  /** Continuous ranked probability score, from 19 quantiles. */
  readonly crps: number;
  /** For each level (in %), the share of values inside its interval, in %. */
  readonly coverage: Readonly<Record<number, number>>;
  /** 1 − RMSE / RMSE of the baseline. */
  readonly skill: number;
}

/** The pinball loss of the quantile forecast `q` at `probability` (Koenker & Bassett 1978). */
export function pinballLoss(measured: number, q: number, probability: number): number {
  return measured >= q ? probability * (measured - q) : (1 - probability) * (q - measured);
}

/** Equally spaced probabilities at which the CRPS is integrated. */
export const CRPS_PROBABILITIES: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Sums up errors as forecasts come in. */
export class MetricsSum {
  readonly #levels: readonly number[];
  readonly #hits: number[];
  #count = 0;
  #absolute = 0;
  #square = 0;
  #error = 0;
  #size = 0;
  #naive = 0;
  #baselineSquare = 0;
  #pinball = 0;
  #crps = 0;

  /** @param levels of the intervals, in % */
  constructor(levels: readonly number[]) {
    this.#levels = levels;
    this.#hits = levels.map(() => 0);
  }

  /** Takes in one forecast and what was measured. `quantile(p)` is its quantile function. */
  add(
    measured: number,
    forecast: {
      readonly mean: number;
      readonly naive: number;
      readonly baseline: number;
      readonly lower: readonly number[];
      readonly upper: readonly number[];
      readonly quantile: (probability: number) => number;
    },
  ): void {
    const error = forecast.mean - measured;
    this.#count++;
    this.#absolute += Math.abs(error);
    this.#square += error * error;
    this.#error += error;
    this.#size += Math.abs(measured);
    this.#naive += Math.abs(forecast.naive - measured);
    this.#baselineSquare += (forecast.baseline - measured) ** 2;
    let loss = pinballLoss(measured, forecast.quantile(0.5), 0.5);
    this.#levels.forEach((level, i) => {
      const lower = forecast.lower[i] as number;
      const upper = forecast.upper[i] as number;
      const tail = (1 - level / 100) / 2;
      loss += pinballLoss(measured, lower, tail) + pinballLoss(measured, upper, 1 - tail);
      if (measured >= lower && measured <= upper) this.#hits[i] = (this.#hits[i] as number) + 1;
    });
    this.#pinball += loss / (2 * this.#levels.length + 1);
    let crps = 0;
    for (const p of CRPS_PROBABILITIES) crps += pinballLoss(measured, forecast.quantile(p), p);
    this.#crps += (2 * crps) / CRPS_PROBABILITIES.length;
  }

  /** The figures so far. With nothing compared, all are 0. */
  result(): ForecastMetrics {
    const n = Math.max(1, this.#count);
    const rmse = Math.sqrt(this.#square / n);
    const part = (value: number, of: number) => (of > 0 ? value / of : 0);
    return {
      count: this.#count,
      mae: this.#absolute / n,
      rmse,
      nrmse: part(rmse, this.#size / n),
      bias: this.#error / n,
      mase: part(this.#absolute, this.#naive),
      pinball: this.#pinball / n,
      crps: this.#crps / n,
      coverage: Object.fromEntries(this.#levels.map((level, i) => [level, (100 * (this.#hits[i] as number)) / n])),
      skill: this.#baselineSquare > 0 ? 1 - rmse / Math.sqrt(this.#baselineSquare / n) : 0,
    };
  }
}
