import { exp } from '../../core/math/index.js';
import { packColdFactor, packOpenVoltage, packResistance } from '../battery/pack.js';
import type { PlantBattery } from '../description/plant.js';
import { GaussianMemory } from './gaussian-memory.js';
import type { HealthEstimate, HealthQuantity } from './health-filter.js';
import { sustained } from './sustained.js';
import { UnscentedFilter } from './unscented.js';

/** Places in the state: logarithms of capacity and resistance over those when new, and the charge drawn over the new capacity. */
const CAPACITY = 0;
const RESISTANCE = 1;
const DRAWN = 2;
const SIZE = 3;

/** Variance that a day adds. */
const DRIFT = { capacity: 0.0015 ** 2, resistance: 0.004 ** 2 };
const PRIOR = { capacity: 0.05, resistance: 0.15, drawn: 0.3 };
const MOST = { capacity: 0.2 ** 2, resistance: 0.5 ** 2 };
const kept = new GaussianMemory([
  {
    prior: PRIOR.capacity,
    drift: DRIFT.capacity,
    most: MOST.capacity,
    least: -2,
    greatest: 0.3,
    logarithm: true,
  },
  {
    prior: PRIOR.resistance,
    drift: DRIFT.resistance,
    most: MOST.resistance,
    least: -1,
    greatest: 3,
    logarithm: true,
  },
  { prior: PRIOR.drawn },
]);
/** After the state: running innovation of the voltage, times of evidence. */
const RUNNING = kept.end;
const EVIDENCE = RUNNING + 1;
/** After a longer gap than this, s, the charge is not known any more. */
const LONGEST_GAP = 3 * 3600;
/** Where the level says nothing: the display ends there, and the voltage is steep. */
const EDGE = 1.5;

/** What the battery's filter is given at an instant; NaN where not measured. */
export interface BatteryInput {
  /** A, positive when it charges, and its standard deviation. */
  current: number;
  currentDeviation: number;
  /** °C. */
  temperature: number;
  /** Level, %, and the variance of its instrument. */
  level: number;
  levelVariance: number;
  /** Voltage, V, and the variance of its instrument. */
  voltage: number;
  voltageVariance: number;
}

/**
 * Follows a battery: its capacity (the level swings wider for the same charge), its resistance (the voltage sags deeper for
 * the same current) and the charge in it, by counting current.
 */
export class BatteryFilter {
  static readonly memorySize = EVIDENCE + 3;
  /** Foretold voltage, V, and its variance without the instrument's noise; NaN where it is not judged. */
  voltage = Number.NaN;
  voltageVariance = 0;
  readonly #battery: PlantBattery;
  readonly #ukf = new UnscentedFilter(SIZE, 1, 2);
  readonly #measured = new Float64Array(2);
  readonly #variance = new Float64Array(2);
  #input: BatteryInput | undefined;
  /** Charge that came in since the last instant, and its deviation, over the new capacity. */
  #moved = 0;
  #movedDeviation = 0;

  constructor(battery: PlantBattery) {
    this.#battery = battery;
  }

  quantities(): HealthQuantity[] {
    return [
      {
        name: 'battery.stateOfHealth',
        unit: '1',
        title: 'Capacity of the battery, over that when new',
        sound: 1,
        prior: PRIOR.capacity,
        wear: {
          direction: -1,
          fault: 'battery-capacity-fade',
          severity: (left) => (1 - left) / 0.5,
          drift: (left) => left * Math.sqrt(DRIFT.capacity),
        },
        as: { name: 'battery.capacity', scale: this.#battery.capacity },
      },
      {
        name: 'battery.resistance',
        unit: '1',
        title: 'Resistance of the battery, over that when new',
        sound: 1,
        prior: PRIOR.resistance,
        wear: {
          direction: 1,
          fault: 'battery-resistance',
          severity: (factor) => (factor - 1) / 4,
          drift: (factor) => factor * Math.sqrt(DRIFT.resistance),
        },
      },
      { name: 'battery.charge', unit: '1', title: 'Charge in the battery', sound: 1, prior: PRIOR.drawn },
    ];
  }

  begin(memory: Float64Array): void {
    kept.begin(memory);
    memory[DRAWN] = 0.5;
    memory.fill(Number.NaN, EVIDENCE);
  }

  estimate(memory: Float64Array, index: number, out: HealthEstimate): void {
    kept.read(memory, index, out);
    if (index === DRAWN) out.mean = 1 - out.mean;
    out.evidence = memory[EVIDENCE + index] as number;
  }

  readonly #predict = (state: Float64Array, disturbance: Float64Array, predicted: Float64Array): void => {
    const { current, temperature } = this.#input as BatteryInput;
    const battery = this.#battery;
    const capacity = battery.capacity * exp(state[CAPACITY] as number) * packColdFactor(battery, temperature);
    const moved = this.#moved + this.#movedDeviation * (disturbance[0] as number);
    // A row begins its step: its voltage belongs to the charge before it, its level to the charge after it.
    const before = Math.min(0.999 * capacity, Math.max(0, (state[DRAWN] as number) * battery.capacity));
    const after = ((state[DRAWN] as number) - moved) * battery.capacity;
    predicted[0] = 100 * (1 - after / capacity);
    const factor = exp(state[RESISTANCE] as number);
    const resistance = packResistance(battery, capacity, before, temperature, factor, Math.sign(current));
    predicted[1] = packOpenVoltage(battery, capacity, before, temperature) + resistance * current;
  };

  step(input: BatteryInput, seconds: number, time: number, memory: Float64Array): void {
    this.voltage = Number.NaN;
    const mean = kept.mean(memory);
    const covariance = kept.covariance(memory);
    kept.age(memory, Number.isFinite(seconds) ? seconds / 86_400 : 0);
    if (Number.isNaN(input.temperature) || Number.isNaN(input.current)) return;
    this.#input = input;
    const { capacity } = this.#battery;
    const known = seconds <= LONGEST_GAP && !Number.isNaN(memory[EVIDENCE + DRAWN] as number);
    const hours = known ? seconds / 3600 : 0;
    this.#moved = (input.current * hours) / capacity;
    this.#movedDeviation = (input.currentDeviation * hours) / capacity;
    if (!known) {
      for (let k = 0; k < SIZE; k++) {
        covariance[DRAWN * SIZE + k] = covariance[k * SIZE + DRAWN] = 0;
      }
      covariance[SIZE * SIZE - 1] = PRIOR.drawn ** 2;
      if (!Number.isNaN(input.level)) mean[DRAWN] = (1 - input.level / 100) * exp(mean[CAPACITY] as number);
    }
    const inside = input.level > EDGE && input.level < 100 - EDGE;
    this.#ukf.predict(mean, covariance, this.#predict);
    const { predicted, spread } = this.#ukf;
    if (known && inside && input.current !== 0) {
      this.voltage = predicted[1] as number;
      this.voltageVariance = spread[1] as number;
    }
    this.#measured[0] = inside ? input.level : Number.NaN;
    this.#measured[1] = inside && known ? input.voltage : Number.NaN;
    this.#variance[0] = input.levelVariance;
    this.#variance[1] = input.voltageVariance;
    const off =
      ((this.#measured[1] as number) - (predicted[1] as number)) /
      Math.sqrt((spread[1] as number) + input.voltageVariance);
    if (sustained(memory, RUNNING, off * Math.sign(input.current))) {
      kept.lift(memory, RESISTANCE);
      this.#ukf.predict(mean, covariance, this.#predict);
    }
    this.#ukf.update(mean, covariance, this.#measured, this.#variance);
    // From the charge before the step to that after it.
    mean[DRAWN] = (mean[DRAWN] as number) - this.#moved;
    covariance[SIZE * SIZE - 1] = (covariance[SIZE * SIZE - 1] as number) + this.#movedDeviation ** 2;
    if (input.level >= 100 - EDGE) mean[DRAWN] = Math.max(0, Math.min(EDGE / 100, mean[DRAWN] as number));
    kept.limit(memory);
    if (!Number.isNaN(this.#measured[0] as number)) {
      memory[EVIDENCE + DRAWN] = time;
      if (hours > 0 && Math.abs(this.#moved) > 1e-3) memory[EVIDENCE + CAPACITY] = time;
    }
    if (!Number.isNaN(this.#measured[1] as number) && Math.abs(input.current) > 0.02 * capacity) {
      memory[EVIDENCE + RESISTANCE] = time;
    }
  }
}
