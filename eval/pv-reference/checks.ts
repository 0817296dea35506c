import { batteryLifeFile, rainflowFile } from './battery.js';
import { chainYearFile } from './chain.js';
import type { Comparison, ReferenceFile } from './compare.js';
import { snowFile, soilingHsuFile, soilingKimberFile } from './environment.js';
import { inverterAdrFile, inverterSandiaFile, inverterSandiaMultiFile, pvwattsFile, trackingFile } from './inverter.js';
import { clearSkyFile, clearSkySolisFile, decompositionFile, dirintFile, iamFile, transpositionFile } from './light.js';
import { bishopFile, lowLightFile, singleDiodeFile, temperatureFile } from './module.js';
import {
  airmassFile,
  extraRadiationFile,
  pressureAltitudeFile,
  solarAnchorFile,
  solarDayFile,
  solarPositionFile,
  sunRiseSetFile,
} from './sun.js';

/** Compares one reference file with the library. */
export type Check = (file: ReferenceFile, result: Comparison) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  solar_position: solarPositionFile,
  solar_day: solarDayFile,
  solar_anchor: solarAnchorFile,
  sun_rise_set: sunRiseSetFile,
  airmass: airmassFile,
  extra_radiation: extraRadiationFile,
  pressure_altitude: pressureAltitudeFile,
  clear_sky_ineichen_haurwitz: clearSkyFile,
  clear_sky_solis: clearSkySolisFile,
  decomposition: decompositionFile,
  dirint: dirintFile,
  transposition: transpositionFile,
  iam: iamFile,
  temperature: temperatureFile,
  single_diode: singleDiodeFile,
  single_diode_low_light: lowLightFile,
  bishop88: bishopFile,
  inverter_sandia: inverterSandiaFile,
  inverter_sandia_multi: inverterSandiaMultiFile,
  inverter_adr: inverterAdrFile,
  pvwatts: pvwattsFile,
  tracking: trackingFile,
  soiling_hsu: soilingHsuFile,
  soiling_kimber: soilingKimberFile,
  snow: snowFile,
  rainflow: rainflowFile,
  battery_life: batteryLifeFile,
  chain_year: chainYearFile,
};

/** The check that a file's name (without `.json`) asks for; a longer name takes the longest of these it begins with. */
export function checkOf(name: string): Check | undefined {
  const known = Object.keys(CHECKS)
    .filter((key) => name === key || name.startsWith(`${key}_`))
    .sort((a, b) => b.length - a.length)[0];
  return known === undefined ? undefined : CHECKS[known];
}
