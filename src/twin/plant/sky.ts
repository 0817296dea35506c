import { clearSkyGlobal, sunPosition } from './optics.js';

/** Global irradiance of a clear sky (W/m²) and zenith of the sun (degrees) at each time (ms since the epoch). */
export function clearSkyAt(
  time: Float64Array,
  { latitude, longitude }: { readonly latitude: number; readonly longitude: number },
): { ghi: Float64Array; zenith: Float64Array } {
  const ghi = new Float64Array(time.length);
  const zenith = new Float64Array(time.length);
  const sun = { zenith: 0, azimuth: 0, extraterrestrial: 0 };
  time.forEach((now, row) => {
    sunPosition(now, latitude, longitude, sun);
    zenith[row] = sun.zenith;
    ghi[row] = clearSkyGlobal(sun.zenith);
  });
  return { ghi, zenith };
}
