import { pow } from '../../core/math/index.js';
/** Options of `dcPowerPvwatts`. */
export interface PvwattsDcOptions {
  /** °C; default 25. */
  readonly temperatureRef?: number;
  /** Loss at 200 W/m² as a fraction of the rating, by which dim light is corrected; default none. */
  readonly lowLight?: number | undefined;
  /** Whether the correction ends at 1000 W/m²; default false. */
  readonly capCorrection?: boolean;
}

/**
 * DC power, W, by PVWatts: `pDc0` is the array's rating, `gamma` its temperature coefficient, 1/K.
 * Sources: A. P. Dobos: PVWatts version 5 manual, NREL/TP-6A20-62641, 2014; the correction for dim light B. Marion, 33rd
 * IEEE PVSC, 2008.
 */
export function dcPowerPvwatts(
  effectiveIrradiance: number,
  cellTemperature: number,
  pDc0: number,
  gamma: number,
  { temperatureRef = 25, lowLight, capCorrection = false }: PvwattsDcOptions = {},
): number {
  const g = effectiveIrradiance;
  const power = g * 0.001 * pDc0 * (1 + gamma * (cellTemperature - temperatureRef));
  if (lowLight === undefined || (capCorrection && g >= 1000)) return power;
  const error = g <= 200 ? lowLight * (1 - pow(1 - g / 200, 4)) : (lowLight * (1000 - g)) / 800;
  return power - pDc0 * error;
}

/** Percentages lost, by cause; what is not named is PVWatts' default. */
export interface PvwattsLosses {
  readonly soiling?: number;
  readonly shading?: number;
  readonly snow?: number;
  readonly mismatch?: number;
  readonly wiring?: number;
  readonly connections?: number;
  readonly lid?: number;
  readonly nameplateRating?: number;
  readonly age?: number;
  readonly availability?: number;
}

/** Total loss, %, of parts that each take their share of what the others leave. PVWatts version 5 manual, table 6. */
export function totalLossPvwatts({
  soiling = 2,
  shading = 3,
  snow = 0,
  mismatch = 2,
  wiring = 2,
  connections = 0.5,
  lid = 1.5,
  nameplateRating = 1,
  age = 0,
  availability = 3,
}: PvwattsLosses = {}): number {
  const parts = [soiling, shading, snow, mismatch, wiring, connections, lid, nameplateRating, age, availability];
  return 100 * (1 - parts.reduce((left, part) => left * (1 - part / 100), 1));
}
