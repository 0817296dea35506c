import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import { AnomalyDetector } from './anomaly-detector.js';
import { plantTelemetry } from './detectors/presets.js';

const minute = 60_000;

/** Voltage and current that go together, and a channel on its own. */
function normalFrame(rows: number, seed: number): Frame {
  const random = new Random(seed);
  const time = Float64Array.from({ length: rows }, (_, i) => i * minute);
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

  it('finds a broken correlation by principal components, though each channel is within its range', () => {
    const detector = new AnomalyDetector({ engine: 'pca', seed: 1 }).fit(normalFrame(2000, 1));
    const broken = { assetId: 'a', time: 0, values: { voltage: 408, current: 8.4, wind: 0.5 } };
    expect(detector.update(broken).anomalous).toBe(true);
  });

  it('keeps the stated false-alarm rate on independent rows within 1.3', () => {
    const falseAlarmRate = 0.01;
    let alarms = 0;
    for (let seed = 0; seed < 8; seed++) {
      const detector = new AnomalyDetector({ falseAlarmRate, seed, engineOptions: { trees: 50 } });
      detector.fit(normalFrame(3000, 10 + seed));
      for (const flag of detector.score(normalFrame(6000, 100 + seed)).anomalous) alarms += flag;
    }
    const ratio = alarms / (8 * 6000 * falseAlarmRate);
    expect(ratio).toBeGreaterThan(1 / 1.3);
    expect(ratio).toBeLessThan(1.3);
  });

  it('gives a stream the features of a batch: same raw scores', () => {
    const options = fc.record({
      lags: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
      differences: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
      window: fc.integer({ min: 2, max: 9 }),
      smoothing: fc.integer({ min: 1, max: 4 }),
      time: fc.subarray(['day', 'week', 'year'] as const),
    });
    const train = normalFrame(120, 3);
    const test = normalFrame(40, 4);
    fc.assert(
      fc.property(options, ({ lags, differences, window, smoothing, time }) => {
        const statistics = ['mean', 'deviation', 'minimum', 'maximum', 'slope'] as const;
        const rolling = statistics.map((statistic) => ({ window, statistic }));
        const features = { lags, differences, rolling, time };
        const detector = new AnomalyDetector({ engine: 'gaussian-mixture', features, smoothing }).fit(train);
        const batch = detector.score(test).raw;
        let i = 0;
        for (const { time: at, values } of test.rows()) {
          const peeked = smoothing === 1 ? detector.explain({ assetId: 'a', time: at, values }).pValue : undefined;
          const result = detector.update({ assetId: 'a', time: at, values });
          expect(result.raw).toBeCloseTo(batch[i++] as number, 9);
          if (peeked !== undefined) expect(peeked).toBe(result.pValue);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('does not judge masked rows, night rows, nor channels with a quality flag', () => {
    const frame = normalFrame(500, 5);
    const mask = Float64Array.from(frame.time, (_, i) => (i >= 100 && i < 200 ? 1 : 0));
    const sun = Float64Array.from(frame.time, (_, i) => (i % 2 === 0 ? 0 : 500));
    const wild = frame.column('voltage').map((v, i) => (mask[i] === 1 || sun[i] === 0 ? 9999 : v));
    const data = frame
      .withColumn('voltage', wild, 'V')
      .withColumn('maintenance', mask, '1')
      .withColumn('irradiance', sun, 'W/m²');
    const options = { mask: 'maintenance', night: { channel: 'irradiance', below: 20 }, falseAlarmRate: 0.01 };
    const detector = new AnomalyDetector({ channels: ['voltage', 'current', 'wind'], ...options }).fit(data);
    const { pValue, anomalous } = detector.score(data);
    expect(pValue[150]).toBe(1);
    expect(pValue[300]).toBe(1);
    expect(anomalous.reduce((sum, flag) => sum + flag, 0)).toBeLessThan(15);
    const values = { voltage: 300, current: 10, wind: 0.5, irradiance: 500 };
    expect(detector.update({ assetId: 'a', time: 1, values }).anomalous).toBe(true);
    expect(detector.update({ assetId: 'a', time: 2, values: { ...values, irradiance: 0 } }).pValue).toBe(1);
    expect(detector.update({ assetId: 'a', time: 3, values: { ...values, maintenance: 1 } }).pValue).toBe(1);
    expect(detector.update({ assetId: 'a', time: 4, values, quality: { voltage: 2 } }).anomalous).toBe(false);
  });

  it('joins anomalous rows into intervals with peak and channels', () => {
    const frame = normalFrame(400, 6);
    const faulty = frame
      .column('voltage')
      .map((v, i) => (i >= 100 && i < 110 && i !== 104 ? v - 60 - (i === 107 ? 20 : 0) : v));
    const detector = new AnomalyDetector({ engine: 'pca', falseAlarmRate: 1e-5 }).fit(normalFrame(2000, 7));
    const [interval, ...others] = detector.intervals(frame.withColumn('voltage', faulty, 'V'));
    expect(others).toEqual([]);
    expect(interval).toMatchObject({ start: 100 * minute, end: 109 * minute, rows: 9 });
    expect(interval?.peak.time).toBe(107 * minute);
    expect(interval?.channels).toContain('voltage');
  });

  it('sets the threshold by contamination: that share of the training rows is beyond it', () => {
    const train = normalFrame(1000, 8);
    const detector = new AnomalyDetector({ threshold: { contamination: 0.05 }, calibration: 'none' }).fit(train);
    const flagged = detector.score(train).anomalous.reduce((sum, flag) => sum + flag, 0);
    expect(flagged).toBeGreaterThan(40);
    expect(flagged).toBeLessThan(55);
  });

  it('says when a stream has changed, and knows the new and the old normal after a refit', () => {
    const detector = new AnomalyDetector({ engine: 'knn', seed: 1, falseAlarmRate: 0.001 }).fit(normalFrame(1500, 9));
    const shifted = normalFrame(800, 10);
    const changed = shifted.withColumn(
      'wind',
      shifted.column('wind').map((w) => w + 6),
      'm/s',
    );
    let drift = false;
    for (const { time, values } of changed.rows()) drift ||= detector.update({ assetId: 'a', time, values }).drift;
    expect(drift).toBe(true);
    detector.refit(changed);
    const share = (frame: Frame) => detector.score(frame).anomalous.reduce((sum, flag) => sum + flag, 0) / frame.length;
    expect(share(changed)).toBeLessThan(0.02);
    expect(share(normalFrame(300, 11))).toBeLessThan(0.1);
  });

  it('leaves the level of drifting channels out for plants, and no other', () => {
    const frame = normalFrame(400, 12);
    const warming = Float64Array.from(frame.time, (_, i) => 20 + i / 40);
    const train = frame.withColumn('temperature', warming, '°C');
    const later = normalFrame(400, 13).withColumn(
      'temperature',
      warming.map((t) => t + 10),
      '°C',
    );
    const detector = new AnomalyDetector({ ...plantTelemetry(), falseAlarmRate: 0.01 }).fit(train);
    const flagged = detector.score(later).anomalous.reduce((sum, flag) => sum + flag, 0);
    expect(flagged).toBeLessThan(40);
  });

  it('takes 10,000 columns', () => {
    const random = new Random(1);
    const time = Float64Array.from({ length: 30 }, (_, i) => i);
    const columns = Array.from({ length: 10_000 }, (_, j) => {
      return [`c${j}`, { data: Float64Array.from(time, () => random.normal()), unit: '1' }] as const;
    });
    const frame = new Frame(time, new Map(columns));
    for (const engine of ['isolation-forest', 'pca', 'auto'] as const) {
      const { pValue } = new AnomalyDetector({ engine, calibration: 'none' }).fit(frame).score(frame);
      expect(pValue.every((p) => p > 0 && p <= 1)).toBe(true);
    }
  });

  it('refuses options that make no sense, and stored models that were changed', () => {
    expect(() => new AnomalyDetector({ falseAlarmRate: 0 })).toThrow(/falseAlarmRate must be/);
    expect(() => new AnomalyDetector({ smoothing: 1.5 })).toThrow(/smoothing must be/);
    expect(() => new AnomalyDetector({ adapt: 3 })).toThrow(/adapt must be/);
    expect(() => new AnomalyDetector({ engine: 'magic' as 'pca' })).toThrow(/no engine "magic"/);
    const stored = new AnomalyDetector({ engine: 'ecod' }).fit(normalFrame(50, 1)).toJSON();
    const changed = { ...stored, state: { ...stored.state, threshold: 'AAAA' } };
    expect(() => AnomalyDetector.fromJSON(changed)).toThrow(/checksum/);
  });

  it('can be fitted without blocking, with progress, and aborted', async () => {
    const steps: string[] = [];
    const options = { onProgress: ({ phase }: { phase: string }) => void steps.push(phase) };
    const detector = await new AnomalyDetector({ engine: 'mset' }).fitAsync(normalFrame(1200, 2), options);
    expect(steps.length).toBeGreaterThan(0);
    expect(detector.update(reading(300)).anomalous).toBe(true);
    const aborted = new AnomalyDetector().fitAsync(normalFrame(50, 1), { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
