/** A point or direction, metres: x to the east, y up, z to the south. */
export type Vec3 = readonly [x: number, y: number, z: number];

/** How a module lies: along its row, out of its glass, and the third, right-handed. */
export type Basis = readonly [along: Vec3, normal: Vec3, across: Vec3];

export const RADIANS = Math.PI / 180;

/** The direction of an azimuth (degrees clockwise from north) and an elevation (degrees). */
export function directionOf(azimuth: number, elevation = 0): Vec3 {
  const flat = Math.cos(elevation * RADIANS);
  return [flat * Math.sin(azimuth * RADIANS), Math.sin(elevation * RADIANS), -flat * Math.cos(azimuth * RADIANS)];
}

export function cross([a, b, c]: Vec3, [x, y, z]: Vec3): Vec3 {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

/** `from` plus `length` times `direction`. */
export function along([x, y, z]: Vec3, [u, v, w]: Vec3, length: number): Vec3 {
  return [x + length * u, y + length * v, z + length * w];
}
