import type { Figures, RunInput } from '../../bench/harness.js';
import { type LifeEngineName, lifeEngineNames, RULPredictor } from '../../src/models/index.js';
import { type CmapssSet, readCmapss, SETTINGS } from './cmapss.js';

/** Training lives are told apart up to here: the protocol of the literature (Heimes 2008). */
const CAP = 125;

/**
 * The protocol of the literature: learn from the training engines with remaining life capped at 125, answer at the last cycle
 * of each test engine. Test engines are looked at once, after everything is learned.
 */
export async function evaluateCmapss({ data = '', options, say }: RunInput): Promise<Figures> {
  const name = String(options.set ?? 'FD001');
  const set = readCmapss(data, name);
  const chosen = options.engine === undefined ? undefined : (String(options.engine) as LifeEngineName);
  const main = chosen ?? 'auto';
  const figures: Record<string, number | string | readonly (string | number)[]> = { set: name, engine: main };
  Object.assign(figures, await scored(set, main, say));
  if (chosen === undefined) {
    for (const engine of lifeEngineNames) {
      if (engine === 'auto') continue;
      const own = await scored(set, engine, say);
      for (const key of ['rmse_capped', 'rmse_raw', 'mae', 'phm08_score', 'coverage80', 'coverage95', 'train_s'])
        figures[`${engine.replaceAll('-', '_')}_${key}`] = own[key] as number;
    }
  }
  return figures;
}

async function scored(
  { train, test, truth }: CmapssSet,
  engine: LifeEngineName,
  say: RunInput['say'],
): Promise<Record<string, number>> {
  const began = performance.now();
  const predictor = new RULPredictor({ engine, unit: 1, settings: SETTINGS, cap: CAP, age: true, seed: 1 });
  await predictor.fitAsync(train);
  const trainSeconds = (performance.now() - began) / 1000;
  let capped = 0;
  let raw = 0;
  let absolute = 0;
  let phm08 = 0;
  const inside = new Map([50, 80, 95].map((level) => [level, 0]));
  test.forEach((frame, i) => {
    const left = truth[i] as number;
    const bounded = Math.min(CAP, left);
    const { mean, intervals, reason } = predictor.predict(frame);
    if (mean === null) throw new Error(`Test engine ${i + 1}: ${reason}`);
    capped += (mean - bounded) ** 2;
    raw += (mean - left) ** 2;
    absolute += Math.abs(mean - bounded);
    const late = mean - bounded;
    phm08 += Math.exp(late < 0 ? -late / 13 : late / 10) - 1;
    for (const { level, lower, upper } of intervals)
      if (bounded >= lower && bounded <= upper) inside.set(level, (inside.get(level) ?? 0) + 1);
  });
  const n = test.length;
  const result = {
    rmse_capped: Math.sqrt(capped / n),
    rmse_raw: Math.sqrt(raw / n),
    mae: absolute / n,
    phm08_score: phm08,
    coverage50: (100 * (inside.get(50) ?? 0)) / n,
    coverage80: (100 * (inside.get(80) ?? 0)) / n,
    coverage95: (100 * (inside.get(95) ?? 0)) / n,
    train_s: trainSeconds,
    regimes: predictor.regimes,
    test_engines: n,
  };
  say(
    `${engine.padEnd(18)} rmse ${result.rmse_capped.toFixed(2)} (raw ${result.rmse_raw.toFixed(2)})  mae ${result.mae.toFixed(2)}  phm08 ${phm08.toFixed(0)}  80 %: ${result.coverage80.toFixed(1)}  95 %: ${result.coverage95.toFixed(1)}  ${trainSeconds.toFixed(1)} s`,
  );
  if (predictor.candidates.length > 1)
    for (const { engine: tried, rmse, weight, seconds } of predictor.candidates)
      say(
        `  held out: ${tried.padEnd(18)} rmse ${rmse.toFixed(2)}  part ${weight.toFixed(2)}  ${seconds.toFixed(1)} s`,
      );
  return result;
}
