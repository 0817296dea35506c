import { describe, expect, it } from 'vitest';
import { courseOf, courseWeight, goneWeight } from './course.js';
import type { DaySummary } from './day.js';
import type { Projection } from './evidence.js';

/** A day on which a cause of that size is seen with an error of 1/√sight. */
const seen = (size: number, sight = 400): Projection => ({ a: sight, b: size * sight, c: [], e: 0 });
const dry = { rain: 0 } as DaySummary;
const wet = { rain: 9 } as DaySummary;

describe('the course of a cause', () => {
  it('takes a loss that rain leaves for no dust, the more so after every rain', () => {
    const projections = Array.from({ length: 10 }, () => seen(1));
    const once = courseOf(projections, [dry, dry, dry, wet, dry, dry, dry, dry, dry, dry], 0);
    const twice = courseOf(projections, [dry, dry, dry, wet, dry, dry, dry, wet, dry, dry], 0);
    expect(once.lasting).toBeGreaterThan(1);
    expect(twice.lasting).toBeGreaterThan(once.lasting);
    expect(courseWeight('soiling', twice)).toBeLessThan(courseWeight('discolouration', twice));
  });

  it('takes a loss that rain takes away for dust', () => {
    const projections = [...Array.from({ length: 4 }, () => seen(1)), ...Array.from({ length: 4 }, () => seen(0))];
    const { lasting } = courseOf(projections, [dry, dry, dry, wet, dry, dry, dry, dry], 0);
    expect(lasting).toBeLessThan(-1);
  });

  it('holds it against a shade that a bright day after does not show, not against snow', () => {
    expect(goneWeight('shading', [seen(1), seen(0)])).toBeLessThan(-3);
    expect(goneWeight('shading', [seen(1), seen(1)])).toBe(0);
    // Nothing to be seen under a grey sky.
    expect(goneWeight('shading', [seen(1), seen(0, 0.01)])).toBeCloseTo(0, 1);
    expect(goneWeight('snow', [seen(1), seen(0)])).toBe(0);
  });
});
