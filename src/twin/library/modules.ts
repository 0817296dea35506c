/**
 * A PV module as the CEC six-parameter model wants it (Dobos 2012, after De Soto et al. 2006): the five diode
 * parameters of the whole module at standard test conditions (1000 W/m², 25 °C).
 */
export interface ModuleParameters {
  /** Light current at standard test conditions, A. */
  readonly photocurrent: number;
  /** Diode saturation current at standard test conditions, A. */
  readonly saturationCurrent: number;
  /** Series resistance, Ω. */
  readonly seriesResistance: number;
  /** Shunt resistance at standard test conditions, Ω. */
  readonly shuntResistance: number;
  /** Modified ideality factor n·Ns·k·T/q at standard test conditions, V. */
  readonly modifiedIdealityFactor: number;
  /** Temperature coefficient of the short-circuit current, A/K. */
  readonly alphaSc: number;
  /** Band gap at 25 °C, eV. Default 1.121 (silicon). */
  readonly bandGap?: number | undefined;
  /** Relative change of the band gap, 1/K. Default −0.0002677 (silicon). */
  readonly bandGapSlope?: number | undefined;
  /** Groups of cells that a bypass diode bridges. Default 3. */
  readonly cellGroups?: number | undefined;
}

/** A module of the library: its parameters with what the data sheet says of it. */
export interface LibraryModule extends ModuleParameters {
  /** Cell technology. */
  readonly technology: 'mono-Si' | 'multi-Si' | 'CdTe';
  /** Power at the maximum power point at standard test conditions, W. */
  readonly ratedPower: number;
}

/**
 * Modules by name, with the parameters of the public CEC list (California Energy Commission; as shipped with NREL SAM).
 */
export const modules = {
  'Canadian Solar CS3U-400MS': {
    technology: 'mono-Si',
    ratedPower: 400.2,
    photocurrent: 10.3337,
    saturationCurrent: 1.89e-11,
    seriesResistance: 0.223553,
    shuntResistance: 617.894,
    modifiedIdealityFactor: 1.79878,
    alphaSc: 0.0038221,
  },
  'Canadian Solar CS3N-400MS': {
    technology: 'mono-Si',
    ratedPower: 400.3,
    photocurrent: 11.5155,
    saturationCurrent: 1.84e-11,
    seriesResistance: 0.202122,
    shuntResistance: 149.936,
    modifiedIdealityFactor: 1.64003,
    alphaSc: 0.00552,
  },
  'Canadian Solar CS3L-380MS': {
    technology: 'mono-Si',
    ratedPower: 380.2,
    photocurrent: 11.6895,
    saturationCurrent: 1.55e-11,
    seriesResistance: 0.180192,
    shuntResistance: 220.409,
    modifiedIdealityFactor: 1.50726,
    alphaSc: 0.0060736,
  },
  'Canadian Solar CS3W-400P': {
    technology: 'multi-Si',
    ratedPower: 400.2,
    photocurrent: 10.9044,
    saturationCurrent: 2.3e-11,
    seriesResistance: 0.302266,
    shuntResistance: 741.882,
    modifiedIdealityFactor: 1.75613,
    alphaSc: 0.0024089,
  },
  'Canadian Solar CS5P-220M': {
    technology: 'mono-Si',
    ratedPower: 219.7,
    photocurrent: 5.114,
    saturationCurrent: 8.196e-10,
    seriesResistance: 1.065,
    shuntResistance: 381.68,
    modifiedIdealityFactor: 2.6373,
    alphaSc: 0.004539,
  },
  'SunPower SPR-E20-327': {
    technology: 'mono-Si',
    ratedPower: 327.1,
    photocurrent: 6.468,
    saturationCurrent: 1.88e-10,
    seriesResistance: 0.37,
    shuntResistance: 298.13,
    modifiedIdealityFactor: 2.6868,
    alphaSc: 0.004522,
  },
  'First Solar FS-495': {
    technology: 'CdTe',
    ratedPower: 95,
    photocurrent: 1.563,
    saturationCurrent: 2.64e-13,
    seriesResistance: 6.804,
    shuntResistance: 806.27,
    modifiedIdealityFactor: 2.9482,
    alphaSc: 0.000924,
    bandGap: 1.475,
    bandGapSlope: -0.0003,
    cellGroups: 1,
  },
} as const satisfies Readonly<Record<string, LibraryModule>>;

/** The name of a module of the library. */
export type ModuleName = keyof typeof modules;
