import { acos, asin, atan, atan2, tan } from '../../core/math/index.js';
import { cosDegrees, DEGREES, RADIANS, sinDegrees, wrapDegrees } from './angles.js';
import { angleOfIncidence } from './transposition.js';

/** A single-axis tracker. Angles in degrees. */
export interface SingleAxisTracker {
  /** Tilt of the axis, positive downward towards its azimuth; default 0. */
  readonly axisTilt?: number;
  /** Direction of the axis, clockwise from north; default 0. */
  readonly axisAzimuth?: number;
  /** Largest rotation either way, or the lower and the upper limit; default 90. */
  readonly maxAngle?: number | readonly [number, number];
  /** Whether rows turn back to keep each other out of the shade; default true. */
  readonly backtrack?: boolean;
  /** Width of a row over the distance of rows; default 2/7. */
  readonly groundCoverage?: number;
  /** Slope across the axes, right-handed about the axis; default 0. */
  readonly crossAxisTilt?: number;
}

/** How a tracker stands, degrees. All NaN when the sun is below the horizon. */
export interface TrackerOrientation {
  /** Rotation about the axis, right-handed; 0 is flat across. */
  readonly rotation: number;
  readonly surfaceTilt: number;
  readonly surfaceAzimuth: number;
  readonly angleOfIncidence: number;
}

/**
 * Tilt and azimuth, degrees, of a plane turned by `rotation` about an axis: the direction of its normal. On a flat plane
 * the azimuth is the axis' minus 90. After W. F. Marion, A. P. Dobos, NREL/TP-6A20-58891, 2013.
 */
export function trackerSurface(
  rotation: number,
  axisTilt = 0,
  axisAzimuth = 0,
): { surfaceTilt: number; surfaceAzimuth: number } {
  const across = sinDegrees(rotation);
  const along = cosDegrees(rotation) * sinDegrees(axisTilt);
  const up = cosDegrees(rotation) * cosDegrees(axisTilt);
  const horizontal = Math.sqrt(across * across + along * along);
  const turn = horizontal === 0 ? -90 : atan2(across, along) * DEGREES;
  return { surfaceTilt: atan2(horizontal, up) * DEGREES, surfaceAzimuth: wrapDegrees(axisAzimuth + turn) };
}

/**
 * Orientation of a single-axis tracker for an apparent zenith and azimuth of the sun, degrees.
 * Source: K. Anderson, M. Mikofski: Slope-aware backtracking for single-axis trackers, NREL/TP-5K00-76626, 2020.
 */
export function trackSingleAxis(
  apparentZenith: number,
  solarAzimuth: number,
  {
    axisTilt = 0,
    axisAzimuth = 0,
    maxAngle = 90,
    backtrack = true,
    groundCoverage = 2 / 7,
    crossAxisTilt = 0,
  }: SingleAxisTracker = {},
): TrackerOrientation {
  if (!(apparentZenith <= 90))
    return { rotation: Number.NaN, surfaceTilt: Number.NaN, surfaceAzimuth: Number.NaN, angleOfIncidence: Number.NaN };
  const sinZenith = sinDegrees(apparentZenith);
  const east = sinZenith * sinDegrees(solarAzimuth);
  const north = sinZenith * cosDegrees(solarAzimuth);
  const up = cosDegrees(apparentZenith);
  const across = east * cosDegrees(axisAzimuth) - north * sinDegrees(axisAzimuth);
  const above =
    sinDegrees(axisTilt) * (east * sinDegrees(axisAzimuth) + north * cosDegrees(axisAzimuth)) +
    cosDegrees(axisTilt) * up;
  let rotation = atan2(across, above) * DEGREES;
  if (backtrack) {
    const clearance = Math.abs(cosDegrees(rotation - crossAxisTilt) / (groundCoverage * cosDegrees(crossAxisTilt)));
    if (clearance < 1) rotation -= Math.sign(rotation) * acos(clearance) * DEGREES;
  }
  const [lower, upper] = typeof maxAngle === 'number' ? [-maxAngle, maxAngle] : maxAngle;
  rotation = Math.min(Math.max(rotation, lower), upper);
  const surface = trackerSurface(rotation, axisTilt, axisAzimuth);
  return {
    rotation,
    ...surface,
    angleOfIncidence: angleOfIncidence({ ...surface, solarZenith: apparentZenith, solarAzimuth }),
  };
}

/** Tilt, degrees, of an axis that lies on a slope. Anderson and Mikofski 2020, equations 18 and 19. */
export function axisTiltOnSlope(slopeAzimuth: number, slopeTilt: number, axisAzimuth: number): number {
  return atan(cosDegrees(axisAzimuth - slopeAzimuth) * tan(slopeTilt * RADIANS)) * DEGREES;
}

/** Slope across the axes, degrees, of rows on a slope. Anderson and Mikofski 2020, equations 22 to 26. */
export function crossAxisTiltOnSlope(
  slopeAzimuth: number,
  slopeTilt: number,
  axisAzimuth: number,
  axisTilt: number,
): number {
  const turn = axisAzimuth - slopeAzimuth;
  const x = sinDegrees(turn) * cosDegrees(axisTilt) * cosDegrees(slopeTilt);
  const y =
    sinDegrees(axisTilt) * sinDegrees(slopeTilt) + cosDegrees(turn) * cosDegrees(axisTilt) * cosDegrees(slopeTilt);
  const z = -sinDegrees(turn) * sinDegrees(slopeTilt) * cosDegrees(axisTilt);
  const rise = (x * cosDegrees(turn) - y * sinDegrees(turn)) * sinDegrees(axisTilt) + z * cosDegrees(axisTilt);
  return asin(rise / Math.sqrt(x * x + y * y + z * z)) * DEGREES;
}
