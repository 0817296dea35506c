import { expect, it } from 'vitest';
import { RULPredictor } from '../models/index.js';
import { pumps } from '../models/rul/contract.js';
import { DigitalTwin, examplePlant } from '../twin/index.js';
import { readablePrior, savePrior, trainPrior } from './prior-models.js';

it('takes stored models only where they look at figures of wear that are still made', async () => {
  const twin = new DigitalTwin(examplePlant());
  const saved = savePrior(await trainPrior(twin, { soundDays: 4 }));
  expect(readablePrior(saved, twin)).toBe(saved);
  expect(readablePrior({ ...saved, predictor: null }, twin)).toBeDefined();
  // As a release left it that measured other figures.
  const predictor = new RULPredictor({ seed: 1, window: 12 }).fit(pumps(8, 1, 60)).toJSON();
  expect(readablePrior({ ...saved, predictor }, twin)).toBeUndefined();
  expect(readablePrior('no models', twin)).toBeUndefined();
});
