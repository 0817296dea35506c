/** An inverter as the Sandia model wants it (King et al. 2007, SAND2007-5036). */
export interface InverterParameters {
  /** AC power rating, W. */
  readonly acRating: number;
  /** DC power at which the AC rating is reached at the nominal DC voltage, W. */
  readonly dcRating: number;
  /** Nominal DC voltage, V. */
  readonly dcVoltage: number;
  /** DC power needed to start the conversion, W. */
  readonly startPower: number;
  /** Curvature of AC over DC power at nominal voltage, 1/W. */
  readonly c0: number;
  /** Change of the DC rating with DC voltage, 1/V. */
  readonly c1: number;
  /** Change of the start power with DC voltage, 1/V. */
  readonly c2: number;
  /** Change of the curvature with DC voltage, 1/V. */
  readonly c3: number;
  /** Power drawn from the grid at night, W. */
  readonly nightTare: number;
  /** Least DC voltage at which the maximum power point is tracked, V. */
  readonly mpptLow: number;
  /** Greatest DC voltage at which the maximum power point is tracked, V. */
  readonly mpptHigh: number;
}

/** Inverters by name, with the parameters of the public CEC list (as shipped with NREL SAM). */
export const inverters = {
  'Ablerex ES 4200': {
    acRating: 4160,
    dcRating: 4340.861328,
    dcVoltage: 380,
    startPower: 32.600666,
    c0: -4.666194e-6,
    c1: -6.2e-5,
    c2: 0.000324,
    c3: -0.00088,
    nightTare: 1.248,
    mpptLow: 100,
    mpptHigh: 400,
  },
  'Growatt SPH 5000TL': {
    acRating: 4954,
    dcRating: 5164.13,
    dcVoltage: 380,
    startPower: 66.0803,
    c0: -3.88002e-6,
    c1: -2.76194e-5,
    c2: 0.000660656,
    c3: 0.000189834,
    nightTare: 15.128,
    mpptLow: 230,
    mpptHigh: 480,
  },
  'Fronius IG Plus V 6.0': {
    acRating: 6000,
    dcRating: 6234.828125,
    dcVoltage: 330,
    startPower: 17.752171,
    c0: -7.078916e-7,
    c1: -1.1e-5,
    c2: -0.001521,
    c3: -0.009392,
    nightTare: 1.1,
    mpptLow: 100,
    mpptHigh: 480,
  },
  'SMA SB7000US': {
    acRating: 7000,
    dcRating: 7344.337891,
    dcVoltage: 310,
    startPower: 50.526939,
    c0: -4.281562e-6,
    c1: 3.5e-5,
    c2: 0.001013,
    c3: -0.000244,
    nightTare: 2.1,
    mpptLow: 100,
    mpptHigh: 480,
  },
  'SunPower SPR-12000m-3': {
    acRating: 12000,
    dcRating: 12273.9,
    dcVoltage: 675,
    startPower: 56.0753,
    c0: -7.10206e-7,
    c1: -3.52678e-5,
    c2: -0.000324463,
    c3: -0.00173807,
    nightTare: 1.79,
    mpptLow: 300,
    mpptHigh: 800,
  },
  'SunPower SPR-20000m-3': {
    acRating: 20000,
    dcRating: 20475.1,
    dcVoltage: 695,
    startPower: 46.7203,
    c0: -6.37675e-7,
    c1: -3.26817e-5,
    c2: -0.000483516,
    c3: -0.000524832,
    nightTare: 1.79,
    mpptLow: 380,
    mpptHigh: 800,
  },
  'SolarEdge SE30KUS': {
    acRating: 30159,
    dcRating: 30678.8,
    dcVoltage: 850,
    startPower: 56.4316,
    c0: -2.1728e-7,
    c1: 1.21906e-5,
    c2: 0.00333474,
    c3: 0.00101919,
    nightTare: 7.06,
    mpptLow: 790,
    mpptHigh: 950,
  },
  'Sinexcel PWS2-30K': {
    acRating: 30020,
    dcRating: 31070.6,
    dcVoltage: 600,
    startPower: 154.571,
    c0: -4.64201e-7,
    c1: -5.58656e-5,
    c2: -0.00176721,
    c3: -0.00210332,
    nightTare: 1.857,
    mpptLow: 350,
    mpptHigh: 750,
  },
  'Power-One PVI-CENTRAL-300': {
    acRating: 300000,
    dcRating: 311352.9375,
    dcVoltage: 360,
    startPower: 1000.15918,
    c0: -8.316595e-8,
    c1: 4.6e-5,
    c2: 0.001259,
    c3: -0.001242,
    nightTare: 119,
    mpptLow: 320,
    mpptHigh: 480,
  },
} as const satisfies Readonly<Record<string, InverterParameters>>;

/** The name of an inverter of the library. */
export type InverterName = keyof typeof inverters;
