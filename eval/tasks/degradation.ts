import { existsSync } from 'node:fs';
import type { Figures, RunInput } from '../../bench/harness.js';
import { type Degradation, degradationRate } from '../../src/models/performance/index.js';
import { evaluateFolder } from '../degradation/plant.js';
import { knownPlant } from '../degradation/plants.js';

/**
 * How exactly the yearly rate of degradation is found: plants of the twin whose rate is known, −0.2…−1.5 %/a over five
 * years, with dust, outages and (every second one) an irradiance sensor that drifts. Rates and errors in percentage
 * points a year. `--plants N` (default 42), `--seed`. With `--data` the plant of a folder is analysed instead.
 */
export default function degradation({ data, options, say }: RunInput): Figures {
  if (data !== undefined && existsSync(data)) return evaluateFolder(data, options, say);
  if (data !== undefined) throw new Error(`There is no folder ${data}.`);
  const plants = Number(options.plants ?? 42);
  const seed = Number(options.seed ?? 1);
  const first = Number(options.first ?? 0);
  const scores = { sensor: new Score(), clearSky: new Score(), uncorrected: new Score() };
  for (let index = first; index < first + plants; index++) {
    const plant = knownPlant(index, seed);
    const { frame, ratedPower, acLimit } = plant;
    const found = degradationRate(frame, { ratedPower, acLimit, seed });
    const sky = found.clearSky;
    scores.sensor.add(found, plant.rate);
    if (sky !== null) scores.clearSky.add(sky, plant.rate);
    if (found.sensor !== null) scores.uncorrected.add(found.sensor, plant.rate);
    say(
      `${plant.name}: true ${percent(plant.rate)}, sensor ${line(found)}, clear sky ${sky === null ? '—' : line(sky)}, ` +
        `drift ${percent(plant.sensorDrift)} found ${percent(found.sensorDrift?.rate ?? 0)}, ` +
        `dust ${percent(found.sensor?.soilingLoss ?? 0)}`,
    );
  }
  return {
    plants,
    rate_mae: scores.sensor.error,
    coverage90: scores.sensor.coverage,
    rate_bias: scores.sensor.bias,
    clearsky_rate_mae: scores.clearSky.error,
    clearsky_coverage90: scores.clearSky.coverage,
    clearsky_rate_bias: scores.clearSky.bias,
    clearsky_plants: scores.clearSky.count,
    sensor_as_it_is_mae: scores.uncorrected.error,
  };
}

class Score {
  count = 0;
  #absolute = 0;
  #sum = 0;
  #held = 0;

  add({ rate, lower, upper }: Pick<Degradation, 'rate' | 'lower' | 'upper'>, truth: number): void {
    this.count++;
    this.#absolute += Math.abs(rate - truth);
    this.#sum += rate - truth;
    if (lower <= truth && truth <= upper) this.#held++;
  }

  get error(): number {
    return (100 * this.#absolute) / this.count;
  }

  get bias(): number {
    return (100 * this.#sum) / this.count;
  }

  get coverage(): number {
    return this.#held / this.count;
  }
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(2)} %`;
}

function line({ rate, lower, upper }: Pick<Degradation, 'rate' | 'lower' | 'upper'>): string {
  return `${percent(rate)} (${percent(lower)} … ${percent(upper)})`;
}
