import fc from 'fast-check';
import { examplePlant, readPlant } from 'twinergy/twin';
import { describe, expect, it } from 'vitest';
import { orientation, sunAt, sunPath, trackerRotation } from './sun.js';
import { cross } from './vector.js';

const munich = readPlant(examplePlant('home')).site;
const field = readPlant(examplePlant('field'));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('sunAt', () => {
  it('stands in the south at noon, in the east in the morning, and below the ground at night', () => {
    const noon = sunAt(Date.parse('2026-06-21T11:15:00Z'), munich);
    expect(noon.elevation).toBeCloseTo(90 - 48.14 + 23.44, 0);
    expect(noon.direction[2]).toBeGreaterThan(0.4);
    expect(Math.abs(noon.direction[0])).toBeLessThan(0.05);
    expect(sunAt(Date.parse('2026-06-21T05:00:00Z'), munich).direction[0]).toBeGreaterThan(0.8);
    expect(sunAt(Date.parse('2026-06-21T23:00:00Z'), munich).direction[1]).toBeLessThan(0);
  });

  it('has a way of the day that begins in the east and ends in the west', () => {
    const path = sunPath(Date.parse('2026-03-20T00:00:00+01:00'), munich);
    expect(path.length).toBeGreaterThan(45);
    expect(path.length).toBeLessThan(53);
    expect(path[0]?.[0]).toBeGreaterThan(0.9);
    expect(path.at(-1)?.[0]).toBeLessThan(-0.9);
  });
});

describe('orientation', () => {
  it('is a right-handed set of unit vectors for any plane and any turn', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 0, max: 360 }),
        fc.integer({ min: -60, max: 60 }),
        fc.constantFrom(undefined, {
          axisTilt: 8,
          axisAzimuth: 170,
          maxAngle: 60,
          groundCoverageRatio: 0.4,
          backtrack: true,
        }),
        (tilt, azimuth, rotation, tracker) => {
          const shape = { id: 'a', tilt, azimuth, tracker, modulesPerString: 1, u1: 1, strings: [0] };
          const [x, y, z] = orientation(shape, rotation);
          for (const vector of [x, y, z]) expect(dot(vector, vector)).toBeCloseTo(1, 9);
          expect(dot(x, y)).toBeCloseTo(0, 9);
          expect(dot(cross(x, y), z)).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it('turns a tracker to the east in the morning, to the west in the evening, and flat at night', () => {
    const [array] = field.arrays;
    if (array === undefined) throw new Error('The field has no array.');
    const normalAt = (time: string) => {
      const sun = sunAt(Date.parse(time), field.site);
      return orientation(array, trackerRotation(array, sun))[1];
    };
    expect(normalAt('2026-06-21T09:00:00-07:00')[0]).toBeGreaterThan(0.5);
    expect(normalAt('2026-06-21T16:00:00-07:00')[0]).toBeLessThan(-0.5);
    expect(normalAt('2026-06-21T23:00:00-07:00')[1]).toBeCloseTo(1, 9);
  });
});
