/** Cell chemistry: lithium iron phosphate or nickel manganese cobalt oxide. */
export type Chemistry = 'LFP' | 'NMC';

/** A battery pack as its data sheet gives it. */
export interface BatteryParameters {
  /** Cell chemistry, which sets the voltage curve and the ageing. */
  readonly chemistry: Chemistry;
  /** Capacity when new, Ah. */
  readonly capacity: number;
  /** Cells in series. */
  readonly cellsInSeries: number;
  /** Greatest charging power at the AC side, W. */
  readonly maxChargePower: number;
  /** Greatest discharging power at the AC side, W. */
  readonly maxDischargePower: number;
  /** Efficiency of the converter between battery and AC side, one way, as a fraction. */
  readonly converterEfficiency: number;
  /** Lowest state of charge that is used, as a fraction. */
  readonly minStateOfCharge: number;
  /** Mass of the pack, kg, which gives its heat capacity. */
  readonly mass: number;
}

/** Batteries by name, with the figures of their makers' public data sheets. */
export const batteries = {
  /** BYD Battery-Box Premium HVS 10.2: 4 modules of 102.4 V, 10.24 kWh usable, 167 kg. */
  'BYD HVS 10.2': {
    chemistry: 'LFP',
    capacity: 25,
    cellsInSeries: 128,
    maxChargePower: 10200,
    maxDischargePower: 10200,
    converterEfficiency: 0.975,
    minStateOfCharge: 0.05,
    mass: 167,
  },
  /** BYD Battery-Box Premium HVM 16.6: 6 modules of 51.2 V, 16.56 kWh usable, 243 kg. */
  'BYD HVM 16.6': {
    chemistry: 'LFP',
    capacity: 53.9,
    cellsInSeries: 96,
    maxChargePower: 15300,
    maxDischargePower: 15300,
    converterEfficiency: 0.975,
    minStateOfCharge: 0.05,
    mass: 243,
  },
  /** Pylontech US3000C: 48 V, 74 Ah, 3.55 kWh at 95 % depth of discharge, 37 A, 32 kg. */
  'Pylontech US3000C': {
    chemistry: 'LFP',
    capacity: 74,
    cellsInSeries: 15,
    maxChargePower: 1776,
    maxDischargePower: 1776,
    converterEfficiency: 0.96,
    minStateOfCharge: 0.05,
    mass: 32,
  },
  /** LG Chem RESU10H: 63 Ah, 9.8 kWh, 5 kW, 97 kg. */
  'LG RESU10H': {
    chemistry: 'NMC',
    capacity: 63,
    cellsInSeries: 42,
    maxChargePower: 5000,
    maxDischargePower: 5000,
    converterEfficiency: 0.965,
    minStateOfCharge: 0.05,
    mass: 97,
  },
} as const satisfies Readonly<Record<string, BatteryParameters>>;

/** The name of a battery of the library. */
export type BatteryName = keyof typeof batteries;
