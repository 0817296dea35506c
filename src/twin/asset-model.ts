import type { Frame } from '../core/index.js';
import type { ActiveFault, FaultDefinition } from './faults/index.js';
import type { HealthFilter } from './filter/health-filter.js';
import type { WearMeter } from './wear/meter.js';

/** A channel that an asset's instruments measure. */
export interface ModelChannel {
  /** Name, dotted for a component: `inverter1.heatSinkTemperature`. */
  readonly name: string;
  readonly unit: string;
  /** For people. */
  readonly title: string;
  /** Greatest value in ordinary use: the scale of sensor faults. */
  readonly fullScale: number;
  /** Standard deviation of the measurement: an absolute part and one in proportion to the value. */
  readonly noise?: { readonly absolute?: number; readonly relative?: number };
  /** Least and greatest value that the instrument shows. */
  readonly limits?: readonly [least: number, greatest: number];
  /** The same measurement under another name: it follows that channel, also when its sensor fails. */
  readonly aliasOf?: string;
}

/** A quantity that nobody measures: part of the truth. */
export interface ModelState {
  readonly name: string;
  readonly unit: string;
  /** Whether it is a power in W whose integral belongs into the energy balance. */
  readonly energy?: boolean;
}

/** What acts on an asset from outside, as a function of time. */
export interface Environment {
  /** Writes the inputs at `time`, ms since the epoch. */
  at(time: number, inputs: Float64Array): void;
}

/** What an environment is made of. */
export interface EnvironmentOptions {
  /** Seed of the region's weather or load. */
  readonly seed: number;
  /** Measured weather or load instead of made-up one; between its rows it is interpolated. */
  readonly weather: Frame | undefined;
  /** The harmless circumstances among the faults, with their severity at the time of the call. */
  readonly circumstances: readonly ActiveFault[];
}

/** One simulation of an asset, with its state. */
export interface AssetRun {
  /**
   * Goes on to `time`: writes the channels, then the states, to `out`.
   * @param seconds length of the step that `time` begins
   */
  step(time: number, seconds: number, inputs: Float64Array, out: Float64Array): void;
  /** The state as numbers, in a fixed order. */
  save(): number[];
  /** Takes up the state that `save` gave. */
  load(state: readonly number[]): void;
}

/**
 * Tells what a sound asset would do at an instant, from what was measured. It makes no objects and keeps nothing between
 * instants but what the caller holds in `memory`, so that one evaluator serves a fleet of one kind.
 */
export interface StageEvaluator {
  /** Channels that it reads, in the order of `measured`. */
  readonly inputs: readonly string[];
  /** Places of the inputs whose noise shows in what is expected. */
  readonly uncertain: readonly number[];
  /** How many numbers it wants remembered; NaN before the first instant. */
  readonly memorySize: number;
  /**
   * Throws where the data lack a channel without which nothing can be told.
   * @param has whether the data hold a channel
   * @throws TwinergyError `TWIN_MISSING_CHANNEL`
   */
  demand(has: (channel: string) => boolean): void;
  /**
   * Writes what each stage of the model would be to `expected`, NaN where it can't be told.
   * @param time ms since the epoch
   * @param seconds time since the instant before; 3600 for the first
   * @param measured the inputs' values, NaN where nothing was measured
   */
  evaluate(time: number, seconds: number, measured: Float64Array, memory: Float64Array, expected: Float64Array): void;
}

/**
 * An asset as the twin sees it: data and a few functions. The twin's machinery (faults, progressions, sensors, truth,
 * live steps, forks, run to failure, residuals) works on any object that fulfils this.
 */
export interface AssetModel {
  /** Kind of asset, such as `solar-plant`. */
  readonly type: string;
  /** Which asset. */
  readonly id: string;
  readonly channels: readonly ModelChannel[];
  readonly states: readonly ModelState[];
  /** How many inputs the environment writes. */
  readonly inputCount: number;
  /** The physical faults and harmless circumstances that it knows. */
  readonly faults: readonly FaultDefinition[];
  /** Named bundles of faults. */
  readonly scenarios: Readonly<Record<string, readonly ScenarioFault[]>>;
  /** Channel that a sensor fault hits when it names none. */
  readonly mainSensor: string;
  /** Channel or state whose shortfall against the healthy asset is the power lost; with its sign. */
  readonly output: { readonly name: string; readonly sign: 1 | -1 };
  /** Physical criteria of the end of life. */
  readonly endOfLife: readonly EndOfLife[];
  /** Channels whose expected values it can tell from measured inputs, in the order of the physics. */
  readonly stages: readonly string[];
  /** What acts on it from outside. */
  environment(options: EnvironmentOptions): Environment;
  /** Checks that `faults` can act on this asset and begins a simulation in which they do. */
  start(faults: readonly ActiveFault[]): AssetRun;
  /** What each stage would be if the asset were well, from the inputs that `frame` holds; NaN where it can't be told. */
  expected(frame: Frame): Frame;
  /** The same instant by instant, for live readings; without it each reading is taken as a frame of one row. */
  evaluator?(): StageEvaluator;
  /** Follows the asset's health from live readings; without it only the stages are judged. Needs `evaluator`. */
  filter?(): HealthFilter;
  /** What tells its wear by the day, independent of size and weather. Default: one ratio for each stage. */
  wear?(): WearMeter;
  /** What a sensor with a geometric fault reads instead, where the model can tell. */
  misread?(fault: ActiveFault, channel: string, time: number, inputs: Float64Array): number | undefined;
}

/** A fault of a scenario. */
export interface ScenarioFault {
  readonly id: string;
  readonly severity: number;
  readonly days?: number;
}

/** Days by whose mean a criterion of the end of life is judged: one dull day is no end of a life. */
export const CRITERION_DAYS = 7;

/** A physical criterion of failure, on the true state. */
export interface EndOfLife {
  /** Name, such as `inverter-efficiency`. */
  readonly name: string;
  /** The faults that lead to it. */
  readonly faults: readonly string[];
  /** Channel or state that is watched. */
  readonly channel: string;
  /** `below`: failed when it is under `limit`. */
  readonly when: 'below' | 'above';
  readonly limit: number;
  /** In words. */
  readonly title: string;
}
