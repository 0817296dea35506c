import { Random } from '../../core/index.js';
import { log, pow } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import { activateFaults, plantFaults } from '../faults/index.js';
import { plantChannels, plantStates } from '../plant/channels.js';
import { inputCount } from '../plant/environment.js';
import { arrayInput, arrayStart, input } from '../plant/inputs.js';
import { PlantRun } from '../plant/run.js';
import { currentAtVoltage, maximumPowerPoint, type SingleDiode, singleDiodeDeSoto } from '../solar/index.js';

/** Light (W/m²) and cell temperatures (°C) at which the twin plays each fault. */
const LIGHTS = [80, 200, 450, 750, 1050] as const;
const TEMPERATURES = [15, 50] as const;
const POINTS = LIGHTS.length * TEMPERATURES.length;
/** Severities that it plays. */
export const SEVERITIES = [0.1, 0.2, 0.35, 0.5, 0.65, 0.82, 1] as const;
/** Logarithm of a ratio that stands for nothing left. */
const FLOOR = -2.5;

/** Logarithmic shifts of current and voltage at each point of light and temperature. */
export interface CircuitTable {
  /** Of the string (or strings) at fault. */
  readonly current: Float64Array;
  readonly voltage: Float64Array;
  /** Of the sound strings on the same tracker input; their voltage is the same as that of the ailing one. */
  readonly otherCurrent: Float64Array;
}

/** Value of a table at `light` and `temperature`: linear in the logarithm of light and in temperature. */
export function lookUp(table: Float64Array, light: number, temperature: number): number {
  const g = Math.min(LIGHTS[LIGHTS.length - 1] as number, Math.max(LIGHTS[0], light));
  let i = 0;
  while (i < LIGHTS.length - 2 && g > (LIGHTS[i + 1] as number)) i++;
  const x = log(g / (LIGHTS[i] as number)) / log((LIGHTS[i + 1] as number) / (LIGHTS[i] as number));
  const y = Math.min(1.5, Math.max(-0.5, (temperature - TEMPERATURES[0]) / (TEMPERATURES[1] - TEMPERATURES[0])));
  const low = (table[2 * i] as number) * (1 - x) + (table[2 * i + 2] as number) * x;
  const high = (table[2 * i + 1] as number) * (1 - x) + (table[2 * i + 3] as number) * x;
  return low + (high - low) * y;
}

/**
 * The plant with inverters that limit no power, so that a circuit shows itself at any light. Where their window begins is
 * kept: a string that falls below it is no longer followed to its maximum.
 */
function unlimited(plant: Plant): Plant {
  return {
    ...plant,
    inverters: plant.inverters.map((inverter) => ({
      ...inverter,
      acRating: 10 * inverter.acRating,
      dcRating: 10 * inverter.dcRating,
      startPower: 0,
      mpptHigh: 10 * inverter.mpptHigh,
      sandia: { ...inverter.sandia, pAc0: 10 * inverter.sandia.pAc0, pDc0: 10 * inverter.sandia.pDc0, pS0: 0 },
    })),
  };
}

/** Plays `faults` of a plant at every point and reads the strings of array `a`. */
class Stage {
  readonly #plant: Plant;
  readonly #a: number;
  readonly #places: readonly { current: number; voltage: number }[];
  readonly #out: Float64Array;
  readonly #inputs: Float64Array;

  constructor(plant: Plant, a: number) {
    this.#plant = unlimited(plant);
    this.#a = a;
    const channels = plantChannels(plant);
    this.#out = new Float64Array(channels.length + plantStates(plant).length);
    this.#inputs = new Float64Array(inputCount(plant));
    this.#places = (plant.arrays[a]?.strings ?? []).map((s) => {
      const id = plant.strings[s]?.id;
      return {
        current: channels.findIndex(({ name }) => name === `${id}.dcCurrent`),
        voltage: channels.findIndex(({ name }) => name === `${id}.dcVoltage`),
      };
    });
  }

  play(
    id: string | null,
    severity: number,
    target: string | undefined,
  ): { current: Float64Array; voltage: Float64Array; other: Float64Array } {
    const faults =
      id === null ? [] : activateFaults([{ id, severity, progression: 'step', target }], plantFaults, 0, new Random(0));
    for (const fault of faults) fault.severity = severity;
    const array = this.#plant.arrays[this.#a];
    const result = {
      current: new Float64Array(POINTS),
      voltage: new Float64Array(POINTS),
      other: new Float64Array(POINTS),
    };
    const run = new PlantRun(this.#plant, faults);
    LIGHTS.forEach((light, l) => {
      TEMPERATURES.forEach((temperature, t) => {
        const inputs = this.#inputs.fill(0);
        this.#plant.arrays.forEach((_, a) => {
          inputs[arrayStart(a) + arrayInput.beam] = light;
        });
        inputs[input.windSpeed] = 1;
        inputs[input.airTemperature] = temperature - light / ((array?.u0 ?? 25) + (array?.u1 ?? 0));
        run.step(0, 3600, inputs, this.#out);
        const at = 2 * l + t;
        const [first, second] = this.#places;
        result.current[at] = this.#out[first?.current ?? 0] as number;
        result.voltage[at] = this.#out[first?.voltage ?? 0] as number;
        result.other[at] = this.#out[second?.current ?? first?.current ?? 0] as number;
      });
    });
    return result;
  }
}

const shift = (after: Float64Array, before: Float64Array): Float64Array =>
  after.map((value, p) => Math.max(FLOOR, log(Math.max(1e-6, value / Math.max(1e-9, before[p] as number)))));

/** The faults that change the curve of a string, whose signature the twin plays on this very plant. */
export const CIRCUIT_FAULTS = [
  { id: 'pid', acts: 'array' },
  { id: 'series-resistance', acts: 'array' },
  { id: 'lid', acts: 'array' },
  { id: 'letid', acts: 'array' },
  { id: 'discolouration', acts: 'array' },
  { id: 'mppt-fault', acts: 'inverter' },
  { id: 'bypass-short', acts: 'string' },
  { id: 'hot-spot', acts: 'string' },
  { id: 'cell-crack', acts: 'string' },
  { id: 'ground-fault', acts: 'string' },
] as const;

/** Tables of each circuit fault on array `a`, by fault and severity. */
export function circuitTables(plant: Plant, a: number): Map<string, CircuitTable[]> {
  const stage = new Stage(plant, a);
  const array = plant.arrays[a];
  const sound = stage.play(null, 0, undefined);
  const tables = new Map<string, CircuitTable[]>();
  for (const { id, acts } of CIRCUIT_FAULTS) {
    const target =
      acts === 'array'
        ? array?.id
        : acts === 'inverter'
          ? plant.inverters[array?.inverter ?? 0]?.id
          : plant.strings[array?.strings[0] ?? 0]?.id;
    tables.set(
      id,
      SEVERITIES.map((severity) => {
        const played = stage.play(id, severity, target);
        return {
          current: shift(played.current, sound.current),
          voltage: shift(played.voltage, sound.voltage),
          otherCurrent: shift(played.other, sound.other),
        };
      }),
    );
  }
  if (array !== undefined) {
    tables.set(
      'mppt-low',
      SEVERITIES.map((severity) => belowMaximum(plant, a, 0.4 * severity)),
    );
    tables.set(
      'crack-held',
      SEVERITIES.map((severity) => heldBack(0.35 * severity)),
    );
    // All cells of the string give less, as when cracks run through all of its modules.
    tables.set(
      'crack-dim',
      SEVERITIES.map((severity) =>
        altered(plant, a, (diode) => ({ ...diode, photocurrent: diode.photocurrent * (1 - 0.2 * severity) })),
      ),
    );
    // Leaks that grow with the light, as the shunt of the De Soto model does; the twin's own leak is there at any light.
    tables.set(
      'pid-scaled',
      SEVERITIES.map((severity) =>
        altered(plant, a, (diode) => ({ ...diode, shuntResistance: diode.shuntResistance * pow(0.015, severity) })),
      ),
    );
  }
  return tables;
}

/** Strings whose every module has an altered circuit. */
function altered(plant: Plant, a: number, alter: (diode: SingleDiode) => SingleDiode): CircuitTable {
  const module = plant.arrays[a]?.module;
  const current = new Float64Array(POINTS);
  const voltage = new Float64Array(POINTS);
  if (module !== undefined) {
    LIGHTS.forEach((light, l) => {
      TEMPERATURES.forEach((temperature, t) => {
        const sound = singleDiodeDeSoto(module, light, temperature);
        const before = maximumPowerPoint(sound);
        const after = maximumPowerPoint(alter(sound));
        current[2 * l + t] = Math.max(FLOOR, log(after.current / before.current));
        voltage[2 * l + t] = Math.max(FLOOR, log(after.voltage / before.voltage));
      });
    });
  }
  return { current, voltage, otherCurrent: new Float64Array(POINTS) };
}

/** A tracker that holds its input by `share` below the voltage of the maximum power point. */
function belowMaximum(plant: Plant, a: number, share: number): CircuitTable {
  const module = plant.arrays[a]?.module;
  const current = new Float64Array(POINTS);
  const voltage = new Float64Array(POINTS).fill(log(1 - share));
  if (module !== undefined) {
    LIGHTS.forEach((light, l) => {
      TEMPERATURES.forEach((temperature, t) => {
        const diode = singleDiodeDeSoto(module, light, temperature);
        const best = maximumPowerPoint(diode);
        current[2 * l + t] = log(currentAtVoltage(diode, best.voltage * (1 - share)) / best.current);
      });
    });
  }
  return { current, voltage, otherCurrent: current };
}

/** A string whose weakest cells hold its current back by `share` without being bypassed. */
function heldBack(share: number): CircuitTable {
  const current = new Float64Array(POINTS).fill(log(1 - share));
  return { current, voltage: new Float64Array(POINTS), otherCurrent: new Float64Array(POINTS) };
}
