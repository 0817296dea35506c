import {
  absoluteAirmass,
  clearSkyIneichen,
  dayOfYear,
  decomposeErbs,
  extraterrestrialRadiation,
  pressureOfAltitude,
  relativeAirmass,
  type SolarPosition,
  solarPosition,
  transpose,
} from '../../src/twin/solar/index.js';

/** Where the sun is looked at from, and how the modules lie; degrees and metres, azimuth clockwise from north. */
export interface Geometry {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number;
  readonly tilt: number;
  readonly azimuth: number;
}

/** A turbidity of clean inland air; the engines find the level of the curve themselves. */
const TURBIDITY = 3;

/** Irradiance on the plane under a clear sky, W/m². */
export function clearSkyIrradiance(geometry: Geometry, time: number): number {
  const sun = solarPosition(time, geometry);
  if (sun.apparentElevation <= 0) return 0;
  const { altitude } = geometry;
  const airmass = absoluteAirmass(relativeAirmass(sun.apparentZenith), pressureOfAltitude(altitude));
  return onPlane(geometry, sun, time, clearSkyIneichen(sun.apparentZenith, airmass, TURBIDITY, { altitude }));
}

/** Irradiance on the plane from a measured or forecast global horizontal irradiance, W/m². */
export function planeIrradiance(geometry: Geometry, time: number, ghi: number): number {
  const sun = solarPosition(time, geometry);
  if (sun.apparentElevation <= 0 || !(ghi > 0)) return 0;
  return onPlane(geometry, sun, time, { ghi, ...decomposeErbs(ghi, sun.zenith, dayOfYear(time)) });
}

function onPlane(
  geometry: Geometry,
  sun: SolarPosition,
  time: number,
  light: { readonly ghi: number; readonly dni: number; readonly dhi: number },
): number {
  const plane = {
    surfaceTilt: geometry.tilt,
    surfaceAzimuth: geometry.azimuth,
    solarZenith: sun.apparentZenith,
    solarAzimuth: sun.azimuth,
  };
  const extraterrestrial = extraterrestrialRadiation(dayOfYear(time));
  return transpose(plane, { ...light, extraterrestrial, airmass: 1 }).global;
}
