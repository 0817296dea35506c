/** An inverter of Sandia's list. Powers in W, voltages in V. */
export interface SandiaInverter {
  /** AC rating. */
  readonly pAc0: number;
  /** DC power at which the rating is reached. */
  readonly pDc0: number;
  /** DC voltage of the rating. */
  readonly vDc0: number;
  /** DC power from which it works. */
  readonly pS0: number;
  /** Curvature, 1/W. */
  readonly c0: number;
  /** Change of pDc0 with voltage, 1/V. */
  readonly c1: number;
  /** Change of pS0 with voltage, 1/V. */
  readonly c2: number;
  /** Change of c0 with voltage, 1/V. */
  readonly c3: number;
  /** Power drawn at night. */
  readonly pNight: number;
}

/** AC power, W, by the model of `inverterSandia` without its cap and floor. */
export function sandiaCurve(inverter: SandiaInverter, voltage: number, power: number): number {
  const dv = voltage - inverter.vDc0;
  const a = inverter.pDc0 * (1 + inverter.c1 * dv);
  const b = inverter.pS0 * (1 + inverter.c2 * dv);
  const c = inverter.c0 * (1 + inverter.c3 * dv);
  return (inverter.pAc0 / (a - b) - c * (a - b)) * (power - b) + c * (power - b) * (power - b);
}

/**
 * AC power, W, of an inverter from DC voltage and power: Sandia's grid-connected inverter model, with its cap at the
 * rating and the night's draw below the start power.
 * Source: D. L. King et al.: Performance model for grid-connected photovoltaic inverters, SAND2007-5036.
 */
export function inverterSandia(inverter: SandiaInverter, voltage: number, power: number): number {
  if (power < inverter.pS0) return -Math.abs(inverter.pNight);
  return Math.min(sandiaCurve(inverter, voltage, power), inverter.pAc0);
}

/** As `inverterSandia` with several trackers: each input's curve is weighted by its share of the DC power. */
export function inverterSandiaMulti(
  inverter: SandiaInverter,
  voltages: ArrayLike<number>,
  powers: ArrayLike<number>,
): number {
  let total = 0;
  for (let k = 0; k < powers.length; k++) total += powers[k] as number;
  if (total < inverter.pS0) return -Math.abs(inverter.pNight);
  let ac = 0;
  for (let k = 0; k < powers.length; k++)
    ac += ((powers[k] as number) / total) * sandiaCurve(inverter, voltages[k] as number, total);
  return Math.min(ac, inverter.pAc0);
}

/** An inverter of the Driesse model. Powers in W, voltages in V. */
export interface AdrInverter {
  readonly pNominal: number;
  readonly vNominal: number;
  readonly pAcMax: number;
  readonly pNight: number;
  readonly vMin: number;
  readonly vMax: number;
  readonly vDcMax: number;
  readonly mpptLow: number;
  readonly mpptHigh: number;
  /** Nine coefficients of the loss: powers 0, 1, 2 of the power, times 1, (v − 1), (1/v − 1). */
  readonly coefficients: readonly number[];
}

/**
 * AC power, W; NaN where the voltage is outside the inverter's range widened by `voltageTolerance`.
 * Source: A. Driesse, P. Jain, S. Harrison: Beyond the curves, 33rd IEEE PVSC, 2008.
 */
export function inverterAdr(inverter: AdrInverter, voltage: number, power: number, voltageTolerance = 0.1): number {
  const low = Math.max(inverter.vMin, inverter.mpptLow) * (1 - voltageTolerance);
  const high = Math.max(inverter.vMax, inverter.vDcMax, inverter.mpptHigh) * (1 + voltageTolerance);
  const night = -Math.abs(inverter.pNight);
  if (voltage === 0) return night;
  if (voltage < low || voltage > high) return Number.NaN;
  const p = power / inverter.pNominal;
  const v = voltage / inverter.vNominal;
  const c = (k: number): number => inverter.coefficients[k] as number;
  const loss =
    c(0) +
    p * (c(1) + p * c(2)) +
    (v - 1) * (c(3) + p * (c(4) + p * c(5))) +
    (1 / v - 1) * (c(6) + p * (c(7) + p * c(8)));
  const ac = Math.min(inverter.pNominal * (p - loss), inverter.pAcMax);
  return Math.max(ac, night);
}

/**
 * AC power, W, by PVWatts: `pDc0` is the inverter's DC limit, the output is capped at nominalEfficiency × pDc0 and never
 * negative. Source: A. P. Dobos: PVWatts version 5 manual, NREL/TP-6A20-62641, 2014.
 */
export function inverterPvwatts(
  pDc0: number,
  power: number,
  nominalEfficiency = 0.96,
  referenceEfficiency = 0.9637,
): number {
  const load = power / pDc0;
  if (!(load > 0)) return 0;
  const efficiency = (nominalEfficiency / referenceEfficiency) * (-0.0162 * load - 0.0059 / load + 0.9858);
  return Math.min(Math.max(efficiency * power, 0), nominalEfficiency * pDc0);
}
