import type { Frame } from '../core/index.js';

const HOUR = 3_600_000;

/** A measured value further than this from the target time says nothing about the forecast, ms. */
const TOLERANCE = 900_000;

/** Forecasts of an asset that wait for their truth, at most. */
const MOST = 8;

/** How forecasts of late came true. */
export interface ForecastAccuracy {
  /** Forecasts that were compared. */
  readonly count: number;
  /** Mean of |median − measured| over mean |measured|, an hour ahead; null before any. */
  readonly error: number | null;
  /** Share of measured values within the 80 % interval; null before any. */
  readonly coverage80: number | null;
}

interface Expected {
  readonly time: number;
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** Compares what was forecast for an hour ahead with what was measured then. Forgets with a memory of about 1,000. */
export class ForecastScore {
  readonly #waiting = new Map<string, Expected[]>();
  #count = 0;
  #error = 0;
  #level = 0;
  #covered = 0;

  /** A forecast of an asset made at `time`, ms since the epoch. */
  made(assetId: string, time: number, forecast: Frame): void {
    const row = forecast.indexAt(time + HOUR);
    if (row >= forecast.length || !forecast.has('lower80')) return;
    const of = (name: string) => forecast.column(name)[row] as number;
    const own = this.#waiting.get(assetId) ?? [];
    this.#waiting.set(assetId, own);
    own.push({
      time: forecast.time[row] as number,
      median: of('median'),
      lower: of('lower80'),
      upper: of('upper80'),
    });
    if (own.length > MOST) own.shift();
  }

  /** What an asset's output was at `time`. */
  measured(assetId: string, time: number, output: number | undefined): void {
    const own = this.#waiting.get(assetId);
    while (own !== undefined && own[0] !== undefined && own[0].time <= time) {
      const { time: wanted, median, lower, upper } = own.shift() as Expected;
      if (output === undefined || time - wanted > TOLERANCE || !Number.isFinite(output + median)) continue;
      const weight = 1 / Math.min(++this.#count, 1000);
      this.#error += (Math.abs(median - output) - this.#error) * weight;
      this.#level += (Math.abs(output) - this.#level) * weight;
      this.#covered += (Number(output >= lower && output <= upper) - this.#covered) * weight;
    }
  }

  accuracy(): ForecastAccuracy {
    return {
      count: this.#count,
      error: this.#level > 0 ? this.#error / this.#level : null,
      coverage80: this.#count > 0 ? this.#covered : null,
    };
  }
}
