import { expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { readySolarLife } from './index.js';

/** Daily figures of a plant whose inverters lose `loss` of their efficiency a day. */
function days(count: number, loss: number): Frame {
  const random = new Random(5);
  const time = Float64Array.from({ length: count }, (_, i) => i * 86_400_000);
  const near = (level: (day: number) => number) => ({
    data: time.map((_, day) => level(day) + 0.003 * random.normal()),
    unit: '1',
  });
  const sound = near(() => 1);
  return new Frame(time, {
    yieldRatio: near((day) => 1 - loss * day),
    dcRatio: sound,
    dcRatioBright: sound,
    dcRatioDim: sound,
    currentRatio: sound,
    voltageRatio: near(() => 1),
    conversionRatio: near((day) => 1 - loss * day),
    efficiency: near((day) => 0.96 * (1 - loss * day)),
    shuntLeak: near(() => 0),
    voltageMissing: near(() => 0),
    testedCapacity: { data: time.map(() => Number.NaN), unit: '1' },
  });
}

it('gives a sensible answer with nothing learned: a wearing inverter has less time than a sound one, and is named', () => {
  const ready = readySolarLife();
  const sound = ready.predict(days(40, 0));
  const worn = ready.predict(days(60, 0.0008));
  expect(worn.median).toBeLessThan(60);
  expect(sound.median as number).toBeGreaterThan(2 * (worn.median as number));
  expect(worn.fault).toBe('inverter-efficiency');
  expect(worn.failureWithin?.[30]).toBeGreaterThan(sound.failureWithin?.[30] as number);
  expect(ready.explain(days(60, 0.0008)).byChannel[0]?.channel).toMatch(/conversion|yieldRatio/);
});
