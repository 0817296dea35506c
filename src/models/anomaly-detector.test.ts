import { describe, expect, it } from 'vitest';
import { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import { AnomalyDetector } from './anomaly-detector.js';

/** Voltage and current that go together, and a channel on its own. */
function normalFrame(rows: number, seed: number): Frame {
  const random = new Random(seed);
  const time = Float64Array.from({ length: rows }, (_, i) => i * 60_000);
  const voltage = new Float64Array(rows);
  const current = new Float64Array(rows);
  const wind = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const load = random.normal();
    voltage[i] = 400 + 5 * load;
    current[i] = 10 + load + 0.2 * random.normal();
    wind[i] = Math.abs(random.normal());
  }
  return new Frame(time, {
    voltage: { data: voltage, unit: 'V' },
    current: { data: current, unit: 'A' },
    wind: { data: wind, unit: 'm/s' },
  });
}

const reading = (voltage: number, time = 0) => ({ assetId: 'a', time, values: { voltage, current: 10, wind: 0.5 } });

describe('AnomalyDetector', () => {
  it('judges a reading far from normal, and says why in a sentence', () => {
    const detector = new AnomalyDetector({ seed: 1 }).fit(normalFrame(2000, 1));
    const result = detector.update(reading(330));
    expect(result.anomalous).toBe(true);
    expect(result.score).toBeGreaterThan(0.5);
    expect(result.pValue).toBeLessThan(0.001);
    expect(result.contributions[0]?.channel).toBe('voltage');
    expect(String(detector.explain(reading(330)))).toMatch(/^voltage is 1[78] % below normal \(330 V, normally/);
    expect(detector.update(reading(400)).anomalous).toBe(false);
  });

  it('goes on to the bit after toJSON and fromJSON', () => {
    const detector = new AnomalyDetector({
      seed: 1,
      features: { lags: [1], rolling: [{ window: 4, statistic: 'mean' }] },
    });
    detector.fit(normalFrame(1500, 2));
    for (let i = 0; i < 10; i++) detector.update(reading(395 + i, i));
    const copy = AnomalyDetector.fromJSON(JSON.parse(JSON.stringify(detector.toJSON())));
    for (let i = 10; i < 20; i++)
      expect(copy.update(reading(395 + i, i))).toEqual(detector.update(reading(395 + i, i)));
  });
});
