import { log1p } from '../../core/math/index.js';
import type { AssetModel } from '../asset-model.js';
import { packColdFactor } from '../battery/pack.js';
import type { Plant, PlantArray, PlantBattery } from '../description/plant.js';
import { maximumPowerPoint, singleDiodeDeSoto } from '../solar/index.js';
import { RatioMeter, type WearChannel, type WearMeter, type WearRatio, type WearValues } from './meter.js';

/** A fifth of the output at usual light, as a part of full power; and noise is not let below so much of what sound shunts leak. */
const FIFTH = 0.075;
const LEAST_LEAK = -0.9;

/** A string in full light at 25 °C, in V, A and W. */
interface StringRating {
  readonly voltage: number;
  readonly current: number;
  readonly power: number;
  /** What its sound shunts leak, W. */
  readonly leak: number;
}

function stringRating({ module, modulesPerString }: PlantArray): StringRating {
  const point = maximumPowerPoint(singleDiodeDeSoto(module, 1000, 25));
  const voltage = modulesPerString * point.voltage;
  const leak = (voltage * point.voltage) / module.shuntResistanceRef;
  return { voltage, current: point.current, power: voltage * point.current, leak };
}

/** The figures of a solar plant: the same names for plants of any make, size and number of strings. */
function plantRatios(plant: Plant): WearRatio[] {
  const currents = plant.strings.map(({ id }) => `${id}.dcCurrent`);
  const voltages = plant.strings.map(({ id }) => `${id}.dcVoltage`);
  const ratings = plant.arrays.map(stringRating);
  const full = (of: keyof StringRating) =>
    plant.strings.reduce((sum, { array }) => sum + (ratings[array] as StringRating)[of], 0);
  const soundLeak = full('leak') / full('power');
  const ratio = (name: string, title: string, of: readonly string[], more: Partial<WearRatio> = {}): WearRatio => ({
    name,
    unit: '1',
    title: `${title}, measured over expected`,
    of,
    ...more,
  });
  return [
    ratio('yieldRatio', 'Energy at the meter', ['meterPower']),
    ratio('dcRatio', 'DC energy', ['dcPower']),
    ratio('dcRatioBright', 'DC energy in bright light', ['dcPower'], { band: [0.4, 2] }),
    ratio('dcRatioDim', 'DC energy in dim light', ['dcPower'], { band: [0.05, 0.25] }),
    ratio('currentRatio', 'Current of the strings', currents),
    ratio('voltageRatio', 'Voltage of the strings', voltages),
    ratio('conversionRatio', 'Efficiency of the inverters', ['acPower'], { per: ['dcPower'] }),
    {
      // By this the end of an inverter's life is judged.
      name: 'efficiency',
      unit: '1',
      title: 'Efficiency of the inverters, mean of the readings from a tenth of full power on',
      of: ['acPower'],
      per: ['dcPower'],
      least: 0.1 * plant.acRating,
    },
    {
      // What leaks through a shunt hardly depends on the light, and is told most exactly where there is little. Its resistance
      // falls by factors, so that the logarithm of what it leaks grows with the severity.
      name: 'shuntLeak',
      unit: '1',
      title: 'How far the shunts of the modules leak, from sound (0) to a fifth of the output (1)',
      of: ['dcPower'],
      band: [0.02, 0.25],
      missing: full('power'),
      told: (missing) => log1p(Math.max(LEAST_LEAK, missing / soundLeak)) / log1p(FIFTH / soundLeak),
    },
    {
      // What falls off at a series resistance goes with the current.
      name: 'voltageMissing',
      unit: '1',
      title: 'Voltage missing for each current, as a part of full voltage at full current',
      of: voltages,
      per: currents,
      missing: full('voltage') / full('current'),
    },
  ];
}

/** Least change of the battery's charge from reading to reading that tells a capacity, in % of it. */
const LEAST_CHANGE = 1;
/** Longest time between readings over which a current is taken to hold, ms. */
const LONGEST = 3_700_000;
const HOUR = 3_600_000;

const CAPACITY: WearChannel = {
  name: 'testedCapacity',
  unit: '1',
  title: 'Battery capacity as at 25 °C, measured over nominal',
};

/**
 * The meter of a solar plant: ratios of energy, current, voltage and efficiency; of its battery the capacity, from the charge
 * that moves its level (both counted over the day), as it would be at 25 °C.
 */
export class PlantWearMeter implements WearMeter {
  readonly channels: readonly WearChannel[];
  readonly #ratios: RatioMeter;
  readonly #battery: PlantBattery | undefined;
  /** Charge moved, Ah; by how much the level changed, 0…1; and the last reading's time, current and level. */
  #charge = 0;
  #change = 0;
  #last: readonly [time: number, current: number, level: number] = [Number.NaN, Number.NaN, Number.NaN];

  constructor(model: Pick<AssetModel, 'output' | 'channels'>, plant: Plant) {
    this.#ratios = new RatioMeter(model, plantRatios(plant));
    this.#battery = plant.battery;
    this.channels = [...this.#ratios.channels, CAPACITY];
  }

  add(time: number, measured: WearValues, expected: WearValues): void {
    this.#ratios.add(time, measured, expected);
    const current = measured['battery.current'] ?? Number.NaN;
    const level = measured.batteryLevel ?? Number.NaN;
    if (this.#battery === undefined || !Number.isFinite(current + level)) return;
    const [before, , levelBefore] = this.#last;
    this.#last = [time, current, level];
    const change = level - levelBefore;
    if (!(time - before <= LONGEST) || !(Math.abs(change) >= LEAST_CHANGE) || Math.sign(change) !== Math.sign(current))
      return;
    // The current of a reading is that of the step which ends with it.
    this.#charge += (Math.abs(current) * (time - before)) / HOUR;
    const temperature = measured['battery.temperature'] ?? Number.NaN;
    // A cold battery holds less, so that the same charge moves its level further.
    const cold = Number.isFinite(temperature) ? packColdFactor(this.#battery, temperature) : 1;
    this.#change += (cold * Math.abs(change)) / 100;
  }

  take(): number[] {
    const capacity =
      this.#battery === undefined || this.#change < 0.05
        ? Number.NaN
        : this.#charge / this.#change / this.#battery.capacity;
    this.#charge = 0;
    this.#change = 0;
    return [...this.#ratios.take(), capacity];
  }

  save(): number[] {
    // NaN is no JSON: −1 stands for "none".
    return [...this.#ratios.save(), this.#charge, this.#change, ...this.#last.map((x) => (Number.isNaN(x) ? -1e9 : x))];
  }

  load(sums: readonly number[]): void {
    this.#ratios.load(sums);
    const [charge = 0, change = 0, ...last] = sums.slice(-5);
    this.#charge = charge;
    this.#change = change;
    const [time = -1e9, current = -1e9, level = -1e9] = last;
    const orNone = (x: number) => (x === -1e9 ? Number.NaN : x);
    this.#last = [orNone(time), orNone(current), orNone(level)];
  }
}
