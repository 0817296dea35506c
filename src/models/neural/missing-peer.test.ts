import { expect, it, vi } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Forecaster } from '../forecaster.js';

// As where the optional package is not installed.
vi.mock('@tensorflow/tfjs', () => {
  throw new Error("Cannot find package '@tensorflow/tfjs'");
});

const HOUR = 36e5;

it('without TensorFlow.js the random forest stands in for the LSTM, says so once, and survives JSON', async () => {
  const time = Float64Array.from({ length: 20 * 24 }, (_, i) => i * HOUR);
  const load = time.map((_, i) => 10 + 3 * Math.sin((2 * Math.PI * i) / 24));
  const frame = new Frame(time, { load: { data: load, unit: 'kW' } });
  const notices: string[] = [];
  const options = { engine: 'lstm', seed: 1, onNotice: (text: string) => notices.push(text) } as const;
  const task = { target: 'load', horizon: '3h' } as const;
  const forecaster = await new Forecaster(options).fitAsync(frame, task);
  await new Forecaster(options).fitAsync(frame, task);
  expect(notices).toHaveLength(1);
  expect(notices[0]).toMatch(/npm install @tensorflow\/tfjs|optional package "@tensorflow\/tfjs"/);
  expect(notices[0]).toContain('random forest stands in for "lstm"');
  const forest = new Forecaster({ engine: 'random-forest', seed: 1 }).fit(frame, task);
  expect([...forecaster.predict().rows()]).toEqual([...forest.predict().rows()]);
  const copy = Forecaster.fromJSON(JSON.parse(JSON.stringify(forecaster)));
  expect([...copy.predict().rows()]).toEqual([...forecaster.predict().rows()]);
});
