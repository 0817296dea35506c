import { expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { AnomalyDetector } from '../anomaly-detector.js';
import { type AutoencoderState, autoencoder } from './autoencoder.js';

it('learns how channels go together, and goes on after it was stored', async () => {
  const random = new Random(1);
  const columns = Array.from({ length: 4 }, () => new Float64Array(400));
  for (let i = 0; i < 400; i++) {
    const load = random.normal();
    columns.forEach((column, j) => {
      column[i] = (j % 2 === 0 ? load : -load) + 0.1 * random.normal();
    });
  }
  const time = Float64Array.from({ length: 400 }, (_, i) => i);
  const frame = new Frame(time, Object.fromEntries(columns.map((data, j) => [`c${j}`, { data, unit: '1' }])));
  const engine = autoencoder({ epochs: 30, seed: 1, backend: 'cpu', units: [2] });
  const detector = new AnomalyDetector({ engine, falseAlarmRate: 0.01 });
  expect(() => detector.fit(frame)).toThrow(/asynchronously/);
  await detector.fitAsync(frame);
  const broken = { assetId: 'a', time: 0, values: { c0: 1.5, c1: 1.5, c2: 1.5, c3: -1.5 } };
  const sound = { assetId: 'a', time: 1, values: { c0: 1.5, c1: -1.5, c2: 1.5, c3: -1.5 } };
  const judged = detector.update(broken);
  expect(judged.anomalous).toBe(true);
  expect(detector.update(sound).pValue).toBeGreaterThan(judged.pValue);
  const stored = JSON.parse(JSON.stringify(detector.toJSON()));
  const copy = AnomalyDetector.fromJSON(stored, autoencoder({}, stored.state.engine as AutoencoderState));
  expect(copy.update(broken).raw).toBe(detector.update(broken).raw);
});
