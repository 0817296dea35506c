import type { Frame, Reading } from '../core/index.js';
import {
  type AnomalyUpdate,
  Forecaster,
  type HealthScore,
  type HealthScoreCalculator,
  type RULPrediction,
} from '../models/index.js';
import type { DigitalTwin } from '../twin/index.js';
import { clearSkyOutput } from './clear-sky.js';
import { DailyMeans, type SavedDaily } from './daily.js';
import { LEAST_FORECAST_HISTORY, lifeChannels, type PriorModels } from './prior-models.js';
import { residualRow, residualSentence } from './residual-features.js';

/** Everything that the monitor worked out from one reading. */
export interface AssetOutcome {
  readonly reading: Reading;
  /** What a sound asset would measure, by stage. */
  readonly expected: Readonly<Record<string, number>>;
  /** Measured over expected output; absent where too little is expected to tell. */
  readonly powerRatio: number | undefined;
  /** Absent while there is no detector, and where the reading is not judged. */
  readonly anomaly: (AnomalyUpdate & { readonly why: string | undefined }) | undefined;
  readonly health: HealthScore;
  /** The newest word on remaining life; absent while there is no predictor. */
  readonly life: RULPrediction | undefined;
  /** True where `life` was worked out anew from this reading on. */
  readonly lifeIsNew: boolean;
  /** A forecast that was made after this reading. */
  readonly forecast: Frame | undefined;
}

/** What is said of a reading that is not taken in. */
export interface ReadingJudgement {
  /** What a sound asset would measure, by stage. */
  readonly expected: Readonly<Record<string, number>>;
  /** Measured over expected output; absent where too little is expected to tell. */
  readonly powerRatio: number | undefined;
  /** Absent while there is no detector, and where the reading is not judged. */
  readonly anomaly:
    | { readonly score: number; readonly pValue: number; readonly anomalous: boolean; readonly why: string }
    | undefined;
}

/** The part of an asset's state that outlives a restart, for JSON. */
export interface AssetState {
  /** Time of the newest reading, ms since the epoch. */
  readonly time: number;
  readonly healthLabel: string | null;
  readonly life: RULPrediction | null;
  readonly forecastAt: number | null;
}

/** Options of the stages of one asset. */
export interface AssetMonitorOptions {
  readonly health: HealthScoreCalculator;
  /** Time between forecasts, ms of the readings' time. */
  readonly forecastEvery: number;
  /** Horizon of forecasts, ms. */
  readonly forecastHorizon: number;
}

/** Days that the predictor of remaining life is shown. */
const DAYS_KEPT = 60;

/** Least share of the full output that must be expected before measured is set against it. */
const LEAST_RATIO_OUTPUT = 0.05;

/** The stages of one asset, one reading at a time: twin, detector, health, remaining life, forecast. */
export class AssetMonitor {
  readonly twin: DigitalTwin;
  readonly #options: AssetMonitorOptions;
  readonly #daily: DailyMeans;
  #prior: PriorModels | undefined;
  #forecaster: Forecaster | undefined;
  #time = Number.NEGATIVE_INFINITY;
  #healthLabel: string | undefined;
  #life: RULPrediction | undefined;
  #forecastAt = Number.NEGATIVE_INFINITY;

  constructor(twin: DigitalTwin, options: AssetMonitorOptions) {
    this.twin = twin;
    this.#options = options;
    const units = new Map(twin.model.channels.map(({ name, unit }) => [name, unit]));
    this.#daily = new DailyMeans(
      lifeChannels(twin).map((name) => ({ name, unit: units.get(name) ?? '1' })),
      DAYS_KEPT,
    );
  }

  /** Time of the newest reading, ms since the epoch; −∞ before the first. */
  get time(): number {
    return this.#time;
  }

  /** A reading with the channels that are another one under a second name: `solarPower` is `acPower`, whichever was sent. */
  complete(reading: Reading): Reading {
    const { values } = reading;
    const added: Record<string, number> = {};
    for (const { name, aliasOf } of this.twin.model.channels) {
      if (aliasOf === undefined) continue;
      const [own, other] = [values[name], values[aliasOf]];
      if (own === undefined && other !== undefined) added[name] = other;
      if (own !== undefined && other === undefined) added[aliasOf] = own;
    }
    return Object.keys(added).length === 0 ? reading : { ...reading, values: { ...values, ...added } };
  }

  /** Takes trained models into use. */
  usePrior(prior: PriorModels): void {
    this.#prior = prior;
    this.#life = undefined;
  }

  /** Whether there are trained models. */
  get trained(): boolean {
    return this.#prior !== undefined;
  }

  /** Fits the forecaster on an asset's history; false where that is too short. */
  async fitForecaster(history: Frame): Promise<boolean> {
    const { name } = this.twin.model.output;
    const { time } = history;
    if (!history.has(name) || time.length < 2 || (time.at(-1) as number) - (time[0] as number) < LEAST_FORECAST_HISTORY)
      return false;
    const clearSky = clearSkyOutput(this.twin);
    const forecaster = new Forecaster({ engine: clearSky === undefined ? 'seasonal-naive' : 'smart-persistence' });
    const fullScale = this.twin.model.channels.find((channel) => channel.name === name)?.fullScale;
    await forecaster.fitAsync(history.select(name).resample('15m', { how: 'energy' }), {
      target: name,
      horizon: this.#options.forecastHorizon,
      ...(clearSky !== undefined && { clearSky }),
      ...(fullScale !== undefined && { max: fullScale * 1.1 }),
    });
    this.#forecaster = forecaster;
    return true;
  }

  /** Works out what a reading says. Readings must come in the order of time. */
  process(reading: Reading): AssetOutcome {
    const { model } = this.twin;
    this.#time = reading.time;
    const expected = this.expected(reading);
    const powerRatio = this.#powerRatio(reading, expected);
    const anomaly = this.#judge(reading, expected);
    const health = this.#options.health.calculate(
      {
        powerRatio,
        temperature: reading.values.temperature,
        batteryLevel: reading.values.batteryLevel,
        inverterEfficiency: reading.values.inverterEfficiency,
        degradation: reading.values.panelHealth === undefined ? undefined : 1 - reading.values.panelHealth / 100,
      },
      this.#healthLabel,
    );
    this.#healthLabel = health.label;
    const lifeIsNew =
      this.#daily.add(reading.time, reading.values) || (this.#life === undefined && this.#prior !== undefined);
    if (lifeIsNew && this.#prior?.predictor !== undefined)
      this.#life = this.#prior.predictor.predict(this.#daily.frame());
    const forecast = this.#forecast({
      ...reading,
      values: { [model.output.name]: reading.values[model.output.name] ?? Number.NaN },
    });
    return {
      reading,
      expected,
      powerRatio,
      anomaly,
      health,
      life: this.#life,
      lifeIsNew: lifeIsNew && this.#life !== undefined,
      forecast,
    };
  }

  /** The state that outlives a restart. */
  save(): AssetState {
    return {
      time: this.#time,
      healthLabel: this.#healthLabel ?? null,
      life: this.#life ?? null,
      forecastAt: Number.isFinite(this.#forecastAt) ? this.#forecastAt : null,
    };
  }

  /** The daily rows, which change once a day. */
  get daily(): DailyMeans {
    return this.#daily;
  }

  /** Goes on where `state` was taken. */
  restore(state: AssetState, daily: SavedDaily | undefined): void {
    this.#time = state.time;
    this.#healthLabel = state.healthLabel ?? undefined;
    this.#life = state.life ?? undefined;
    this.#forecastAt = state.forecastAt ?? Number.NEGATIVE_INFINITY;
    if (daily !== undefined) this.#daily.restore(daily);
  }

  /** Judges a reading without taking it in. */
  judge(reading: Reading): ReadingJudgement {
    const expected = this.expected(reading);
    const powerRatio = this.#powerRatio(reading, expected);
    const values = residualRow(this.twin.model, reading.values, expected);
    if (this.#prior === undefined || Object.keys(values).length === 0)
      return { expected, powerRatio, anomaly: undefined };
    const explanation = this.#prior.detector.explain({ ...reading, values });
    const { score, pValue, anomalous, contributions } = explanation;
    return {
      expected,
      powerRatio,
      anomaly: { score, pValue, anomalous, why: residualSentence(this.twin.model, contributions) },
    };
  }

  /** What a sound asset would measure in the place of `reading`; nothing where its inputs are not there. */
  expected(reading: Reading): Record<string, number> {
    const { values } = reading;
    const light = values.poaGlobal ?? values.irradiance ?? values.ghi;
    const warmth = values.airTemperature ?? values.moduleTemperature;
    // A sensor that is out leaves nothing to expect; a solar plant needs light and temperature.
    if (this.twin.plant !== undefined && (light === undefined || warmth === undefined)) return {};
    return this.twin.expected(reading);
  }

  #powerRatio(reading: Reading, expected: Readonly<Record<string, number>>): number | undefined {
    const { name } = this.twin.model.output;
    const measured = reading.values[name];
    const wanted = expected[name];
    const full = this.twin.model.channels.find((channel) => channel.name === name)?.fullScale ?? 0;
    if (measured === undefined || wanted === undefined || wanted < LEAST_RATIO_OUTPUT * full) return undefined;
    return Math.max(0, measured / wanted);
  }

  #judge(reading: Reading, expected: Readonly<Record<string, number>>): AssetOutcome['anomaly'] {
    const detector = this.#prior?.detector;
    if (detector === undefined) return undefined;
    const values = residualRow(this.twin.model, reading.values, expected);
    if (Object.keys(values).length === 0) return undefined;
    const residual = { assetId: reading.assetId, time: reading.time, values };
    const update = detector.update(residual);
    return { ...update, why: update.anomalous ? residualSentence(this.twin.model, update.contributions) : undefined };
  }

  #forecast(output: Reading): Frame | undefined {
    const forecaster = this.#forecaster;
    if (forecaster === undefined) return undefined;
    forecaster.update(output);
    if (output.time - this.#forecastAt < this.#options.forecastEvery) return undefined;
    this.#forecastAt = output.time;
    return forecaster.predict();
  }
}
