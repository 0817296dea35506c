import { solarPosition, trackerSurface, trackSingleAxis } from 'twinergy/twin/solar';
import type { ArrayShape, PlantShape } from './plant-shape.js';
import { type Basis, cross, directionOf, type Vec3 } from './vector.js';

/** Where the sun stands; degrees. */
export interface Sun {
  readonly azimuth: number;
  readonly elevation: number;
  /** Towards it, of length 1. */
  readonly direction: Vec3;
}

/** Where the sun stands over a site at `time`, ms since the epoch. */
export function sunAt(time: number, { latitude, longitude, altitude }: PlantShape['site']): Sun {
  const { azimuth, apparentElevation: elevation } = solarPosition(time, { latitude, longitude, altitude });
  return { azimuth, elevation, direction: directionOf(azimuth, elevation) };
}

const STEP = 900_000;

/** The arc of the sun above the horizon on the day that begins at `from`. */
export function sunPath(from: number, site: PlantShape['site']): Vec3[] {
  return Array.from({ length: 97 }, (_, i) => sunAt(from + i * STEP, site))
    .filter(({ elevation }) => elevation > -1)
    .map(({ direction }) => direction);
}

/** Rotation of a tracker about its axis, degrees; flat at night. */
export function trackerRotation(array: ArrayShape, sun: Sun): number {
  const { tracker } = array;
  if (tracker === undefined) return 0;
  const { rotation } = trackSingleAxis(90 - sun.elevation, sun.azimuth, {
    axisTilt: tracker.axisTilt,
    axisAzimuth: tracker.axisAzimuth,
    maxAngle: tracker.maxAngle,
    backtrack: tracker.backtrack,
    groundCoverage: tracker.groundCoverageRatio,
  });
  return Number.isNaN(rotation) ? 0 : rotation;
}

/** How the modules of an array lie, with its trackers turned by `rotation` degrees. */
export function orientation({ tilt, azimuth, tracker }: ArrayShape, rotation: number): Basis {
  const { surfaceTilt, surfaceAzimuth } =
    tracker === undefined
      ? { surfaceTilt: tilt, surfaceAzimuth: azimuth }
      : trackerSurface(rotation, tracker.axisTilt, tracker.axisAzimuth);
  const normal = directionOf(surfaceAzimuth, 90 - surfaceTilt);
  const row = rowDirection({ azimuth, tracker });
  return [row, normal, cross(row, normal)];
}

/** The direction in which a row of modules runs: along the tracker's axis, else level across the slope. */
export function rowDirection({ azimuth, tracker }: Pick<ArrayShape, 'azimuth' | 'tracker'>): Vec3 {
  return tracker === undefined ? directionOf(azimuth + 90) : directionOf(tracker.axisAzimuth, -tracker.axisTilt);
}
