import { exp } from '../../core/math/index.js';
import { sinDegrees } from './angles.js';

/** Options of `snowCoverage`. */
export interface SnowOptions {
  /** Degrees. */
  readonly surfaceTilt: number;
  /** Covered part at the first row; default 0. */
  readonly initialCoverage?: number;
  /** Snow, cm/h, above which a row of modules is fully covered; default 1. */
  readonly thresholdSnowfall?: number;
  /** Lying snow, cm, above which it counts; only with `depth`; default 1. */
  readonly thresholdDepth?: number;
  /** Lying snow, cm, at the start of each step; with it, snowfall covers only where snow stays. */
  readonly depth?: Float64Array;
  /** Snow slides while the air is warmer than irradiance over this, W/(m² K); default −80. */
  readonly canSlide?: number;
  /** Part of the slope that slides in an hour on a vertical plane; default 0.197. */
  readonly slideAmount?: number;
}

/** 1 where new snow covers the whole slope, else 0. */
export function snowFullyCovers(
  time: Float64Array,
  snowfall: Float64Array,
  { thresholdSnowfall = 1, thresholdDepth = 1, depth }: Omit<SnowOptions, 'surfaceTilt'> = {},
): Float64Array {
  return snowfall.map((fall, row) => {
    const later = Math.max(row, 1);
    const hours = ((time[later] as number) - (time[later - 1] as number)) / 3_600_000;
    const lies = depth === undefined || (depth[row] as number) >= thresholdDepth;
    return fall / hours > thresholdSnowfall && lies ? 1 : 0;
  });
}

/**
 * Part of the slope that snow covers, row by row: fresh snow covers all, and slides off in warmth and light.
 * Sources: B. Marion et al., Solar Energy 97, 112–121, 2013; D. Ryberg, J. Freeman, NREL/TP-6A20-68705, 2017.
 *
 * @param time ms since the epoch, evenly spaced, at least two rows
 * @param snowfall cm in each step
 * @param poa W/m² on the plane
 * @param airTemperature °C
 */
export function snowCoverage(
  time: Float64Array,
  snowfall: Float64Array,
  poa: Float64Array,
  airTemperature: Float64Array,
  options: SnowOptions,
): Float64Array {
  const { surfaceTilt, initialCoverage = 0, canSlide = -80, slideAmount = 0.197 } = options;
  const covers = snowFullyCovers(time, snowfall, options);
  const slope = sinDegrees(surfaceTilt);
  const coverage = new Float64Array(time.length);
  let start = initialCoverage;
  let slid = 0;
  for (let row = 0; row < time.length; row++) {
    if (covers[row] === 1) {
      start = 1;
      slid = 0;
    } else if (row > 0 && (airTemperature[row] as number) > (poa[row] as number) / canSlide) {
      const hours = ((time[row] as number) - (time[row - 1] as number)) / 3_600_000;
      slid += slideAmount * slope * hours;
    }
    // No snow on the ground, none on the modules.
    if (options.depth !== undefined && (options.depth[row] as number) < (options.thresholdDepth ?? 1)) start = 0;
    coverage[row] = Math.max(start - slid, 0);
  }
  return coverage;
}

/**
 * Fraction of DC power lost to a coverage, when a string is lost as soon as snow touches it. `strings` is how many lie one
 * above the other along the slope. P. Gilman et al., NREL/TP-6A20-67399, equation 11.8, 2018.
 */
export function snowLoss(coverage: number, strings: number): number {
  return Math.ceil(coverage * strings) / strings;
}

/** Rounded albedos of common grounds, to start from where none was measured. */
export const GROUND_ALBEDO = {
  urban: 0.18,
  grass: 0.2,
  freshGrass: 0.26,
  soil: 0.17,
  sand: 0.4,
  snow: 0.65,
  freshSnow: 0.75,
  asphalt: 0.12,
  concrete: 0.3,
  sea: 0.06,
} as const;

/**
 * Albedo of a ground on which snow lies, from its depth in cm: it passes from the bare ground's to the snow's with an
 * e-folding depth of 3 cm. An assumption of this library, not a published fit.
 */
export function albedoWithSnow(ground: number, depth: number, snow: number = GROUND_ALBEDO.snow): number {
  return ground + (snow - ground) * (1 - exp(-Math.max(depth, 0) / 3));
}
