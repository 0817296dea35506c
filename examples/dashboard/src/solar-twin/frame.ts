import type { Bounds } from './layout.js';
import { cross, type Vec3 } from './vector.js';

const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/**
 * How far from the middle of a space a camera must stand, in direction `way` (of length 1), so that all of the space is seen.
 * `half`: tangents of half the angle of view, across and up.
 */
export function distanceToSee({ low, high }: Bounds, way: Vec3, half: readonly [across: number, up: number]): number {
  const side = cross([0, 1, 0], way);
  const length = Math.hypot(...side);
  const right: Vec3 = [side[0] / length, side[1] / length, side[2] / length];
  const up = cross(way, right);
  let distance = 0;
  for (let corner = 0; corner < 8; corner++) {
    const from = [0, 1, 2].map((axis) => ((corner >> axis) & 1 ? 0.5 : -0.5) * ((high[axis] ?? 0) - (low[axis] ?? 0)));
    const point: Vec3 = [from[0] ?? 0, from[1] ?? 0, from[2] ?? 0];
    const wide = Math.max(Math.abs(dot(point, right)) / half[0], Math.abs(dot(point, up)) / half[1]);
    distance = Math.max(distance, dot(point, way) + wide);
  }
  return distance;
}
