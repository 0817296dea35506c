import { exp } from '../../core/math/index.js';
import { powerLawGrowth, sigmoidGrowth } from './fade.js';
import { anodePotential, type BatteryStress, batteryStress } from './stress.js';

const ZERO_CELSIUS = 273.15;

/** Ageing parameters of a lithium iron phosphate cell against graphite. */
export interface LfpLifeParameters {
  readonly chemistry: 'lfp';
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly pcal: number;
  readonly p4: number;
  readonly p5: number;
  readonly p6: number;
  readonly p7: number;
  readonly p8: number;
  readonly pcyc: number;
}

/** Ageing parameters of a nickel manganese cobalt (1:1:1) cell against graphite. */
export interface NmcLifeParameters {
  readonly chemistry: 'nmc';
  readonly q1_0: number;
  readonly q1_1: number;
  readonly q1_2: number;
  readonly q2: number;
  readonly q3_0: number;
  readonly q3_1: number;
  readonly q3_2: number;
  readonly q4: number;
  readonly q5_0: number;
  readonly q5_1: number;
  readonly pLam: number;
  readonly r1: number;
  readonly r2: number;
  readonly r3: number;
  readonly r4: number;
  readonly r5: number;
  readonly r6: number;
}

/** Either chemistry. */
export type BatteryLifeParameters = LfpLifeParameters | NmcLifeParameters;

/** A 250 Ah lithium iron phosphate cell for stationary use. NREL's BLAST-Lite 1.1.0, from data of the maker. */
export const LFP_250AH: LfpLifeParameters = {
  chemistry: 'lfp',
  p1: 83_700,
  p2: -5210,
  p3: -3560,
  pcal: 0.526,
  p4: 4.38e-8,
  p5: 1.55e-8,
  p6: 1.68e-7,
  p7: 2190,
  p8: 155_000,
  pcyc: 0.828,
};

/** A 75 Ah nickel manganese cobalt cell. K. Smith et al., American Control Conference 2017; NREL's BLAST-Lite 1.1.0. */
export const NMC_75AH: NmcLifeParameters = {
  chemistry: 'nmc',
  q1_0: 26_600_000,
  q1_1: -17.8,
  q1_2: -5.21,
  q2: 0.357,
  q3_0: 3800,
  q3_1: -18.4,
  q3_2: 1.04,
  q4: 0.778,
  q5_0: 10_000,
  q5_1: 153,
  pLam: 10,
  r1: 0.057,
  r2: 1.25,
  r3: 4.87,
  r4: 0.712,
  r5: -0.08,
  r6: 1.09,
};

/** How worn a battery is; plain numbers, to be kept as JSON. */
export interface BatteryLifeState {
  /** Days since new. */
  readonly days: number;
  /** Equivalent full cycles since new. */
  readonly fullCycles: number;
  /** Capacity lost by time. */
  readonly calendarLoss: number;
  /** Capacity lost by cycling. */
  readonly cycleLoss: number;
  /** Active material lost (NMC; a tiny start value otherwise). */
  readonly materialLoss: number;
  /** Resistance gained by time, relative (NMC). */
  readonly calendarResistance: number;
  /** Resistance gained by cycling, relative (NMC). */
  readonly cycleResistance: number;
}

const NEW: BatteryLifeState = {
  days: 0,
  fullCycles: 0,
  calendarLoss: 0,
  cycleLoss: 0,
  materialLoss: 1e-8,
  calendarResistance: 0,
  cycleResistance: 0,
};

/**
 * Capacity fade and resistance growth of a battery from how it is used: calendar ageing with temperature and state of
 * charge, cycle ageing with depth, rate and temperature. Give it stretches of use one after the other, best a day each,
 * as the models were fitted to.
 *
 * Source: NREL BLAST-Lite (P. Gasper et al.), semi-empirical models with rates that change on the way.
 */
export class BatteryLife {
  private now: BatteryLifeState;

  constructor(
    readonly parameters: BatteryLifeParameters,
    state: BatteryLifeState = NEW,
  ) {
    this.now = { ...state };
  }

  /** How worn the battery is. */
  get state(): BatteryLifeState {
    return this.now;
  }

  /** Capacity over that when new. */
  get capacity(): number {
    const { calendarLoss, cycleLoss, materialLoss } = this.now;
    const left = 1 - calendarLoss - cycleLoss;
    return this.parameters.chemistry === 'lfp' ? left : Math.min(left, 1.01 - materialLoss);
  }

  /** Resistance over that when new; 1 for LFP, whose model has none. */
  get resistance(): number {
    if (this.parameters.chemistry === 'lfp') return 1;
    const { r5, r6 } = this.parameters;
    const { calendarResistance, cycleResistance, materialLoss } = this.now;
    return Math.max(1 + calendarResistance + cycleResistance, r5 + r6 / (1.01 - materialLoss));
  }

  /**
   * Ages the battery by a stretch of use.
   *
   * @param time ms, strictly increasing; the last sample of a stretch is the first of the next
   * @param soc state of charge as a fraction
   * @param temperature °C
   */
  advance(time: ArrayLike<number>, soc: ArrayLike<number>, temperature: ArrayLike<number>): void {
    const stress = batteryStress(time, soc, temperature, this.capacity);
    const aged =
      this.parameters.chemistry === 'lfp'
        ? advanceLfp(this.now, this.parameters, stress)
        : advanceNmc(this.now, this.parameters, stress);
    this.now = { ...aged, days: this.now.days + stress.days, fullCycles: this.now.fullCycles + stress.fullCycles };
  }

  /** Parameters and wear. */
  toJSON(): { parameters: BatteryLifeParameters; state: BatteryLifeState } {
    return { parameters: this.parameters, state: this.now };
  }

  /** Goes on from what `toJSON` gave. */
  static fromJSON(json: { parameters: BatteryLifeParameters; state: BatteryLifeState }): BatteryLife {
    return new BatteryLife(json.parameters, json.state);
  }
}

function advanceLfp(state: BatteryLifeState, p: LfpLifeParameters, stress: BatteryStress): BatteryLifeState {
  const calendarRate = stress.average((temperature, soc) => {
    const kelvin = temperature + ZERO_CELSIUS;
    return Math.abs(p.p1) * exp(p.p2 / kelvin) * exp((p.p3 * anodePotential(soc)) / kelvin);
  });
  const severity = p.p4 + p.p5 * stress.depth + p.p6 * stress.cRate;
  const cycleRate = stress.average((temperature) => {
    const kelvin = temperature + ZERO_CELSIUS;
    return severity * (exp(p.p7 / kelvin) + exp(-p.p8 / kelvin));
  });
  return {
    ...state,
    calendarLoss: state.calendarLoss + powerLawGrowth(state.calendarLoss, calendarRate, p.pcal, stress.days),
    cycleLoss: state.cycleLoss + powerLawGrowth(state.cycleLoss, cycleRate, p.pcyc, stress.fullCycles),
  };
}

function advanceNmc(state: BatteryLifeState, p: NmcLifeParameters, stress: BatteryStress): BatteryLifeState {
  const { depth, days, fullCycles, meanSoc } = stress;
  // Temperature against 35 °C and anode potential against 0.123 V.
  const scaled = (temperature: number): number => (temperature + ZERO_CELSIUS) / 308.15;
  const q1 = stress.average((temperature, soc) => {
    const t = scaled(temperature);
    return p.q1_0 * exp(p.q1_1 / t) * exp((p.q1_2 * (anodePotential(soc) / 0.123)) / t);
  });
  const depthFactor = exp(p.q3_2 * exp(depth * depth));
  const q3 = stress.average((temperature) => p.q3_0 * exp(p.q3_1 / scaled(temperature)) * depthFactor);
  const q5 = stress.average((temperature) => p.q5_0 + p.q5_1 * (temperature - 55) * depth * (meanSoc / 0.6));
  const { calendarLoss, cycleLoss, materialLoss, calendarResistance, cycleResistance } = state;
  return {
    ...state,
    calendarLoss: calendarLoss + powerLawGrowth(calendarLoss, q1, p.q2, days),
    cycleLoss: cycleLoss + powerLawGrowth(cycleLoss, q3, p.q4, fullCycles),
    materialLoss: materialLoss + sigmoidGrowth(materialLoss, 1, 1 / q5, p.pLam, fullCycles),
    calendarResistance: calendarResistance + powerLawGrowth(calendarResistance, p.r1 * q1, p.r2, days),
    cycleResistance: cycleResistance + powerLawGrowth(cycleResistance, p.r3 * q3, p.r4, fullCycles),
  };
}
