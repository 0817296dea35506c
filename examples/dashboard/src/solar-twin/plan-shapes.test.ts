import fc from 'fast-check';
import { examplePlant, readPlant } from 'twinergy/twin';
import { describe, expect, it } from 'vitest';
import { distanceToSee } from './frame.js';
import { layOut } from './layout.js';
import { fall, type Ground, hull, shadowPaths, stringPaths } from './plan-shapes.js';
import { orientation } from './sun.js';
import { directionOf } from './vector.js';

const plant = readPlant(examplePlant('field'));
const layout = layOut(plant);
const bases = plant.arrays.map((array) => orientation(array, 0));

describe('the plan', () => {
  it('draws each module once, in the path of its string', () => {
    const paths = stringPaths(layout, bases);
    expect(paths.slice(0, plant.strings.length).map((path) => path.split('M').length - 1)).toEqual(
      plant.strings.map(() => 9),
    );
  });

  it('throws shadows away from the sun, as long as height over the tangent of its elevation', () => {
    const [x, z] = fall([0, 2, 0], directionOf(180, 45));
    expect(x).toBeCloseTo(0, 9);
    expect(z).toBeCloseTo(-2, 9);
    expect(shadowPaths(layout, bases, directionOf(90, 30))).toHaveLength(layout.rows.length + 1);
  });

  it('has a hull that holds all points and turns one way', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
      minLength: 3,
      maxLength: 30,
    });
    fc.assert(
      fc.property(points, (given) => {
        const around = hull(given);
        const turn = (a: Ground, b: Ground, c: Ground) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        around.forEach((a, i) => {
          const b = around[(i + 1) % around.length] ?? a;
          for (const point of given) expect(turn(a, b, point)).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
});

describe('distanceToSee', () => {
  it('is just so far that the farthest corner touches the edge of the picture', () => {
    // Seen from the south along the ground: half as wide as it is high counts, and half its depth comes nearer.
    expect(distanceToSee({ low: [-4, -1, -3], high: [4, 1, 3] }, [0, 0, 1], [1, 1])).toBeCloseTo(3 + 4, 9);
    expect(distanceToSee({ low: [-4, -1, -3], high: [4, 1, 3] }, [0, 0, 1], [2, 0.25])).toBeCloseTo(3 + 4, 9);
  });
});
