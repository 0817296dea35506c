import { describe, it } from 'vitest';
import { neuralLife } from '../neural/life.js';
import { boostingEngine } from './boosting-engine.js';
import { lifeChecks } from './contract.js';
import type { LifeEngine } from './engine.js';
import { prognosisEngine } from './prognosis-engine.js';
import { lifeEngineNames } from './registry.js';
import { survivalEngine } from './survival-engine.js';

const networks = ['lstm', 'tcn'] as const;
/** Trees that are few, so that growing them takes a moment. */
const small = [
  boostingEngine({ trees: 60 }),
  survivalEngine('weibull', { trees: 50 }),
  survivalEngine('cox', { trees: 50 }),
];
const direct = lifeEngineNames.filter((name) => !networks.some((network) => network === name));

describe.each(direct)('the contract: %s', (name) => {
  const engine = small.find((own) => own.name === name) ?? name;
  for (const { name, run } of lifeChecks(() => ({ engine }))) it(name, run);
});

describe.each(networks)('the contract: %s', (kind) => {
  // Small, so that training takes a moment; the answers are to be sane, not good.
  const size = kind === 'lstm' ? { units: 6, epochs: 5, examples: 160 } : { units: 8, epochs: 6, examples: 250 };
  const engine = neuralLife(kind, { ...size, batch: 32, learningRate: 0.03 });
  for (const { name, run } of lifeChecks(() => ({ engine }))) it(name, run);
});

describe('the contract: an engine of your own', () => {
  /** Template: the wear as it is now, and the mean growth of the fleet. */
  const template: LifeEngine = {
    name: 'straight-line',
    fit: (lives) => {
      const growth = lives.reduce((sum, { remaining }) => sum + 1 / ((remaining[0] as number) + 1), 0) / lives.length;
      return {
        outlook(course, rows) {
          const wear = Float64Array.from(rows, (row) => course.sums.at(-1)?.mean(Math.max(0, row - 5), row + 1) ?? 0);
          const center = wear.map((w) => Math.max(0, 1 - w) / growth);
          return { center, spread: center.map((value) => 0.3 * value + 1) };
        },
        toJSON: () => null,
      };
    },
  };
  for (const { name, run } of lifeChecks(() => ({ engine: template }), { transient: true })) it(name, run);
});

describe('the contract: the prognosis of another model', () => {
  const engine = prognosisEngine((history) => {
    // Vibration goes from 1 to 5 with the square of the time.
    const vibration = history.column('vibration');
    const recent = vibration.subarray(-8).filter(Number.isFinite);
    // Without a look at the vibration it may be anywhere.
    const level = recent.length === 0 ? 2 : recent.reduce((sum, value) => sum + value, 0) / recent.length;
    const used = Math.sqrt(Math.max(0.02, (level - 1) / 4));
    const left = history.length * (1 / used - 1);
    return { days: Float64Array.from({ length: 50 }, (_, k) => left * (0.8 + 0.008 * k)) };
  });
  for (const { name, run } of lifeChecks(() => ({ engine }), { transient: true })) it(name, run);
});
