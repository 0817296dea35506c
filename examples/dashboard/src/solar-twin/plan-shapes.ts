import { type Building, type Layout, MODULE } from './layout.js';
import { along, type Basis, type Vec3 } from './vector.js';

/** A point on the ground: x to the east, z to the south, m. */
export type Ground = readonly [x: number, z: number];

const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const;

/** Where the light of a sun in direction `sun` through a point meets the ground. */
export function fall([x, y, z]: Vec3, sun: Vec3): Ground {
  return [x - (y * sun[0]) / sun[1], z - (y * sun[2]) / sun[1]];
}

/** The hull of points, counter-clockwise (A. M. Andrew's monotone chain, 1979). */
export function hull(points: readonly Ground[]): Ground[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (those: readonly Ground[]) => {
    const chain: Ground[] = [];
    for (const point of those) {
      for (;;) {
        const [a, b] = [chain.at(-2), chain.at(-1)];
        if (a === undefined || b === undefined) break;
        if ((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) > 0) break;
        chain.pop();
      }
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** A closed line as an SVG path. */
export function outline(corners: readonly Ground[]): string {
  return `M${corners.map(([x, z]) => `${x.toFixed(2)} ${z.toFixed(2)}`).join('L')}Z`;
}

/** The corners of a sheet of `width` along its row and `length` across. */
function sheet(at: Vec3, row: Vec3, across: Vec3, width: number, length: number): Vec3[] {
  return CORNERS.map(([u, v]) => along(along(at, row, (u * width) / 2), across, (v * length) / 2));
}

/** The modules of each string from above, as a path. */
export function stringPaths({ positions, stringOf, starts, components }: Layout, bases: readonly Basis[]): string[] {
  const out = components.map(() => '');
  bases.forEach(([row, , across], a) => {
    for (let m = starts[a] ?? 0; m < (starts[a + 1] ?? 0); m++) {
      const at: Vec3 = [positions[3 * m] ?? 0, positions[3 * m + 1] ?? 0, positions[3 * m + 2] ?? 0];
      const corners = sheet(at, row, across, MODULE.width, MODULE.length);
      out[stringOf[m] ?? 0] += outline(corners.map(([x, , z]): Ground => [x, z]));
    }
  });
  return out;
}

/** A cabinet from above, as a path. */
export function cabinetPath([x, , z]: Vec3, [width, , depth]: Vec3): string {
  return outline(CORNERS.map(([u, v]): Ground => [x + (u * width) / 2, z + (v * depth) / 2]));
}

/** The shadows on the ground: of rows, of buildings with what is on them, of cabinets. */
export function shadowPaths({ rows, buildings, components }: Layout, bases: readonly Basis[], sun: Vec3): string[] {
  const out = buildings.map((building) => outline(hull(cornersOf(building).map((corner) => fall(corner, sun)))));
  if (buildings.length === 0) {
    for (const { array, center, direction, length } of rows) {
      const across = bases[array]?.[2];
      if (across === undefined) continue;
      out.push(outline(sheet(center, direction, across, length, MODULE.length).map((corner) => fall(corner, sun))));
    }
  }
  for (const { center, size } of components) {
    if (size === undefined) continue;
    const tops = CORNERS.map(([u, v]): Vec3 => [center[0] + (u * size[0]) / 2, size[1], center[2] + (v * size[2]) / 2]);
    out.push(outline(hull(tops.flatMap((top) => [fall(top, sun), [top[0], top[2]] as const]))));
  }
  return out;
}

function cornersOf({ eaves, ridge }: Building): Vec3[] {
  return [...eaves, ...(ridge ?? []), ...eaves.map(([x, , z]): Vec3 => [x, 0, z])];
}
