import { exp, pow } from '../../core/math/index.js';
/** The five numbers of a single-diode circuit at one irradiance and temperature. */
export interface SingleDiode {
  /** A. */
  readonly photocurrent: number;
  /** A. */
  readonly saturationCurrent: number;
  /** Ω. */
  readonly seriesResistance: number;
  /** Ω; infinite in the dark. */
  readonly shuntResistance: number;
  /** Ideality factor × cells in series × thermal voltage, V. */
  readonly nNsVth: number;
}

/** A module at reference conditions, for De Soto's model. */
export interface DeSotoModule {
  /** Temperature coefficient of the short-circuit current, A/K. */
  readonly alphaSc: number;
  /** nNsVth at reference, V. */
  readonly aRef: number;
  /** Photocurrent at reference, A. */
  readonly photocurrentRef: number;
  /** Saturation current at reference, A. */
  readonly saturationCurrentRef: number;
  /** Ω. */
  readonly seriesResistance: number;
  /** Shunt resistance at reference, Ω. */
  readonly shuntResistanceRef: number;
  /** Band gap at reference, eV; default 1.121 (silicon). */
  readonly bandGapRef?: number;
  /** Relative change of the band gap, 1/K; default −0.0002677 (silicon). */
  readonly bandGapSlope?: number;
  /** W/m²; default 1000. */
  readonly irradianceRef?: number;
  /** °C; default 25. */
  readonly temperatureRef?: number;
}

/** A module of the CEC list: De Soto's model with a corrected temperature coefficient. */
export interface CecModule extends DeSotoModule {
  /** Correction of alphaSc, %. */
  readonly adjust: number;
}

/** A module for PVsyst's version of the model. */
export interface PvsystModule {
  readonly alphaSc: number;
  /** Ideality factor at reference. */
  readonly gammaRef: number;
  /** Its change, 1/K. */
  readonly muGamma: number;
  readonly photocurrentRef: number;
  readonly saturationCurrentRef: number;
  readonly shuntResistanceRef: number;
  /** Shunt resistance in the dark, Ω. */
  readonly shuntResistanceDark: number;
  /** How fast the shunt falls with light; default 5.5. */
  readonly shuntExponent?: number;
  readonly seriesResistance: number;
  readonly cellsInSeries: number;
  readonly bandGapRef?: number;
  readonly irradianceRef?: number;
  readonly temperatureRef?: number;
}

/** Boltzmann's constant in eV/K, with the ten digits that De Soto's and the CEC model are published with. */
export const BOLTZMANN_EV = 8.617333262e-5;
const BOLTZMANN_J = 1.380649e-23;
const ELEMENTARY_CHARGE = 1.602176634e-19;
/** 0 °C in K. */
export const ZERO_CELSIUS = 273.15;

/**
 * Circuit of a module under an effective irradiance (W/m²) at a cell temperature (°C).
 * Source: W. De Soto, S. A. Klein, W. A. Beckman: Improvement and validation of a model for photovoltaic array
 * performance, Solar Energy 80, 78–88, 2006.
 */
export function singleDiodeDeSoto(module: DeSotoModule, irradiance: number, temperature: number): SingleDiode {
  const { bandGapRef = 1.121, bandGapSlope = -0.0002677, irradianceRef = 1000, temperatureRef = 25 } = module;
  const reference = temperatureRef + ZERO_CELSIUS;
  const kelvin = temperature + ZERO_CELSIUS;
  const bandGap = bandGapRef * (1 + bandGapSlope * (kelvin - reference));
  return {
    photocurrent: (irradiance / irradianceRef) * (module.photocurrentRef + module.alphaSc * (kelvin - reference)),
    saturationCurrent:
      module.saturationCurrentRef *
      pow(kelvin / reference, 3) *
      exp(bandGapRef / (BOLTZMANN_EV * reference) - bandGap / (BOLTZMANN_EV * kelvin)),
    seriesResistance: module.seriesResistance,
    shuntResistance:
      irradiance > 0 ? module.shuntResistanceRef * (irradianceRef / irradiance) : Number.POSITIVE_INFINITY,
    nNsVth: module.aRef * (kelvin / reference),
  };
}

/** As `singleDiodeDeSoto`, for the CEC model. A. Dobos, J. Solar Energy Engineering 134, 2012. */
export function singleDiodeCec(module: CecModule, irradiance: number, temperature: number): SingleDiode {
  return singleDiodeDeSoto({ ...module, alphaSc: module.alphaSc * (1 - module.adjust / 100) }, irradiance, temperature);
}

/**
 * As `singleDiodeDeSoto`, for PVsyst's model: the shunt falls exponentially with light, the ideality moves with
 * temperature. Source: K. Sauer, T. Roessler, C. W. Hansen, IEEE J. Photovoltaics 5, 152–158, 2015.
 */
export function singleDiodePvsyst(module: PvsystModule, irradiance: number, temperature: number): SingleDiode {
  const { bandGapRef = 1.121, irradianceRef = 1000, temperatureRef = 25, shuntExponent = 5.5 } = module;
  const reference = temperatureRef + ZERO_CELSIUS;
  const kelvin = temperature + ZERO_CELSIUS;
  const gamma = module.gammaRef + module.muGamma * (temperature - temperatureRef);
  const decay = exp(-shuntExponent);
  const base = Math.max(0, (module.shuntResistanceRef - module.shuntResistanceDark * decay) / (1 - decay));
  return {
    photocurrent: (irradiance / irradianceRef) * (module.photocurrentRef + module.alphaSc * (kelvin - reference)),
    saturationCurrent:
      module.saturationCurrentRef *
      pow(kelvin / reference, 3) *
      exp(((ELEMENTARY_CHARGE * bandGapRef) / (BOLTZMANN_J * gamma)) * (1 / reference - 1 / kelvin)),
    seriesResistance: module.seriesResistance,
    shuntResistance: base + (module.shuntResistanceDark - base) * exp((-shuntExponent * irradiance) / irradianceRef),
    nNsVth: ((gamma * BOLTZMANN_J) / ELEMENTARY_CHARGE) * module.cellsInSeries * kelvin,
  };
}
