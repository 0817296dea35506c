import { readFileSync } from 'node:fs';
import type { Figures, RunInput } from '../../bench/harness.js';
import { Frame } from '../../src/core/frame.js';
import { type EngineName, Forecaster } from '../../src/models/index.js';

const HOUR = 36e5;
/** Hours of the three parts: 12, 4 and 4 months of 30 days. */
const TRAIN = 12 * 30 * 24;
const VALIDATE = 4 * 30 * 24;
const TEST = 4 * 30 * 24;

/**
 * The protocol of the long-horizon literature (Zhou et al. 2021): z-scores by the training part, weights learned on it,
 * settings chosen on the validation part, every window of the test part, all channels alike.
 */
export async function evaluateEtt({ data = '../shared/data/ett/ETTh1.csv', options, say }: RunInput): Promise<Figures> {
  const horizon = Number(options.horizon ?? 96);
  const engine = (options.engine ?? 'auto') as EngineName;
  // The protocol counts rows, not hours: gaps in the clock of the file, if there are any, are none here.
  const table = Frame.fromCsv(readFileSync(data, 'utf8'));
  const end = Math.min(table.length, TRAIN + VALIDATE + TEST);
  const start = Math.floor((table.time[0] as number) / HOUR) * HOUR;
  const time = Float64Array.from({ length: end }, (_, i) => start + i * HOUR);
  const at = (row: number) => start + row * HOUR;
  const channels = table.names.map(
    (name) => new Frame(time, { value: { data: scored(table.column(name).subarray(0, end)), unit: '1' } }),
  );

  const forecaster = new Forecaster({ engine, levels: [80], seed: 1 });
  const began = performance.now();
  await forecaster.fitAsync(
    channels.map((frame) => frame.slice(0, at(TRAIN + VALIDATE))),
    { target: 'value', step: HOUR, horizon: horizon * HOUR, holdoutFrom: at(TRAIN), refit: false },
  );
  const trainSeconds = (performance.now() - began) / 1000;
  for (const { engine: name, rmse, weight, seconds } of forecaster.candidates) {
    say(`${name.padEnd(22)} rmse ${rmse.toFixed(4)}  share ${weight.toFixed(2)}  ${seconds.toFixed(1)} s`);
  }

  let square = 0;
  let absolute = 0;
  let windows = 0;
  const predicting = performance.now();
  for (const frame of channels) {
    const values = frame.column('value');
    for (let row = TRAIN + VALIDATE; row + horizon <= end; row++) {
      const forecast = forecaster.predict({ history: frame, from: at(row) }).column('mean');
      for (let h = 0; h < horizon; h++) {
        const error = (forecast[h] as number) - (values[row + h] as number);
        square += error * error;
        absolute += Math.abs(error);
      }
      windows++;
    }
  }
  return {
    mse: square / (windows * horizon),
    mae: absolute / (windows * horizon),
    train_s: trainSeconds,
    predict_us: (1e3 * (performance.now() - predicting)) / windows,
    windows,
    engine,
  };
}

/** z-scores by mean and standard deviation of the training part. */
function scored(values: Float64Array): Float64Array {
  let mean = 0;
  for (let i = 0; i < TRAIN; i++) mean += (values[i] as number) / TRAIN;
  let variance = 0;
  for (let i = 0; i < TRAIN; i++) variance += ((values[i] as number) - mean) ** 2 / TRAIN;
  const deviation = Math.sqrt(variance) || 1;
  return values.map((value) => (value - mean) / deviation);
}
