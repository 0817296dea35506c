import { exp } from '../../core/math/index.js';
/** Named sets of the Sandia model: how a module is built and mounted. King, Boyson, Kratochvil 2004, table 1. */
export const SAPM_MOUNTS = {
  'open-rack-glass-glass': { a: -3.47, b: -0.0594, deltaT: 3 },
  'close-mount-glass-glass': { a: -2.98, b: -0.0471, deltaT: 1 },
  'open-rack-glass-polymer': { a: -3.56, b: -0.075, deltaT: 3 },
  'insulated-back-glass-polymer': { a: -2.81, b: -0.0455, deltaT: 0 },
} as const;

/** Temperature of the module's back, °C: Sandia's model. D. L. King, W. E. Boyson, J. A. Kratochvil, SAND2004-3535. */
export function moduleTemperatureSapm(
  poa: number,
  airTemperature: number,
  windSpeed: number,
  a: number,
  b: number,
): number {
  return poa * exp(a + b * windSpeed) + airTemperature;
}

/** Temperature of the cells, °C: `moduleTemperatureSapm` plus the drop `deltaT` (K at 1000 W/m²) through the back. */
export function cellTemperatureSapm(
  poa: number,
  airTemperature: number,
  windSpeed: number,
  a: number,
  b: number,
  deltaT: number,
  referenceIrradiance = 1000,
): number {
  return moduleTemperatureSapm(poa, airTemperature, windSpeed, a, b) + (poa / referenceIrradiance) * deltaT;
}

/**
 * Module temperature, °C, from heat loss linear in the wind: u0 in W/(m² K), u1 in W s/(m³ K).
 * Source: D. Faiman: Assessing the outdoor operating temperature of photovoltaic modules, Prog. Photovolt. 16, 2008.
 */
export function cellTemperatureFaiman(
  poa: number,
  airTemperature: number,
  windSpeed: number,
  u0 = 25,
  u1 = 6.84,
): number {
  return airTemperature + poa / (u0 + u1 * windSpeed);
}

/** PVsyst's cell temperature, °C: only what is absorbed and not turned into power heats. uC in W/(m² K), uV in W s/(m³ K). */
export function cellTemperaturePvsyst(
  poa: number,
  airTemperature: number,
  windSpeed: number,
  uC = 29,
  uV = 0,
  moduleEfficiency = 0.1,
  absorption = 0.9,
): number {
  return airTemperature + (poa * absorption * (1 - moduleEfficiency)) / (uC + uV * windSpeed);
}

/** Options of `cellTemperatureNoctSam`. */
export interface NoctSamOptions {
  /** Nominal operating cell temperature, °C. */
  readonly noct: number;
  /** Fraction of light turned into power at reference conditions. */
  readonly moduleEfficiency: number;
  /** W/m² that reach the cells, when known beside the plane's irradiance. */
  readonly effectiveIrradiance?: number | undefined;
  /** Product of transmittance and absorptance; default 0.9. */
  readonly transmittanceAbsorptance?: number;
  /** Height of the array in storeys; default 1. */
  readonly arrayHeight?: 1 | 2;
  /** Gap behind the modules, inches; default 4. */
  readonly mountStandoff?: number;
}

/** How much warmer a module runs than on the rack of the NOCT test, K, by its distance from the roof (inches). */
function standoffRise(inches: number): number {
  if (inches < 0.5) return 18;
  if (inches < 1.5) return 11;
  if (inches < 2.5) return 6;
  return inches < 3.5 ? 2 : 0;
}

/**
 * Cell temperature, °C, from NOCT as the System Advisor Model uses it. Wind is scaled to the height of the array.
 * Source: P. Gilman et al.: SAM photovoltaic model technical reference update, NREL/TP-6A20-67399, 2018.
 */
export function cellTemperatureNoctSam(
  poa: number,
  airTemperature: number,
  windSpeed: number,
  options: NoctSamOptions,
): number {
  const { noct, moduleEfficiency, effectiveIrradiance, transmittanceAbsorptance = 0.9 } = options;
  const { arrayHeight = 1, mountStandoff = 4 } = options;
  const tauAlpha = transmittanceAbsorptance * (effectiveIrradiance === undefined ? 1 : effectiveIrradiance / poa);
  const rise = (poa / 800) * (noct + standoffRise(mountStandoff) - 20);
  const heat = 1 - moduleEfficiency / tauAlpha;
  const wind = 9.5 / (5.7 + 3.8 * windSpeed * (arrayHeight === 1 ? 0.51 : 0.61));
  return airTemperature + rise * heat * wind;
}

/** Ross' coefficient, K m²/W, of a module with this NOCT, °C. */
export function rossCoefficient(noct: number): number {
  return (noct - 20) / 800;
}

/** Cell temperature, °C, proportional to light. R. G. Ross, 12th IEEE PVSC, 1976. */
export function cellTemperatureRoss(poa: number, airTemperature: number, k: number): number {
  return airTemperature + k * poa;
}

/**
 * One step of a module that needs time to warm: the steady temperature is approached exponentially. For steps well below
 * the module's time constant (default 540 s: 11 kJ/(m² K) over some 20 W/(m² K)).
 * Source: first-order lumped heat balance, as in M. Prilliman et al., IEEE J. Photovoltaics 10, 1053–1060, 2020.
 *
 * @param previous temperature at the start of the step, °C
 * @param steady temperature that any model of this file gives for the step, °C
 * @param step s
 */
export function thermalMassStep(previous: number, steady: number, step: number, timeConstant = 540): number {
  return steady + (previous - steady) * exp(-step / timeConstant);
}
