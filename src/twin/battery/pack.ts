import { exp } from '../../core/math/index.js';
import type { BatteryParameters } from '../library/batteries.js';
import { type ShepherdCell, shepherdCells } from './shepherd.js';

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

/**
 * A battery pack: equivalent circuit after Shepherd (1965) as modified by Tremblay & Dessaint (2009), with temperature
 * dependence, coulomb counting, and one thermal node. Power, not current, is what is asked of it.
 */
export class BatteryPack {
  readonly #parameters: BatteryParameters;
  readonly #cell: ShepherdCell;
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
    this.#cell = shepherdCells[parameters.chemistry];
    this.state = { drawn: (1 - stateOfCharge) * parameters.capacity, temperature };
  }

  /** Capacity at the present temperature and condition, Ah. */
  capacity(condition: PackCondition): number {
    const cold = Math.min(0, this.state.temperature - 25);
    return this.#parameters.capacity * condition.capacity * Math.max(0.3, 1 + this.#cell.capacitySlope * cold);
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
    const cell = this.#cell;
    const capacity = this.capacity(condition);
    const drawn = Math.min(Math.max(0, state.drawn), 0.999 * capacity);
    const hours = seconds / 3600;

    // The cell's constants scaled from the published cell to this one: cells in parallel share charge and current.
    const ratio = cell.capacity / capacity;
    const warm = exp(cell.arrhenius * (1 / (state.temperature + 273.15) - 1 / REFERENCE));
    const n = parameters.cellsInSeries;
    const k = n * cell.k * ratio * condition.resistance;
    const e0 = n * (cell.e0 + cell.e0Slope * (state.temperature - 25));
    const steep = capacity / (capacity - drawn);
    const open = e0 - n * cell.k * ratio * steep * drawn + n * cell.a * exp(-cell.b * ratio * drawn);
    const ohmic = n * cell.r * ratio * condition.resistance * warm;

    const floor = Math.min(deepest, (1 - parameters.minStateOfCharge - condition.imbalance) * capacity);
    const blocked = state.temperature > CUT_OUT_TEMPERATURE || state.temperature < LOWEST_TEMPERATURE;
    let current = 0;
    let resistance = ohmic;
    if (!blocked && power > 0) {
      const wanted = Math.min(power, parameters.maxChargePower) * parameters.converterEfficiency;
      resistance = ohmic + (k * warm * capacity) / (drawn + 0.1 * capacity);
      current = (Math.sqrt(open * open + 4 * resistance * wanted) - open) / (2 * resistance);
      current = Math.min(current, drawn / hours);
    } else if (!blocked && power < 0) {
      const wanted = Math.min(-power, parameters.maxDischargePower) / parameters.converterEfficiency;
      resistance = ohmic + k * warm * steep;
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
