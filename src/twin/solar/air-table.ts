import { acos, asin, sin } from '../../core/math/index.js';
import { DEGREES, RADIANS } from './angles.js';
import { relativeAirmass } from './atmosphere.js';
import { ChebyshevFit } from './polynomial.js';
import { refraction, type SolarSite } from './position.js';

const DEGREE = 5;
const FIT = new ChebyshevFit(DEGREE);
const STRIDE = DEGREE + 1;

/** Sines of the true elevation that the table covers: from below where the sun can be seen to the change of variable. */
export const LOWEST_SINE = -0.0145;
const CHANGE = 0.75;
const LOW_CELLS = 640;
const LOW_SCALE = LOW_CELLS / (CHANGE - LOWEST_SINE);
/** Above, the cosine of the elevation is the variable: there the airmass and the refraction are smooth in it. */
const HIGH_CELLS = 160;
const HIGH_SCALE = HIGH_CELLS / 0.67;

/** Apparent zenith's cosine and relative airmass (Kasten and Young 1989) for a true elevation in degrees. */
function airAt(elevation: number, pressure: number, temperature: number, horizonRefraction?: number) {
  const apparent = elevation + refraction(elevation, pressure, temperature, horizonRefraction);
  return { cosine: sin(apparent * RADIANS), airmass: relativeAirmass(Math.min(90 - apparent, 90)) };
}

/**
 * Refraction and airmass of a site as piecewise polynomials of the sun's true direction: what depends on the elevation
 * alone is looked up instead of computed with four transcendental functions. Against the formulas: 1e-11 in the cosine of
 * the apparent zenith, 1e-9 relative in the airmass.
 */
export class AirTable {
  /** Results of the last `look`. */
  cosine = 0;
  airmass = 0;
  private readonly cosines = new Float64Array((LOW_CELLS + HIGH_CELLS) * STRIDE);
  private readonly airmasses = new Float64Array((LOW_CELLS + HIGH_CELLS) * STRIDE);

  constructor({ pressure = 101_325, temperature = 12, horizonRefraction }: SolarSite) {
    const cosine = new Float64Array(STRIDE);
    const airmass = new Float64Array(STRIDE);
    for (let cell = 0; cell < LOW_CELLS + HIGH_CELLS; cell++) {
      for (let j = 0; j < STRIDE; j++) {
        const within = 0.5 * (1 + (FIT.nodes[j] as number));
        const elevation =
          cell < LOW_CELLS
            ? asin(LOWEST_SINE + (cell + within) / LOW_SCALE) * DEGREES
            : acos((cell - LOW_CELLS + within) / HIGH_SCALE) * DEGREES;
        const air = airAt(elevation, pressure, temperature, horizonRefraction);
        cosine[j] = air.cosine;
        airmass[j] = air.airmass;
      }
      FIT.fit(cosine, this.cosines, cell * STRIDE);
      FIT.fit(airmass, this.airmasses, cell * STRIDE);
    }
  }

  /** Looks up the air for a sine (at least `LOWEST_SINE`) and a cosine of the true elevation. */
  look(sine: number, cosine: number): void {
    const low = sine < CHANGE;
    const place = low ? (sine - LOWEST_SINE) * LOW_SCALE : cosine * HIGH_SCALE;
    const cell = Math.trunc(place);
    const t = 2 * (place - cell) - 1;
    const at = (low ? cell : cell + LOW_CELLS) * STRIDE;
    const c = this.cosines;
    const a = this.airmasses;
    this.cosine =
      (c[at] as number) +
      t *
        ((c[at + 1] as number) +
          t *
            ((c[at + 2] as number) +
              t * ((c[at + 3] as number) + t * ((c[at + 4] as number) + t * (c[at + 5] as number)))));
    this.airmass =
      (a[at] as number) +
      t *
        ((a[at + 1] as number) +
          t *
            ((a[at + 2] as number) +
              t * ((a[at + 3] as number) + t * ((a[at + 4] as number) + t * (a[at + 5] as number)))));
  }
}
