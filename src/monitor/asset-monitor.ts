import { fnv1a } from '../core/fnv.js';
import type { Frame, Reading } from '../core/index.js';
import type { Forecaster, RULPrediction } from '../models/index.js';
import { type DigitalTwin, wearMeterOf } from '../twin/index.js';
import { Aliases } from './aliases.js';
import { AssetModels } from './asset-models.js';
import type { AssetMonitorOptions, AssetOutcome, AssetState, DailyState, ReadingJudgement } from './asset-state.js';
import { DailyWear } from './daily.js';
import { expectedOfSound } from './expected-of-sound.js';
import { fitForecaster } from './fit-forecaster.js';
import { HealthMemory } from './health-memory.js';
import { HeldRatio } from './held-ratio.js';
import { LatestOutcome } from './latest-outcome.js';
import { ResidualRows, residualSentence } from './residual-features.js';
import { NewOutcome, type Stage, type StageAsset, type StageOutcome } from './stages.js';
import { textName } from './text-name.js';

/** Days that the predictor of remaining life is shown: it looks back on four times its window. */
const DAYS_KEPT = 150;

const DAY = 86_400_000;
/** Remaining life is judged within so long of the day's beginning, ms. */
const LIFE_WITHIN = 6 * 3_600_000;

/** Least share of the full output that must be expected before measured is set against it. */
const LEAST_RATIO_OUTPUT = 0.05;

/** One asset: its twin, its models, and what the stages remember of it. */
export class AssetMonitor implements StageAsset {
  readonly twin: DigitalTwin;
  readonly origin: string;
  readonly models = new AssetModels();
  readonly #options: AssetMonitorOptions;
  readonly #daily: DailyWear;
  readonly #residuals: ResidualRows;
  readonly #channels: ReadonlySet<string>;
  readonly #aliases: Aliases;
  readonly #output: string;
  readonly #leastOutput: number;
  /** Time of day (UTC) from which remaining life is judged, ms. */
  readonly #lifeAt: number;
  #time = Number.NEGATIVE_INFINITY;
  readonly #health = new HealthMemory();
  #life: RULPrediction | undefined;
  #forecastAt = Number.NEGATIVE_INFINITY;
  readonly #heldRatio = new HeldRatio();
  #memory: Record<string, Record<string, unknown>> | undefined;
  /** What was worked out from the newest reading. */
  readonly #latest: LatestOutcome;
  /** After a restart, the newest reading: it is judged again when it is asked for. */
  #newest: Reading | undefined;

  /** @param origin name of the description that its user gave: learned parameters belong to that */
  constructor(twin: DigitalTwin, options: AssetMonitorOptions, origin?: string) {
    this.twin = twin;
    this.origin = origin ?? textName(JSON.stringify(twin.toJSON().description));
    this.#options = options;
    const { channels, output } = twin.model;
    this.#channels = new Set(channels.map(({ name }) => name));
    this.#aliases = new Aliases(channels);
    this.#output = output.name;
    this.#leastOutput = LEAST_RATIO_OUTPUT * (channels.find(({ name }) => name === output.name)?.fullScale ?? 0);
    this.#residuals = new ResidualRows(twin.model);
    this.#daily = new DailyWear(wearMeterOf(twin.model), DAYS_KEPT);
    this.#latest = new LatestOutcome(twin.model);
    this.#lifeAt = fnv1a(twin.id) % LIFE_WITHIN;
  }

  get id(): string {
    return this.twin.id;
  }

  /** Names of the channels that the asset has. */
  get channels(): ReadonlySet<string> {
    return this.#channels;
  }

  /** Time of the newest reading, ms since the epoch; −∞ before the first. */
  get time(): number {
    return this.#time;
  }

  /** A reading with the channels that are another one under a second name. */
  complete(reading: Reading): Reading {
    return this.#aliases.complete(reading);
  }

  /** Goes on with the models and the state of `old`: the same asset under another description. */
  succeed(old: AssetMonitor): void {
    // Detectors look at the stages of the physics: those of another plant are none of ours.
    this.models.succeed(old.models, String(old.twin.model.stages) === String(this.twin.model.stages));
    const newest = old.#newest ?? old.#latest.get()?.reading;
    // What was measured over what is expected now is another figure than before.
    if (Number.isFinite(old.time)) this.restore({ ...old.save(), ratio: undefined }, undefined, newest);
  }

  memory(stage: string): Record<string, unknown> {
    this.#memory ??= {};
    this.#memory[stage] ??= {};
    return this.#memory[stage];
  }

  /** A forecaster fitted on the asset's history; undefined where that is too short. */
  fitForecaster(history: Frame): Promise<Forecaster | undefined> {
    return fitForecaster(this.twin, history, this.#options.forecastHorizon);
  }

  /** Works out what a reading says, stage by stage but for those that are shed. Readings must come in the order of time. */
  process(reading: Reading, shed?: ReadonlySet<string>, timed?: (stage: string, ms: number) => void): StageOutcome {
    this.#time = reading.time;
    const outcome = new NewOutcome(reading, this.#life);
    for (const stage of this.#options.stages) {
      if (shed?.has(stage.name) === true) continue;
      const start = timed === undefined ? 0 : performance.now();
      stage.process(outcome, this);
      timed?.(stage.name, performance.now() - start);
    }
    const { trial } = this.models;
    if (trial?.due(outcome) === true)
      trial.add(reading.time, this.#residuals.row(reading.values, outcome.expected), this.twin.model.stages);
    this.#keep(outcome);
    return outcome;
  }

  #keep(outcome: StageOutcome): void {
    this.#latest.set(outcome);
    this.#newest = undefined;
  }

  /**
   * Works out what a late reading says of its own time: expectation and anomaly, which look at nothing but the reading.
   * What comes after it (health's label, alerts, forecast) is not turned back.
   */
  revise(reading: Reading): StageOutcome {
    const outcome = new NewOutcome(reading, this.#life);
    this.expect(outcome);
    this.judgeAnomaly(outcome);
    outcome.life = undefined;
    return outcome;
  }

  /** What was worked out from the newest reading; undefined before the first. */
  get latest(): AssetOutcome | undefined {
    if (this.#newest !== undefined) {
      const outcome = new NewOutcome(this.#newest, this.#life);
      this.expect(outcome);
      this.judgeAnomaly(outcome);
      this.judgeHealth(outcome);
      this.#keep(outcome);
    }
    return this.#latest.get();
  }

  // --- the stages there are

  /** Stage `expectation`. */
  expect(outcome: StageOutcome): void {
    outcome.expected = this.expected(outcome.reading);
    outcome.powerRatio = this.#powerRatio(outcome.reading, outcome.expected);
  }

  /** Stage `anomaly`. */
  judgeAnomaly(outcome: StageOutcome): void {
    const { detector } = this.models;
    if (detector === undefined) return;
    const { reading } = outcome;
    const values = this.#residuals.row(reading.values, outcome.expected);
    if (values === undefined) return;
    const { assetId, time } = reading;
    const { score, pValue, anomalous, raw, contributions, drift } = detector.update({ assetId, time, values });
    const why = anomalous ? residualSentence(this.twin.model, contributions) : undefined;
    outcome.anomaly = { score, pValue, anomalous, raw, time, contributions, drift, why };
  }

  /** Stage `health`. */
  judgeHealth(outcome: StageOutcome): void {
    const { time, values } = outcome.reading;
    if (outcome.powerRatio !== undefined) {
      this.#heldRatio.add(time, values[this.#output] ?? 0, outcome.expected[this.#output] ?? 0);
    }
    const held = outcome.powerRatio === undefined ? this.#heldRatio.at(time) : undefined;
    outcome.health = this.#options.health.calculate(
      {
        powerRatio: outcome.powerRatio ?? held?.value,
        temperature: values.temperature,
        batteryLevel: values.batteryLevel,
        inverterEfficiency: values.inverterEfficiency,
        degradation: values.panelHealth === undefined ? undefined : 1 - values.panelHealth / 100,
      },
      { previous: this.#health.label, ...(held !== undefined && { age: { powerRatio: held.age } }) },
    );
    this.#health.label = outcome.health.label;
  }

  /** Stage `life`: once a day, each asset at a time of its own, so that midnight is no rush hour of a fleet. */
  judgeLife(outcome: StageOutcome): void {
    const { time, values } = outcome.reading;
    const waited = this.#lifeWaits;
    const newDay = this.#daily.add(time, values, outcome.expected);
    const { predictor } = this.models;
    if (predictor === undefined) return;
    // What still waits at the end of a day is asked for then: this asset's readings come at other hours.
    const due = (newDay && waited) || (this.#lifeWaits && time % DAY >= this.#lifeAt);
    if (this.#life !== undefined && !due) return;
    this.#life = this.#answer('predictor', () => predictor.predict(this.#daily.frame()));
    outcome.life = this.#life;
    outcome.lifeIsNew = true;
  }

  /** Whether there is a whole day of which remaining life has not been asked yet. */
  get #lifeWaits(): boolean {
    const { lastDay } = this.#daily;
    return lastDay !== undefined && lastDay !== this.#life?.time;
  }

  /** Stage `forecast`. */
  makeForecast(outcome: StageOutcome): void {
    const { forecaster } = this.models;
    if (forecaster === undefined) return;
    const { assetId, time, values } = outcome.reading;
    forecaster.update({ assetId, time, values: { [this.#output]: values[this.#output] ?? Number.NaN } });
    if (time - this.#forecastAt < this.#options.forecastEvery) return;
    this.#forecastAt = time;
    outcome.forecast = this.#answer('forecaster', () => forecaster.predict());
  }

  #answer<Answer>(model: string, work: () => Answer): Answer {
    const start = performance.now();
    const answer = work();
    this.#options.onInference?.(model, performance.now() - start);
    return answer;
  }

  /** What is remembered of the asset's health. */
  get health(): HealthMemory {
    return this.#health;
  }

  // --- state

  /** What changes with every reading. */
  save(): AssetState {
    const ratio = this.#heldRatio.save();
    const shadow = this.models.trial?.save();
    return {
      time: this.#time,
      ...this.#health.save(),
      ...(ratio !== undefined && { ratio }),
      forecastAt: Number.isFinite(this.#forecastAt) ? this.#forecastAt : null,
      ...(this.#memory !== undefined && { memory: this.#memory }),
      ...(shadow !== undefined && { shadow }),
    };
  }

  /** What changes once a day. */
  saveDaily(): DailyState {
    return { daily: this.#daily.toJSON(), life: this.#life ?? null };
  }

  /** The daily rows, which change once a day. */
  get daily(): DailyWear {
    return this.#daily;
  }

  /** Goes on where `state` was taken; without one, from the beginning. `newest` is the newest reading, where it is stored. */
  restore(state: AssetState | undefined, daily: DailyState | undefined, newest?: Reading): void {
    this.#latest.clear();
    this.#newest = newest;
    this.#time = state?.time ?? Number.NEGATIVE_INFINITY;
    this.#health.restore(state);
    this.#heldRatio.restore(state?.ratio);
    this.#forecastAt = state?.forecastAt ?? Number.NEGATIVE_INFINITY;
    this.#memory = state?.memory === undefined ? undefined : structuredClone(state.memory);
    this.models.restoreTrial(state?.shadow);
    this.#life = daily?.life ?? undefined;
    if (daily === undefined) this.#daily.clear();
    else this.#daily.restore(daily.daily);
  }

  // --- questions

  /** Judges a reading without taking it in. */
  judge(reading: Reading): ReadingJudgement {
    const expected = this.expected(reading);
    const powerRatio = this.#powerRatio(reading, expected);
    const values = this.#residuals.row(reading.values, expected);
    const { detector } = this.models;
    if (detector === undefined || values === undefined) return { expected, powerRatio, anomaly: undefined };
    const { score, pValue, anomalous, contributions } = detector.explain({ ...reading, values });
    return {
      expected,
      powerRatio,
      anomaly: { score, pValue, anomalous, why: residualSentence(this.twin.model, contributions) },
    };
  }

  /** What a sound asset would measure in the place of `reading`; nothing where its inputs are not there. */
  expected(reading: Reading): Record<string, number> {
    return expectedOfSound(this.twin, reading);
  }

  #powerRatio(reading: Reading, expected: Readonly<Record<string, number>>): number | undefined {
    const measured = reading.values[this.#output];
    const wanted = expected[this.#output];
    if (measured === undefined || wanted === undefined || wanted < this.#leastOutput) return undefined;
    return Math.max(0, measured / wanted);
  }
}

/** The stages there are, in their order. */
export const defaultStages: readonly Stage[] = [
  { name: 'expectation', process: (outcome, asset) => (asset as AssetMonitor).expect(outcome) },
  { name: 'anomaly', process: (outcome, asset) => (asset as AssetMonitor).judgeAnomaly(outcome) },
  { name: 'health', process: (outcome, asset) => (asset as AssetMonitor).judgeHealth(outcome) },
  { name: 'life', process: (outcome, asset) => (asset as AssetMonitor).judgeLife(outcome) },
  { name: 'forecast', process: (outcome, asset) => (asset as AssetMonitor).makeForecast(outcome) },
];
