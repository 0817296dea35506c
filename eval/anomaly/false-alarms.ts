import { Frame } from '../../src/core/frame.js';
import { Random } from '../../src/core/random.js';
import { AnomalyDetector } from '../../src/models/anomaly-detector.js';
import { plantTelemetry } from '../../src/models/detectors/index.js';
import type { NormalPlant } from './plants.js';

/** Rates asked for, independent data. */
const rates = [0.01, 0.001];
/** Draws of training and test data. */
const draws = 20;

/**
 * Alarms over stated alarms on independent normal rows (correlated Gaussian, skewed and discrete columns), default
 * engine, 3000 rows to learn from and 30,000 to judge in each of 20 draws; of the two rates the ratio farther from 1.
 */
export function falseAlarmRatioIid(say: (text: string) => void): number {
  const ratios = rates.map((falseAlarmRate) => {
    let alarms = 0;
    let rows = 0;
    for (let draw = 0; draw < draws; draw++) {
      const random = new Random(1000 + draw);
      const detector = new AnomalyDetector({ falseAlarmRate, seed: draw }).fit(independentRows(3000, random));
      for (const flag of detector.score(independentRows(30_000, random)).anomalous) alarms += flag;
      rows += 30_000;
    }
    const ratio = alarms / rows / falseAlarmRate;
    say(`false alarms, independent rows, stated ${falseAlarmRate}: ${ratio.toFixed(2)} times as many`);
    return ratio;
  });
  return farthest(ratios);
}

function independentRows(rows: number, random: Random): Frame {
  const columns = Array.from({ length: 5 }, () => new Float64Array(rows));
  const [power, voltage, wind, temperature, state] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < rows; i++) {
    const load = random.normal();
    power[i] = 5000 + 800 * load;
    voltage[i] = 400 - 3 * load + random.normal();
    wind[i] = random.gamma(2, 2);
    temperature[i] = 20 + 5 * random.normal();
    state[i] = random.int(4);
  }
  const time = Float64Array.from({ length: rows }, (_, i) => i * 60_000);
  const named = { power, voltage, wind, temperature, state };
  return new Frame(time, Object.fromEntries(Object.entries(named).map(([name, data]) => [name, { data, unit: '1' }])));
}

/**
 * The same on plants in operation: fitted on the first 40 % of each, the rest streamed with `adapt`, stated rate 0.01;
 * of the plants the ratio farthest from 1.
 */
export function falseAlarmRatioPlants(plants: readonly NormalPlant[], say: (text: string) => void): number {
  const falseAlarmRate = 0.01;
  const ratios = plants.map(({ name, frame, daily }) => {
    const features = daily ? ({ time: ['day'], lags: [1] } as const) : plantTelemetry().features;
    const options = { falseAlarmRate, adapt: 2000, drift: 'none', seed: 1 } as const;
    const learnt = Math.floor(0.4 * frame.length);
    const detector = new AnomalyDetector({ ...options, ...(features === undefined ? {} : { features }) });
    detector.fit(frame.sliceRows(0, learnt));
    let alarms = 0;
    let judged = 0;
    for (const { time, values } of frame.sliceRows(learnt).rows()) {
      const result = detector.update({ assetId: name, time, values });
      if (Number.isNaN(result.raw)) continue;
      judged++;
      if (result.anomalous) alarms++;
    }
    const ratio = alarms / judged / falseAlarmRate;
    say(`false alarms, ${name}, ${judged} rows, stated ${falseAlarmRate}: ${ratio.toFixed(2)} times as many`);
    return ratio;
  });
  return farthest(ratios);
}

function farthest(ratios: readonly number[]): number {
  return [...ratios].sort((a, b) => Math.abs(Math.log(b)) - Math.abs(Math.log(a)))[0] ?? Number.NaN;
}
