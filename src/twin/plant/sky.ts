import { atan2 } from '../../core/math/index.js';
import { AirTable, LOWEST_SINE } from '../solar/air-table.js';
import type { SolarSite } from '../solar/index.js';
import {
  absoluteAirmass,
  clearSkyIneichen,
  dayOfYear,
  extraterrestrialRadiation,
  linkeTurbidityOfDay,
  pressureOfAltitude,
} from '../solar/index.js';
import { degree8, SEGMENT, SunTrack } from '../solar/sun-track.js';

const DEGREES = 180 / Math.PI;
const DAY = 86_400_000;

/** A place under the sky. */
export interface SkySite {
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** m; default 0. */
  readonly altitude?: number | undefined;
  /** By month; default 3 throughout. */
  readonly linkeTurbidity?: readonly number[] | undefined;
}

/**
 * The sun and the clear sky over a place, at any time: position by the interpolated NREL algorithm (2e-9°), refraction
 * and airmass from their table, Ineichen's clear sky. Asked in the order of time it is fastest; the order changes nothing.
 */
export class Sky {
  /** What `look` found. Angles in degrees; the zenith without and with refraction. */
  zenith = 180;
  apparentZenith = 180;
  azimuth = 0;
  /** Irradiance outside the atmosphere, and global irradiance of a clear sky, W/m². */
  extraterrestrial = 0;
  clearGhi = 0;
  /** Day of the year, UTC. */
  day = 1;
  readonly #altitude: number;
  readonly #pressure: number;
  readonly #turbidity: readonly number[];
  readonly #track: SunTrack;
  readonly #air: AirTable;
  #segment = Number.NaN;
  #date = Number.NaN;
  #dayTurbidity = 3;

  constructor({ latitude, longitude, altitude = 0, linkeTurbidity }: SkySite) {
    this.#altitude = altitude;
    this.#pressure = pressureOfAltitude(altitude);
    this.#turbidity = linkeTurbidity ?? new Array<number>(12).fill(3);
    const site: SolarSite = { latitude, longitude, altitude, pressure: this.#pressure };
    this.#track = new SunTrack(site);
    this.#air = new AirTable(site);
  }

  /** Sets the fields to `time`, ms since the epoch. */
  look(time: number): void {
    const date = Math.floor(time / DAY);
    if (date !== this.#date) {
      this.#date = date;
      this.day = dayOfYear(time);
      this.extraterrestrial = extraterrestrialRadiation(this.day);
      this.#dayTurbidity = linkeTurbidityOfDay(this.#turbidity, this.day);
    }
    const segment = Math.floor(time / SEGMENT);
    if (segment !== this.#segment) {
      this.#track.load(segment * SEGMENT);
      this.#segment = segment;
    }
    const t = (2 * (time - segment * SEGMENT)) / SEGMENT - 1;
    const t2 = t * t;
    const t4 = t2 * t2;
    const east = degree8(this.#track.east, t, t2, t4);
    const north = degree8(this.#track.north, t, t2, t4);
    const up = degree8(this.#track.up, t, t2, t4);
    const across = Math.sqrt(east * east + north * north);
    this.zenith = 90 - atan2(up, across) * DEGREES;
    this.azimuth = (atan2(east, north) * DEGREES + 360) % 360;
    this.clearGhi = 0;
    if (up <= LOWEST_SINE) {
      this.apparentZenith = this.zenith;
      return;
    }
    this.#air.look(up, across);
    const cosine = this.#air.cosine;
    this.apparentZenith = 90 - atan2(cosine, Math.sqrt(Math.max(0, 1 - cosine * cosine))) * DEGREES;
    if (cosine > 0) {
      this.clearGhi = clearSkyIneichen(
        this.apparentZenith,
        absoluteAirmass(this.#air.airmass, this.#pressure),
        this.#dayTurbidity,
        { altitude: this.#altitude, extraterrestrial: this.extraterrestrial },
      ).ghi;
    }
  }
}

/** Global irradiance of a clear sky (W/m²) and zenith of the sun (degrees) at each time (ms since the epoch). */
export function clearSkyAt(time: Float64Array, site: SkySite): { ghi: Float64Array; zenith: Float64Array } {
  const ghi = new Float64Array(time.length);
  const zenith = new Float64Array(time.length);
  const sky = new Sky(site);
  time.forEach((now, row) => {
    sky.look(now);
    zenith[row] = sky.zenith;
    ghi[row] = sky.clearGhi;
  });
  return { ghi, zenith };
}
