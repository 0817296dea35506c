import { type Frame, quote, Random, TwinergyError } from '../../core/index.js';
import { exp, sin } from '../../core/math/index.js';
import type {
  AssetModel,
  AssetRun,
  EndOfLife,
  Environment,
  EnvironmentOptions,
  ModelChannel,
  ModelState,
  StageEvaluator,
} from '../asset-model.js';
import { expectedFrame } from '../expected.js';
import type { ActiveFault, FaultDefinition } from '../faults/index.js';

/** A centrifugal pump with its motor, as its name plate and curves give it. */
export interface PumpDescription {
  readonly id: string;
  /** Head at no flow, m. */
  readonly shutOffHead: number;
  /** Flow at the best efficiency, L/s. */
  readonly bestFlow: number;
  /** Efficiency of the pump there, as a fraction. */
  readonly bestEfficiency: number;
  /** Efficiency of the motor, as a fraction. */
  readonly motorEfficiency: number;
  /** Loss in sound bearings at running speed, W. */
  readonly bearingLoss: number;
  /** Temperature rise of the bearing housing over the air in sound condition, K. */
  readonly bearingRise: number;
  /** Vibration velocity in sound condition, mm/s RMS. */
  readonly vibration: number;
}

const WATER = 998;
const GRAVITY = 9.80665;
/** Share of the shut-off head that is left at the best flow. */
const HEAD_AT_BEST = 0.75;
/** Time constant of the bearing housing, s. */
const BEARING_TIME = 1800;

const inputs = { demand: 0, airTemperature: 1 } as const;

const fault = (
  id: string,
  progression: FaultDefinition['progression'],
  days: number,
  title: string,
  severity: string,
  evidence: string,
): FaultDefinition => ({ id, layer: 'plant', acts: 'machine', title, severity, evidence, progression, days });

const faults: readonly FaultDefinition[] = [
  fault(
    'bearing-wear',
    'exponential',
    120,
    'Bearing wear',
    'eight times the bearing loss, 12 mm/s more vibration',
    'vibration, then bearing temperature',
  ),
  fault(
    'impeller-wear',
    'linear',
    400,
    'Impeller wear',
    'a quarter of the head lost',
    'discharge pressure down at the same flow',
  ),
  fault(
    'cavitation',
    'intermittent',
    1,
    'Cavitation',
    'a tenth of the head lost, 4 mm/s more vibration, in bouts',
    'vibration and pressure together, in bouts',
  ),
  fault(
    'misalignment',
    'step',
    0,
    'Misaligned coupling',
    '5 mm/s more vibration, twice the bearing loss',
    'vibration from one day to the next',
  ),
];

const channels: readonly ModelChannel[] = [
  { name: 'flow', unit: 'L/s', title: 'Flow', fullScale: 50, noise: { relative: 0.005 } },
  { name: 'dischargePressure', unit: 'kPa', title: 'Discharge pressure', fullScale: 600, noise: { relative: 0.004 } },
  { name: 'electricPower', unit: 'W', title: 'Electric power', fullScale: 30_000, noise: { relative: 0.005 } },
  { name: 'bearingTemperature', unit: '°C', title: 'Bearing temperature', fullScale: 100, noise: { absolute: 0.3 } },
  {
    name: 'vibration',
    unit: 'mm/s',
    title: 'Vibration velocity',
    fullScale: 12,
    noise: { absolute: 0.02, relative: 0.04 },
  },
  { name: 'airTemperature', unit: '°C', title: 'Air temperature', fullScale: 40, noise: { absolute: 0.2 } },
];

const states: readonly ModelState[] = [
  { name: 'hydraulicPower', unit: 'W', energy: true },
  { name: 'bearingLoss', unit: 'W', energy: true },
  { name: 'pumpLoss', unit: 'W', energy: true },
  { name: 'motorLoss', unit: 'W', energy: true },
];

/** Demand for water by the day with its ups and downs, and the air of the machine room. */
class PumpEnvironment implements Environment {
  readonly #best: number;
  readonly #random: Random;

  constructor(best: number, { seed }: EnvironmentOptions) {
    this.#best = best;
    this.#random = new Random(seed).split('demand');
  }

  at(time: number, out: Float64Array): void {
    const hours = time / 3_600_000;
    const quarter = Math.floor(hours * 4);
    const x = hours * 4 - quarter;
    const swing = (slot: number) => this.#random.split(slot).uniform(-0.12, 0.12);
    const shape = 0.8 + 0.25 * sin((2 * Math.PI * (hours - 7)) / 24);
    out[inputs.demand] = this.#best * (shape + swing(quarter) * (1 - x) + swing(quarter + 1) * x);
    out[inputs.airTemperature] =
      18 + 6 * sin((2 * Math.PI * (hours / 24 - 110)) / 365.25) + 3 * sin((2 * Math.PI * (hours - 9)) / 24);
  }
}

class PumpRun implements AssetRun {
  readonly #pump: PumpDescription;
  readonly #faults: readonly ActiveFault[];
  /** Temperature of the bearing housing, °C: its memory. */
  bearing = Number.NaN;

  constructor(pump: PumpDescription, active: readonly ActiveFault[]) {
    this.#pump = pump;
    this.#faults = active;
  }

  step(_time: number, seconds: number, given: Float64Array, out: Float64Array): void {
    const pump = this.#pump;
    let friction = 1;
    let vibration = pump.vibration;
    let headLeft = 1;
    for (const { definition, severity: s } of this.#faults) {
      if (definition.id === 'bearing-wear') {
        friction += 7 * s;
        vibration += 12 * s;
      } else if (definition.id === 'impeller-wear') headLeft *= 1 - 0.25 * s;
      else if (definition.id === 'cavitation') {
        headLeft *= 1 - 0.1 * s;
        vibration += 4 * s;
      } else if (definition.id === 'misalignment') {
        friction += s;
        vibration += 5 * s;
      }
    }
    const flow = given[inputs.demand] as number;
    const air = given[inputs.airTemperature] as number;
    const load = flow / pump.bestFlow;
    const head = pump.shutOffHead * headLeft * (1 - (1 - HEAD_AT_BEST) * load * load);
    const hydraulic = (WATER * GRAVITY * flow * head) / 1000;
    const efficiency = pump.bestEfficiency * (1 - (1 - load) ** 2);
    const bearing = pump.bearingLoss * friction;
    const shaft = hydraulic / efficiency + bearing;
    const electric = shaft / pump.motorEfficiency;
    const settled = air + pump.bearingRise * friction;
    this.bearing = Number.isNaN(this.bearing)
      ? settled
      : settled + (this.bearing - settled) * exp(-seconds / BEARING_TIME);

    out[0] = flow;
    out[1] = (WATER * GRAVITY * head) / 1000;
    out[2] = electric;
    out[3] = this.bearing;
    // Off its best point a pump shakes more.
    out[4] = vibration * (1 + 0.5 * (1 - load) ** 2);
    out[5] = air;
    out[6] = hydraulic;
    out[7] = bearing;
    out[8] = hydraulic / efficiency - hydraulic;
    out[9] = electric - shaft;
  }

  save(): number[] {
    // A bearing that has not run yet has no temperature: absolute zero stands for it.
    return [Number.isNaN(this.bearing) ? -273.15 : this.bearing];
  }

  load([bearing = -273.15]: readonly number[]): void {
    this.bearing = bearing === -273.15 ? Number.NaN : bearing;
  }
}

const endOfLife: readonly EndOfLife[] = [
  {
    name: 'vibration',
    faults: ['bearing-wear'],
    channel: 'vibration',
    when: 'above',
    limit: 7.1,
    title: 'vibration in zone D of ISO 10816-3 (7.1 mm/s)',
  },
  {
    name: 'head',
    faults: ['impeller-wear'],
    channel: 'dischargePressure',
    when: 'below',
    // Set by the constructor to 85 % of the head at the best flow.
    limit: 0,
    title: 'head below 85 % of that when new',
  },
];

/** A pump of 15 kW for drinking water. */
export const examplePump: PumpDescription = {
  id: 'pump',
  shutOffHead: 48,
  bestFlow: 28,
  bestEfficiency: 0.78,
  motorEfficiency: 0.92,
  bearingLoss: 120,
  bearingRise: 22,
  vibration: 1.6,
};

/**
 * A motor-driven centrifugal pump: an asset that is no solar plant, to show what another kind of asset takes. Head falls
 * with the square of the flow and efficiency is a parabola about the best point (affinity of centrifugal pumps,
 * Gülich 2020); worn bearings rub and shake, after the vibration zones of ISO 10816-3.
 */
export class PumpModel implements AssetModel {
  readonly type = 'pump';
  readonly id: string;
  readonly channels = channels;
  readonly states = states;
  readonly inputCount = 2;
  readonly faults = faults;
  readonly scenarios = {
    normal: [],
    bearing_failure: [{ id: 'bearing-wear', severity: 0.8 }],
    worn_impeller: [{ id: 'impeller-wear', severity: 0.8 }],
  };
  readonly mainSensor = 'vibration';
  /** More power taken is power lost. */
  readonly output = { name: 'electricPower', sign: -1 } as const;
  readonly endOfLife: readonly EndOfLife[];
  readonly stages = ['dischargePressure', 'electricPower', 'bearingTemperature', 'vibration'];
  readonly #pump: PumpDescription;

  /** @throws TwinergyError `TWIN_BAD_DESCRIPTION` where a figure is not above 0 or an efficiency above 1 */
  constructor(pump: PumpDescription) {
    for (const [name, value] of Object.entries(pump)) {
      if (name === 'id') continue;
      const most = name.endsWith('Efficiency') ? 1 : Number.MAX_VALUE;
      if (!(typeof value === 'number' && value > 0 && value <= most)) {
        throw new TwinergyError(
          'TWIN_BAD_DESCRIPTION',
          `The pump's ${name} must be above 0${most === 1 ? ' and at most 1' : ''}, got ${quote(value)}.`,
          {
            path: name,
            value,
          },
        );
      }
    }
    this.#pump = pump;
    this.id = pump.id;
    const usual = (WATER * GRAVITY * pump.shutOffHead * (1 - (1 - HEAD_AT_BEST) * 0.8 ** 2)) / 1000;
    this.endOfLife = endOfLife.map((criterion) =>
      criterion.name === 'head' ? { ...criterion, limit: 0.85 * usual } : criterion,
    );
  }

  environment(options: EnvironmentOptions): Environment {
    return new PumpEnvironment(this.#pump.bestFlow, options);
  }

  start(active: readonly ActiveFault[]): AssetRun {
    return new PumpRun(this.#pump, active);
  }

  expected(frame: Frame): Frame {
    const sound = this.evaluator();
    sound.demand((name) => frame.has(name));
    return expectedFrame(this, sound, frame);
  }

  evaluator(): StageEvaluator {
    const run = new PumpRun(this.#pump, []);
    const out = new Float64Array(channels.length + states.length);
    const places = this.stages.map((stage) => channels.findIndex(({ name }) => name === stage));
    return {
      inputs: ['flow', 'airTemperature'],
      uncertain: [0, 1],
      memorySize: 1,
      demand(has) {
        const missing = this.inputs.find((name) => !has(name));
        if (missing === undefined) return;
        throw new TwinergyError('TWIN_MISSING_CHANNEL', `There is no channel ${missing} in these data.`, {
          path: missing,
        });
      },
      evaluate(time, seconds, measured, memory, expected) {
        expected.fill(Number.NaN);
        if (Number.isNaN(measured[0] as number) || Number.isNaN(measured[1] as number)) return;
        run.bearing = memory[0] as number;
        run.step(time, seconds, measured, out);
        memory[0] = run.bearing;
        for (let s = 0; s < places.length; s++) expected[s] = out[places[s] as number] as number;
      },
    };
  }
}
