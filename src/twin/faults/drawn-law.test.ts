import { expect, it } from 'vitest';
import { Random } from '../../core/index.js';
import { DigitalTwin, examplePlant } from '../index.js';
import { drawnLaw, type LawChoice, WEAR_LAWS } from './drawn-law.js';

/** How often each law comes up. */
function counts(choice: LawChoice | undefined): Record<string, number> {
  const random = new Random(3);
  const result: Record<string, number> = {};
  for (let i = 0; i < 4000; i++) {
    const { law } = drawnLaw(random, 'linear', choice);
    result[law] = (result[law] ?? 0) + 1;
  }
  return result;
}

it('draws half of the laws after the catalogue, and the others from all', () => {
  const drawn = counts(undefined);
  expect(Object.keys(drawn).sort()).toEqual([...WEAR_LAWS].sort());
  expect(Math.abs((drawn.linear as number) - 2500)).toBeLessThan(150);
  for (const law of ['exponential', 'gamma', 'wiener'])
    expect(Math.abs((drawn[law] as number) - 500)).toBeLessThan(100);
});

it('keeps to the catalogue, or to a list, where it is told', () => {
  expect(counts('catalogue')).toEqual({ linear: 4000 });
  expect(Object.keys(counts(['gamma', 'wiener'])).sort()).toEqual(['gamma', 'wiener']);
});

it('a fleet says by which law each fault grew, and refuses to draw from none', () => {
  const twin = new DigitalTwin(examplePlant());
  const options = { fleet: 2, seed: 1, days: [30, 60] as const, faults: ['inverter-efficiency'] };
  expect(twin.runToFailure({ ...options, laws: 'catalogue' }).map(({ law }) => law)).toEqual(['linear', 'linear']);
  expect(twin.runToFailure({ ...options, laws: ['exponential'] })[0]?.law).toBe('exponential');
  expect(() => twin.runToFailure({ ...options, laws: [] })).toThrow(
    expect.objectContaining({ code: 'TWIN_BAD_FLEET' }),
  );
});
