import { atan2 } from '../../core/math/index.js';
import { DEGREES, wrapDegrees } from './angles.js';
import { refraction, type SolarSite } from './position.js';
import { degree8, SEGMENT, SunTrack } from './sun-track.js';

/** Where the sun stands at each time; degrees. */
export interface SolarPositions {
  readonly apparentZenith: Float64Array;
  readonly zenith: Float64Array;
  readonly apparentElevation: Float64Array;
  readonly elevation: Float64Array;
  /** Clockwise from north, [0, 360). */
  readonly azimuth: Float64Array;
}

/**
 * The array form of `solarPosition`: within 1e-8° of it, from polynomials in time (`SunTrack`), and much cheaper when
 * several times fall in each four hours.
 *
 * @param time ms since the epoch, UTC; rising times are fastest
 */
export function solarPositions(time: Float64Array, site: SolarSite): SolarPositions {
  const column = (): Float64Array => new Float64Array(time.length);
  const result = {
    apparentZenith: column(),
    zenith: column(),
    apparentElevation: column(),
    elevation: column(),
    azimuth: column(),
  };
  const { pressure = 101_325, temperature = 12, horizonRefraction } = site;
  const track = new SunTrack(site);
  let start = Number.NaN;
  for (let row = 0; row < time.length; row++) {
    const now = time[row] as number;
    const segment = Math.floor(now / SEGMENT) * SEGMENT;
    if (segment !== start) {
      start = segment;
      track.load(start);
    }
    const t = ((now - start) * 2) / SEGMENT - 1;
    const t2 = t * t;
    const t4 = t2 * t2;
    const east = degree8(track.east, t, t2, t4);
    const north = degree8(track.north, t, t2, t4);
    const elevation = atan2(degree8(track.up, t, t2, t4), Math.sqrt(east * east + north * north)) * DEGREES;
    const apparent = elevation + refraction(elevation, pressure, temperature, horizonRefraction);
    result.apparentZenith[row] = 90 - apparent;
    result.zenith[row] = 90 - elevation;
    result.apparentElevation[row] = apparent;
    result.elevation[row] = elevation;
    result.azimuth[row] = wrapDegrees(atan2(east, north) * DEGREES);
  }
  return result;
}
