import fc from 'fast-check';
import { examplePlant, type PlantDescription, readPlant } from 'twinergy/twin';
import { describe, expect, it } from 'vitest';
import { layOut, MODULE, rowPitch } from './layout.js';

const layoutOf = (description: PlantDescription) => layOut(readPlant(description));

const array = (over: Partial<PlantDescription['arrays'][number]> = {}) => ({
  tilt: 20,
  azimuth: 180,
  strings: 4,
  modulesPerString: 10,
  module: 'Canadian Solar CS3U-400MS',
  ...over,
});
const plantOf = (arrays: PlantDescription['arrays']): PlantDescription => ({
  ...examplePlant('roof'),
  arrays,
  inverters: [{ model: 'SunPower SPR-20000m-3' }],
});

const arrays = fc.array(
  fc.record({
    tilt: fc.integer({ min: 0, max: 60 }),
    azimuth: fc.integer({ min: 0, max: 359 }),
    strings: fc.integer({ min: 1, max: 12 }),
    modulesPerString: fc.integer({ min: 1, max: 20 }),
    mounting: fc.constantFrom('rack' as const, 'roof' as const),
  }),
  { minLength: 1, maxLength: 4 },
);

describe('layOut', () => {
  it('places each module of each string once, and together', () => {
    fc.assert(
      fc.property(arrays, (given) => {
        const plant = readPlant(plantOf(given.map((one) => array(one))));
        const { positions, stringOf, starts } = layOut(plant);
        const due = plant.arrays.reduce((sum, one) => sum + one.strings.length * one.modulesPerString, 0);
        expect(stringOf.length).toBe(due);
        expect(positions.length).toBe(3 * due);
        expect(starts.at(-1)).toBe(due);
        plant.strings.forEach((string, i) => {
          const first = stringOf.indexOf(i);
          const count = plant.arrays[string.array]?.modulesPerString ?? 0;
          expect([...stringOf.subarray(first, first + count)].every((other) => other === i)).toBe(true);
          expect(first).toBeGreaterThanOrEqual(starts[string.array] ?? 0);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('lets no two modules stand at one place, and all above the ground and within the bounds', () => {
    fc.assert(
      fc.property(arrays, (given) => {
        const { positions, bounds } = layoutOf(plantOf(given.map((one) => array(one))));
        const seen = new Set<string>();
        for (let i = 0; i < positions.length; i += 3) {
          const at = [positions[i], positions[i + 1], positions[i + 2]].map((value) => value ?? Number.NaN);
          expect(at[1]).toBeGreaterThan(0.3);
          at.forEach((value, axis) => {
            expect(value).toBeGreaterThanOrEqual((bounds.low[axis] ?? 0) - 1e-3);
            expect(value).toBeLessThanOrEqual((bounds.high[axis] ?? 0) + 1e-3);
          });
          // Half a module is the least distance along a row; modules of other rows are farther.
          seen.add(at.map((value) => Math.round(value * 2)).join());
        }
        expect(seen.size).toBe(positions.length / 3);
      }),
      { numRuns: 40 },
    );
  });

  it('sets the rows of trackers as far apart as their ground coverage says', () => {
    const { rows } = layoutOf(examplePlant('field'));
    const xs = [...new Set(rows.map(({ center }) => Math.round(center[0] * 100) / 100))].sort((a, b) => a - b);
    expect((xs[1] ?? 0) - (xs[0] ?? 0)).toBeCloseTo(MODULE.length / 0.35, 1);
  });

  it('lays modules on a pitched roof in its plane, and builds the house under them', () => {
    const { positions, buildings } = layoutOf(examplePlant('home'));
    expect(buildings).toHaveLength(1);
    expect(buildings[0]?.ridge).toBeDefined();
    const low = positions[1] ?? 0;
    const high = positions.at(-2) ?? 0;
    expect(high - low).toBeCloseTo((MODULE.length + 0.02) * Math.sin((35 * Math.PI) / 180), 3);
  });

  it('keeps the winter sun on the next row, and takes no more room than four modules', () => {
    expect(rowPitch(30, 40)).toBeGreaterThan(MODULE.length * Math.cos(Math.PI / 6));
    expect(rowPitch(30, 60)).toBeGreaterThan(rowPitch(30, 20));
    expect(rowPitch(90, 70)).toBe(4 * MODULE.length);
  });

  it('gives strings, inverters and the battery as parts to choose', () => {
    const { components } = layoutOf(examplePlant('home'));
    expect(components.map(({ id }) => id)).toEqual(['string1', 'string2', 'inverter1', 'battery']);
  });
});
