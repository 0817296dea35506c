import type { InverterParameters } from './inverters.js';
import { type ModuleParameters, modules } from './modules.js';

/**
 * `count` modules side by side as one (also a fraction of a module): the currents are multiplied, the resistances divided,
 * so that power is `count` times as great under any light at the same voltage.
 */
export function scaleModule(module: ModuleParameters, count: number): ModuleParameters {
  return {
    ...module,
    photocurrent: module.photocurrent * count,
    saturationCurrent: module.saturationCurrent * count,
    alphaSc: module.alphaSc * count,
    seriesResistance: module.seriesResistance / count,
    shuntResistance: module.shuntResistance / count,
  };
}

/**
 * Strings of a common crystalline module (400 W, 72 cells) that make up `peak` W in all, for a plant of which no more is
 * known. The module is scaled by the few per cent that whole strings are off.
 */
export function typicalArray(
  peak: number,
  strings?: number,
): { strings: number; modulesPerString: number; module: ModuleParameters } {
  const { technology: _, ratedPower, ...module } = modules['Canadian Solar CS3U-400MS'];
  const inString = Math.min(18, Math.max(1, Math.round(peak / (strings ?? 1) / ratedPower)));
  const count = strings ?? Math.min(10_000, Math.max(1, Math.round(peak / ratedPower / inString)));
  return {
    strings: count,
    modulesPerString: inString,
    module: scaleModule(module, peak / (ratedPower * inString * count)),
  };
}

/**
 * An inverter of which only rating (W), nominal efficiency and DC voltage (V) are known, with the shape of PVWatts'
 * efficiency curve: a parabola in the DC power, which Sandia's model holds exactly.
 * Source: A. P. Dobos: PVWatts version 5 manual, NREL/TP-6A20-62641, 2014.
 */
export function typicalInverter(acRating: number, nominalEfficiency = 0.96, dcVoltage = 600): InverterParameters {
  const dcRating = acRating / nominalEfficiency;
  const scale = nominalEfficiency / 0.9637;
  // AC = scale · (−0.0162 P²/P0 + 0.9858 P − 0.0059 P0); it starts at the lower root.
  const root = (0.9858 - Math.sqrt(0.9858 ** 2 - 4 * 0.0162 * 0.0059)) / (2 * 0.0162);
  return {
    acRating,
    dcRating,
    dcVoltage,
    startPower: root * dcRating,
    c0: (-0.0162 * scale) / dcRating,
    c1: 0,
    c2: 0,
    c3: 0,
    nightTare: 0,
    mpptLow: 0,
    mpptHigh: Math.max(1500, 2 * dcVoltage),
  };
}
