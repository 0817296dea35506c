import {
  type Clock,
  durationMs,
  type Frame,
  NotFittedError,
  quote,
  type Reading,
  runAsync,
  runSync,
  systemClock,
  TwinergyError,
  type WorkOptions,
} from '../core/index.js';
import type { AssetModel } from './asset-model.js';
import type { CalibrateOptions } from './calibration/calibrate.js';
import type { Calibration } from './calibration/calibration.js';
import type { Plant } from './description/plant.js';
import type { PlantDescription } from './description/schema.js';
import type { Diagnoser, DiagnoserState, Finding } from './diagnosis/index.js';
import { loadDiagnoser, loadedDiagnoser } from './diagnosis/loading.js';
import { ReadingExpectation } from './expected.js';
import { type FailureForecast, type FailureForecastOptions, failureProgressionWork } from './failure-progression.js';
import { type FaultRequest, readTime } from './faults/index.js';
import {
  type Assimilation,
  LiveState,
  type LiveStateData,
  type StateEstimate,
  type StateHistory,
} from './filter/live-state.js';
import { SolarPlantModel } from './plant/model.js';
import type { Prognosis, PrognosisOptions } from './prognosis/prognose.js';
import { residuals } from './residuals.js';
import { type RunToFailure, type RunToFailureOptions, runToFailureWork } from './run-to-failure.js';
import { type Period, type Simulation, scenarioFaults, simulateWork } from './simulation.js';
import { Simulator, type SimulatorOptions, type SimulatorState, succeed } from './simulator.js';
import type { Climate } from './weather/climate.js';

/** Options of a `DigitalTwin`. */
export interface DigitalTwinOptions {
  /** Seed of noise, weather and random progressions. Default 0. */
  readonly seed?: number | undefined;
  /** Seed of the weather alone: assets that share it lie under the same clouds. Default: `seed`. */
  readonly weatherSeed?: number | undefined;
  /** Climate of the weather generator. Default: guessed from latitude and altitude. */
  readonly climate?: Climate | undefined;
  /** Measured weather for live steps, with at least the column `ghi`. Default: the generator. */
  readonly weather?: Frame | undefined;
  /** Faults of live steps. Default: none. */
  readonly faults?: readonly FaultRequest[] | undefined;
  /** When live steps begin: ISO text or ms since the epoch. Default: the clock's now, at the first step. */
  readonly start?: string | number | undefined;
  /** Time from one live step to the next. Default `5m`. */
  readonly step?: string | number | undefined;
  /** Clock of live steps. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** Options of one simulation; what is not given is taken from the twin. */
export interface SimulateOptions extends Period, WorkOptions {
  readonly seed?: number | undefined;
  readonly weatherSeed?: number | undefined;
  readonly faults?: readonly FaultRequest[] | undefined;
  /** A named bundle of faults, beside `faults`. */
  readonly scenario?: string | undefined;
  readonly weather?: Frame | undefined;
}

/** A twin's state for JSON. */
export interface DigitalTwinState {
  readonly formatVersion: 1;
  /** The plant's description; null for a model of the user's own, which `fromJSON` must then be given. */
  readonly description: PlantDescription | null;
  readonly climate: Climate | null;
  readonly seed: number;
  readonly weatherSeed: number;
  readonly step: number;
  readonly scenario: string;
  readonly live: {
    /** Time of the last step and when the simulator was begun, ms since the epoch. */
    readonly time: number;
    readonly start: number;
    readonly faults: readonly FaultRequest[];
    readonly simulator: SimulatorState;
  } | null;
  /** What the assimilated telemetry told of the health; null or absent before the first reading. */
  readonly estimate?: LiveStateData | null;
  /** What diagnosis has learned and seen; null or absent before `learnBaseline`. */
  readonly diagnosis?: DiagnoserState | null;
}

/**
 * The digital twin of an asset: simulates it with faults, goes along with it live, tells what it should be doing, and
 * runs it to failure. A plant is given as one JSON description; another kind of asset as an `AssetModel`.
 *
 * ```ts
 * const twin = new DigitalTwin(plant);
 * const { telemetry, truth } = twin.simulate({ from: '2026-06-01', days: 30, seed: 1 });
 * ```
 */
export class DigitalTwin {
  /** The asset as the twin's machinery sees it: channels, faults, scenarios. */
  readonly model: AssetModel;
  readonly #description: PlantDescription | null;
  readonly #options: DigitalTwinOptions;
  readonly #seed: number;
  readonly #weatherSeed: number;
  readonly #step: number;
  readonly #clock: Clock;
  #scenario = 'normal';
  #diagnoser: Diagnoser | undefined;
  #expectation: ReadingExpectation | undefined;
  #estimate: LiveState | undefined;
  #live: { simulator: Simulator; time: number; start: number; faults: readonly FaultRequest[] } | undefined;

  /**
   * @param asset description of a solar plant, or a model of the user's own
   * @throws TwinergyError `TWIN_BAD_DESCRIPTION` with the path of the fault, such as `arrays[1].tilt`
   */
  constructor(asset: PlantDescription | AssetModel, options: DigitalTwinOptions = {}) {
    if ('channels' in asset) {
      this.model = asset;
      this.#description = null;
    } else {
      this.model = new SolarPlantModel(asset, options.climate);
      this.#description = structuredClone(asset);
    }
    this.#options = options;
    this.#seed = options.seed ?? 0;
    this.#weatherSeed = options.weatherSeed ?? this.#seed;
    this.#step = durationMs(options.step ?? '5m', 'step');
    this.#clock = options.clock ?? systemClock;
  }

  /** Which asset. */
  get id(): string {
    return this.model.id;
  }

  /** The checked description of a solar plant with every default filled in; undefined for another kind of asset. */
  get plant(): Plant | undefined {
    return this.model instanceof SolarPlantModel ? this.model.plant : undefined;
  }

  /** The scenario being played, `normal` to begin with. */
  get scenario(): string {
    return this.#scenario;
  }

  /** Time of the last live step, ms since the epoch; undefined before the first. */
  get time(): number | undefined {
    return this.#live?.time;
  }

  /** The true values behind the last live step, by channel and state; undefined before the first. */
  get truth(): Record<string, number> | undefined {
    const live = this.#live;
    if (live === undefined) return undefined;
    return Object.fromEntries(
      [...this.model.channels, ...this.model.states].map(({ name }, i) => [name, live.simulator.truth[i] as number]),
    );
  }

  /**
   * Simulates a period from a fresh state: telemetry as the instruments show it, and the truth beside it. The live state
   * is left alone. The same options give the same bits.
   * @throws TwinergyError `TWIN_BAD_PERIOD`, `TWIN_UNKNOWN_FAULT`, `TWIN_BAD_FAULT`, `TWIN_UNKNOWN_SCENARIO`, `TWIN_BAD_WEATHER`
   */
  simulate(options: SimulateOptions): Simulation {
    return runSync(simulateWork(this.model, options, this.#simulatorOptions(options)), options);
  }

  /** As `simulate`, giving the event loop its turn now and then. */
  simulateAsync(options: SimulateOptions): Promise<Simulation> {
    return runAsync(simulateWork(this.model, options, this.#simulatorOptions(options)), options);
  }

  #simulatorOptions(options: SimulateOptions): Omit<SimulatorOptions, 'start'> {
    const scenario =
      options.scenario === undefined
        ? []
        : scenarioFaults(this.model, options.scenario, readTime(options.from, 'from'));
    return {
      seed: options.seed ?? this.#seed,
      weatherSeed: options.weatherSeed ?? options.seed ?? this.#weatherSeed,
      faults: [...(options.faults ?? []), ...scenario],
      weather: options.weather,
    };
  }

  /**
   * One live step: goes on by the twin's step, or to `time`, and gives what the instruments show. Steps from `start`
   * give the same values as `simulate` from there. A channel that shows nothing (no efficiency at night) is absent.
   * @param time ms since the epoch, after that of the last step
   * @throws TwinergyError `TWIN_TIME_BACKWARD`
   */
  step(time?: number): Reading {
    const live = this.#live ?? this.#begin(time);
    const first = Number.isNaN(live.time);
    const now = time ?? (first ? live.start : live.time + this.#step);
    if (now <= live.time) {
      throw new TwinergyError('TWIN_TIME_BACKWARD', `The twin is at ${live.time}; it cannot step to ${now}.`, {
        path: 'time',
        value: now,
        hint: 'fork() the twin or begin a new one to look back.',
      });
    }
    // A step covers the time that follows its row, as in a simulation; after a pause it makes up for the pause instead.
    const seconds = first ? this.#step / 1000 : Math.max(this.#step, now - live.time) / 1000;
    live.simulator.advance(now, time === undefined ? this.#step / 1000 : seconds);
    live.time = now;
    const values: Record<string, number> = {};
    this.model.channels.forEach((channel, c) => {
      const value = live.simulator.measured[c] as number;
      if (!Number.isNaN(value)) values[channel.name] = value;
    });
    return { assetId: this.id, time: now, values };
  }

  #begin(time: number | undefined) {
    const { start: given, faults = [] } = this.#options;
    const start = given === undefined ? (time ?? this.#clock.now()) : readTime(given, 'start');
    const simulator = new Simulator(this.model, this.#liveOptions(start, faults));
    this.#live = { simulator, time: Number.NaN, start, faults };
    return this.#live;
  }

  #liveOptions(start: number, faults: readonly FaultRequest[]): SimulatorOptions {
    return { seed: this.#seed, weatherSeed: this.#weatherSeed, start, faults, weather: this.#options.weather };
  }

  /** What the asset shows now, by the clock: one reading of the scenario being played. */
  generateTwinData(): Reading {
    const now = this.#clock.now();
    const last = this.#live?.time ?? Number.NaN;
    return this.step(now > last || Number.isNaN(last) ? now : undefined);
  }

  /**
   * Plays a scenario from the next live step on, in place of the faults there are. What has happened so far (dust, heat,
   * charge) stays.
   * @throws TwinergyError `TWIN_UNKNOWN_SCENARIO`
   */
  setScenario(name: string): void {
    const live = this.#live ?? this.#begin(undefined);
    const from = Number.isNaN(live.time) ? live.start : live.time;
    this.setFaults(scenarioFaults(this.model, name, from));
    this.#scenario = name;
  }

  /** Lets these faults act from the next live step on, in place of those there are. */
  setFaults(faults: readonly FaultRequest[]): void {
    const live = this.#live ?? this.#begin(undefined);
    const from = Number.isNaN(live.time) ? live.start : live.time;
    live.simulator = succeed(this.model, live.simulator, this.#liveOptions(from, faults));
    live.start = from;
    live.faults = faults;
    this.#scenario = faults.length === 0 ? 'normal' : 'custom';
  }

  /**
   * Looks ahead from the present state: how the asset fails when the faults of a scenario grow to their full severity,
   * and when it meets each criterion of its end of life.
   * @throws TwinergyError `TWIN_UNKNOWN_SCENARIO`
   */
  simulateFailureProgression(options: FailureForecastOptions = {}): FailureForecast {
    return runSync(this.#failureProgression(options), options);
  }

  /** As `simulateFailureProgression`, giving the event loop its turn in between; bit-equal to it. */
  simulateFailureProgressionAsync(options: FailureForecastOptions = {}): Promise<FailureForecast> {
    return runAsync(this.#failureProgression(options), options);
  }

  #failureProgression(options: FailureForecastOptions) {
    return failureProgressionWork(this.model, this.#live?.simulator, {
      ...options,
      scenario:
        options.scenario ??
        (this.#scenario === 'normal' || this.#scenario === 'custom' ? 'degradation' : this.#scenario),
      from: options.from ?? this.#live?.time ?? this.#options.start ?? this.#clock.now(),
      seed: this.#seed,
      weatherSeed: this.#weatherSeed,
    });
  }

  /**
   * What a sound asset would do under the inputs that were measured: expected values of each stage of the physics, row
   * by row. For a reading: the expected values by name, without those that cannot be told.
   * @throws TwinergyError `TWIN_MISSING_CHANNEL`
   */
  expected(telemetry: Frame): Frame;
  expected(reading: Reading): Record<string, number>;
  expected(measured: Frame | Reading): Frame | Record<string, number> {
    if (!('values' in measured)) return this.model.expected(measured);
    this.#expectation ??= new ReadingExpectation(this.model);
    return this.#expectation.of(measured);
  }

  /**
   * Takes in telemetry and follows the asset's health by it. Of a frame: for each stage `X` that was measured, columns `X`,
   * `X.expected` (a sound asset), `X.residual`, `X.variance` (of the residual in a sound asset), `X.innovation` (measured
   * less what the estimated health foretold, in standard deviations), and `state.Q`, `state.Q.sd` for each quantity of the
   * health. Of a reading: the same by stage, in arrays that the next reading overwrites. Rows that are not newer than the
   * live state are let in late where the newest readings can be taken back, and else only judged.
   * @throws TwinergyError `TWIN_MISSING_CHANNEL` for a frame, `TWIN_NOT_LIVE` for a reading where the model has no evaluator
   */
  assimilate(telemetry: Frame): Frame;
  assimilate(reading: Reading): Assimilation;
  assimilate(measured: Frame | Reading): Frame | Assimilation {
    if ('values' in measured) {
      this.#diagnoser?.update(measured);
      return this.#estimator().assimilate(measured);
    }
    this.#diagnoser?.observe(measured);
    const evaluator = this.model.evaluator?.();
    if (evaluator === undefined) return residuals(this.model, measured);
    evaluator.demand((name) => measured.has(name));
    return this.#estimator().assimilateFrame(measured);
  }

  #estimator(): LiveState {
    this.#estimate ??= new LiveState(this.model);
    return this.#estimate;
  }

  /**
   * The asset's health as the assimilated telemetry has it: mean, standard deviation and age of the evidence of each
   * quantity of which the telemetry told something; empty before the first reading.
   */
  get state(): StateEstimate[] {
    return this.#estimate?.estimates() ?? [];
  }

  /** Daily values of one quantity of the health, such as `inverter1.extraLoss`; undefined where it is not followed. */
  stateHistory(name: string): StateHistory | undefined {
    return this.#estimate?.history(name);
  }

  /**
   * Finds the plant's parameters in its own telemetry: orientation, peak power, temperature coefficient, heat loss, series
   * resistance, limits and efficiency of the inverters, dust, and how far the clocks are off; each with its uncertainty.
   * The description is what is known beforehand. The twin itself stays as it is: `new DigitalTwin(fit.description)`. What
   * `diagnose` judges by is learned apart, by `learnBaseline`: a fit stands a history in which the plant was ill, a baseline
   * does not.
   * @param history power (`acPower`, `meterPower` or `dcPower`) and what there is of `poaGlobal`, `ghi`, `dni`, `dhi`,
   * `airTemperature`, `moduleTemperature`, `windSpeed`, strings' `dcVoltage` and `dcCurrent`
   * @throws TwinergyError `CALIBRATION_UNSUPPORTED`, `CALIBRATION_NO_POWER`, `CALIBRATION_NEEDS_SITE`, `CALIBRATION_TOO_SHORT`
   */
  async calibrate(history: Frame, options: CalibrateOptions = {}): Promise<Calibration> {
    if (this.#description === null) {
      throw new TwinergyError(
        'CALIBRATION_UNSUPPORTED',
        `Only solar plants can be calibrated, and ${quote(this.id)} is none.`,
      );
    }
    const { calibrateWork } = await import('./calibration/calibrate.js');
    return runAsync(calibrateWork(this.#description, history, options), options);
  }

  /**
   * Learns from telemetry of a healthy period, some weeks of it, what each part of the plant gives: what `diagnose` judges
   * by. From then on `assimilate` goes on with the diagnosis too.
   * @throws TwinergyError `DIAGNOSIS_TOO_SHORT`, `TWIN_WRONG_ASSET`
   */
  async learnBaseline(healthy: Frame): Promise<void> {
    const { plant } = this;
    if (plant === undefined) {
      throw new TwinergyError('TWIN_WRONG_ASSET', `Only solar plants can be diagnosed, not a ${this.model.type}.`, {});
    }
    const Diagnoser = await loadDiagnoser();
    this.#diagnoser = new Diagnoser(plant).learn(healthy);
  }

  /**
   * What is wrong, ranked: faults of the catalogue, sensors, curtailment, or "healthy", each with probability, severity,
   * onset, energy lost and the evidence in words. Judges the telemetry that was assimilated since `learnBaseline`, or
   * `window.telemetry`, which goes on from there and leaves the twin's own state alone.
   * @param window `last`: only what was seen in the last time of that length, such as `14d`
   * @throws NotFittedError before `learnBaseline`
   */
  diagnose(window: { readonly last?: string | number; readonly telemetry?: Frame } = {}): Finding[] {
    const { plant } = this;
    const own = this.#diagnoser;
    if (own === undefined || plant === undefined) throw new NotFittedError('diagnose: call learnBaseline first');
    const diagnoser = window.telemetry === undefined ? own : loadedDiagnoser().fromJSON(plant, own.toJSON());
    if (window.telemetry !== undefined) diagnoser.observe(window.telemetry);
    diagnoser.closeIfDark();
    const end = diagnoser.days[diagnoser.days.length - 1]?.end ?? 0;
    return diagnoser.ranked(
      window.last === undefined ? Number.NEGATIVE_INFINITY : end - durationMs(window.last, 'window.last'),
    );
  }

  /**
   * Lets a fleet of this asset's kind run to failure, each with its own fault, rate and weather, and gives their daily
   * histories with the true time of failure, by physical criteria: training data for predictors of remaining life.
   */
  runToFailure(options: RunToFailureOptions): RunToFailure[] {
    return runSync(runToFailureWork(this.model, options), options);
  }

  /** As `runToFailure`, giving the event loop its turn now and then. */
  runToFailureAsync(options: RunToFailureOptions): Promise<RunToFailure[]> {
    return runAsync(runToFailureWork(this.model, options), options);
  }

  /**
   * When an event will come, as a distribution: futures are played in which the health goes on as the assimilated
   * telemetry leaves possible, under generated weather. The same options on the same state give the same bits.
   * @throws TwinergyError `TWIN_BAD_EVENT`, `TWIN_BAD_PROGNOSIS`, `TWIN_NO_STATE`, `BAD_DURATION`, `ABORTED`
   */
  async prognose(options: PrognosisOptions): Promise<Prognosis> {
    const { prognoseWork } = await import('./prognosis/prognose.js');
    return runAsync(prognoseWork(this.model, this.#estimate, options), options);
  }

  /** A twin in the same state that goes its own way: for questions of "what if". */
  fork(): DigitalTwin {
    const fork = new DigitalTwin(this.#description ?? this.model, this.#options);
    fork.#restore(this.toJSON());
    return fork;
  }

  /** The state for JSON, from which `fromJSON` goes on to the bit. Measured weather is not in it. */
  toJSON(): DigitalTwinState {
    const live = this.#live;
    return {
      formatVersion: 1,
      description: this.#description,
      climate: this.#options.climate ?? null,
      seed: this.#seed,
      weatherSeed: this.#weatherSeed,
      step: this.#step,
      scenario: this.#scenario,
      live:
        live === undefined || Number.isNaN(live.time)
          ? null
          : { time: live.time, start: live.start, faults: live.faults, simulator: live.simulator.save() },
      estimate: this.#estimate?.toJSON() ?? null,
      diagnosis: this.#diagnoser?.toJSON() ?? null,
    };
  }

  /** As `fromJSON`, loading what the state needs. */
  static async load(
    state: DigitalTwinState,
    options: Pick<DigitalTwinOptions, 'clock' | 'weather'> = {},
    model?: AssetModel,
  ): Promise<DigitalTwin> {
    if (state.diagnosis !== undefined && state.diagnosis !== null) await loadDiagnoser();
    return DigitalTwin.fromJSON(state, options, model);
  }

  /**
   * The twin that `toJSON` wrote.
   * @param options what is not in the state: clock, measured weather
   * @param model the model, for an asset that is not a solar plant
   * @throws TwinergyError `TWIN_BAD_STATE`, `TWIN_NOT_LOADED` where the state holds a diagnosis and none has been made yet:
   * then `load` is the way
   */
  static fromJSON(
    state: DigitalTwinState,
    options: Pick<DigitalTwinOptions, 'clock' | 'weather'> = {},
    model?: AssetModel,
  ): DigitalTwin {
    if (state.formatVersion !== 1) {
      throw new TwinergyError(
        'TWIN_BAD_STATE',
        `This is no state of a twin of format 1, got ${quote(state.formatVersion)}.`,
        {
          path: 'formatVersion',
          value: state.formatVersion,
        },
      );
    }
    const asset = model ?? state.description;
    if (asset === null) {
      throw new TwinergyError('TWIN_BAD_STATE', 'This state is of a model of your own, which must be given.', {
        path: 'model',
      });
    }
    const { seed, weatherSeed, step, climate } = state;
    const twin = new DigitalTwin(asset, { ...options, seed, weatherSeed, step, climate: climate ?? undefined });
    twin.#restore(state);
    return twin;
  }

  #restore({ live, scenario, estimate, diagnosis }: DigitalTwinState): void {
    this.#scenario = scenario;
    if (estimate !== undefined && estimate !== null) this.#estimate = LiveState.fromJSON(this.model, estimate);
    if (diagnosis !== undefined && diagnosis !== null && this.plant !== undefined)
      this.#diagnoser = loadedDiagnoser().fromJSON(this.plant, diagnosis);
    if (live === null) return;
    const simulator = new Simulator(this.model, this.#liveOptions(live.start, live.faults));
    simulator.load(live.simulator);
    this.#live = { simulator, time: live.time, start: live.start, faults: live.faults };
  }
}
