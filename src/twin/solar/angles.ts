import { acos, cos, sin } from '../../core/math/index.js';
/** Radians in a degree. */
export const RADIANS = Math.PI / 180;
/** Degrees in a radian. */
export const DEGREES = 180 / Math.PI;

/** Sine of an angle in degrees. */
export const sinDegrees = (angle: number): number => sin(angle * RADIANS);
/** Cosine of an angle in degrees. */
export const cosDegrees = (angle: number): number => cos(angle * RADIANS);

/** An angle in degrees brought to [0, 360). */
export function wrapDegrees(angle: number): number {
  const rest = angle % 360;
  return rest < 0 ? rest + 360 : rest;
}

/** Arc cosine in degrees of a value that rounding may have moved out of [-1, 1]. */
export function acosDegrees(value: number): number {
  return acos(Math.min(1, Math.max(-1, value))) * DEGREES;
}
