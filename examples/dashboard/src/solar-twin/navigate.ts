import type { Component } from './layout.js';

/** Where an arrow key points, seen from above: x to the east, z to the south. */
const DIRECTIONS: Readonly<Record<string, readonly [x: number, z: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/**
 * The component that a key leads to from the one at `from` (−1: none): the nearest in an arrow's direction, the first, the
 * last; `from` itself where there is none that way; undefined for other keys.
 */
export function stepTo(key: string, from: number, components: readonly Component[]): number | undefined {
  if (key === 'Home') return 0;
  if (key === 'End') return components.length - 1;
  const direction = DIRECTIONS[key];
  if (direction === undefined) return undefined;
  const here = components[from];
  if (here === undefined) return 0;
  const [dx, dz] = direction;
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  components.forEach(({ center }, i) => {
    const x = center[0] - here.center[0];
    const z = center[2] - here.center[2];
    const ahead = x * dx + z * dz;
    const aside = Math.abs(x * dz - z * dx);
    if (i === from || ahead < 0.05 || aside > 1.2 * ahead) return;
    // What lies aside counts more than what lies ahead, so that an arrow stays in its row.
    const far = ahead + 3 * aside;
    if (far < least) {
      least = far;
      best = i;
    }
  });
  return best;
}
