import { exp } from '../../core/math/index.js';
import type { BatteryParameters } from '../library/batteries.js';
import { shepherdCells } from './shepherd.js';

const REFERENCE = 298.15;
/** Specific heat of lithium-ion packs with their housing, J/(kg·K). */
const SPECIFIC_HEAT = 1000;
/** Time constant of a pack in its cabinet, s. */
const THERMAL_TIME = 6 * 3600;
/** Temperature at which the battery management opens the contactor, °C. */
const CUT_OUT_TEMPERATURE = 60;
const LOWEST_TEMPERATURE = -20;

/** What ails a pack; all neutral by default. */
export interface PackCondition {
  /** Capacity over that when new. */
  capacity: number;
  /** Resistance over that when new. */
  resistance: number;
  /** Share of the charge by which the weakest cell lags. */
  imbalance: number;
  /** Heat of a cell that heats itself, as the temperature rise it leads to, K. */
  selfHeating: number;
}

/** The state of a pack, as plain numbers. */
export interface PackState {
  /** Charge drawn since full, Ah. */
  drawn: number;
  /** Temperature, °C. */
  temperature: number;
}

/** What a pack did in a step. */
export interface PackFlow {
  /** Power at the AC side, W, positive when it charges. */
  acPower: number;
  /** Power at the terminals, W, positive when it charges. */
  terminalPower: number;
  /** Power that went into the chemistry, W. */
  chemicalPower: number;
  /** Heat in the cells, W. */
  heat: number;
  /** Loss of the converter, W. */
  converterLoss: number;
  /** Current, A, positive when it charges. */
  current: number;
  /** Terminal voltage, V. */
  voltage: number;
}

/** Capacity at a temperature (°C), as a factor on that at 25 °C. */
export function packColdFactor(parameters: BatteryParameters, temperature: number): number {
  const cold = Math.min(0, temperature - 25);
  return Math.max(0.3, 1 + shepherdCells[parameters.chemistry].capacitySlope * cold);
}

/** Voltage of a pack at rest, V, with `drawn` Ah of its present `capacity` Ah drawn. */
export function packOpenVoltage(
  parameters: BatteryParameters,
  capacity: number,
  drawn: number,
  temperature: number,
): number {
  const cell = shepherdCells[parameters.chemistry];
  // The cell's constants scaled from the published cell to this one: cells in parallel share charge and current.
  const ratio = cell.capacity / capacity;
  const n = parameters.cellsInSeries;
  const e0 = n * (cell.e0 + cell.e0Slope * (temperature - 25));
  const steep = capacity / (capacity - drawn);
  return e0 - n * cell.k * ratio * steep * drawn + n * cell.a * exp(-cell.b * ratio * drawn);
}

/**
 * Resistance of a pack, Ω, when it charges (`direction` 1), discharges (−1) or rests (0).
 * @param factor resistance over that when new
 */
export function packResistance(
  parameters: BatteryParameters,
  capacity: number,
  drawn: number,
  temperature: number,
  factor: number,
  direction: number,
): number {
  const cell = shepherdCells[parameters.chemistry];
  const ratio = cell.capacity / capacity;
  const warm = exp(cell.arrhenius * (1 / (temperature + 273.15) - 1 / REFERENCE));
  const n = parameters.cellsInSeries;
  const k = n * cell.k * ratio * factor;
  const ohmic = n * cell.r * ratio * factor * warm;
  if (direction > 0) return ohmic + (k * warm * capacity) / (drawn + 0.1 * capacity);
  if (direction < 0) return ohmic + (k * warm * capacity) / (capacity - drawn);
  return ohmic;
}

/**
 * A battery pack: equivalent circuit after Shepherd (1965) as modified by Tremblay & Dessaint (2009), with temperature
 * dependence, coulomb counting, and one thermal node. Power, not current, is what is asked of it.
 */
export class BatteryPack {
  readonly #parameters: BatteryParameters;
  /** Its state; read and written when a run is saved. */
  readonly state: PackState;
  /** What it did in the last step. */
  readonly flow: PackFlow = {
    acPower: 0,
    terminalPower: 0,
    chemicalPower: 0,
    heat: 0,
    converterLoss: 0,
    current: 0,
    voltage: 0,
  };

  /** @param stateOfCharge at the start, as a fraction */
  constructor(parameters: BatteryParameters, stateOfCharge: number, temperature = 20) {
    this.#parameters = parameters;
    this.state = { drawn: (1 - stateOfCharge) * parameters.capacity, temperature };
  }

  /** Capacity at the present temperature and condition, Ah. */
  capacity(condition: PackCondition): number {
    return this.#parameters.capacity * condition.capacity * packColdFactor(this.#parameters, this.state.temperature);
  }

  /** Capacity at 25 °C, Ah: what a capacity test would find. */
  testedCapacity(condition: PackCondition): number {
    return this.#parameters.capacity * condition.capacity;
  }

  /** State of charge as a fraction of the present capacity. */
  stateOfCharge(condition: PackCondition): number {
    return Math.min(1, Math.max(0, 1 - this.state.drawn / this.capacity(condition)));
  }

  /**
   * Charges (`power` > 0) or discharges (`power` < 0) for `seconds` with `power` W at the AC side, or as much of it as
   * the pack can. What happened is in `flow`.
   * @param deepest greatest charge that may be drawn, Ah: the reserve lies below it
   * @param surroundings temperature around the pack, °C
   */
  advance(power: number, seconds: number, deepest: number, surroundings: number, condition: PackCondition): void {
    const { state, flow } = this;
    const parameters = this.#parameters;
    const capacity = this.capacity(condition);
    const drawn = Math.min(Math.max(0, state.drawn), 0.999 * capacity);
    const hours = seconds / 3600;

    const open = packOpenVoltage(parameters, capacity, drawn, state.temperature);
    const floor = Math.min(deepest, (1 - parameters.minStateOfCharge - condition.imbalance) * capacity);
    const blocked = state.temperature > CUT_OUT_TEMPERATURE || state.temperature < LOWEST_TEMPERATURE;
    let current = 0;
    let resistance = packResistance(parameters, capacity, drawn, state.temperature, condition.resistance, 0);
    if (!blocked && power > 0) {
      const wanted = Math.min(power, parameters.maxChargePower) * parameters.converterEfficiency;
      resistance = packResistance(parameters, capacity, drawn, state.temperature, condition.resistance, 1);
      current = (Math.sqrt(open * open + 4 * resistance * wanted) - open) / (2 * resistance);
      current = Math.min(current, drawn / hours);
    } else if (!blocked && power < 0) {
      const wanted = Math.min(-power, parameters.maxDischargePower) / parameters.converterEfficiency;
      resistance = packResistance(parameters, capacity, drawn, state.temperature, condition.resistance, -1);
      // Beyond open²/4R there is no more power in it, whatever the current.
      const root = Math.sqrt(Math.max(0, open * open - 4 * resistance * wanted));
      current = -(open - root) / (2 * resistance);
      current = -Math.min(-current, Math.max(0, floor - drawn) / hours);
    }

    flow.current = current;
    flow.voltage = open + resistance * current;
    flow.terminalPower = flow.voltage * current;
    flow.chemicalPower = open * current;
    flow.heat = resistance * current * current;
    flow.acPower =
      current >= 0
        ? flow.terminalPower / parameters.converterEfficiency
        : flow.terminalPower * parameters.converterEfficiency;
    flow.converterLoss = flow.acPower - flow.terminalPower;
    state.drawn = drawn - current * hours;

    const heatCapacity = parameters.mass * SPECIFIC_HEAT;
    const settled = surroundings + condition.selfHeating + (flow.heat * THERMAL_TIME) / heatCapacity;
    state.temperature = settled + (state.temperature - settled) * exp(-seconds / THERMAL_TIME);
  }
}
