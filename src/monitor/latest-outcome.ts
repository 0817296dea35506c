import type { HealthScore, RULPrediction } from '../models/index.js';
import type { AssetModel } from '../twin/index.js';
import type { StageOutcome } from './stages.js';

/** Figures that are kept of a component of health: value, score, share, lost. */
const PER_COMPONENT = 4;

/** What is the same in nearly all healths of an asset. */
type HealthForm = Pick<HealthScore, 'missing' | 'reason'> & { readonly names: readonly string[] };

/**
 * An asset's newest outcome, as figures in arrays that are written over with each reading. As objects, the outcomes of
 * thousands of assets would each live just long enough to be copied by the collection of young garbage, which stops
 * everything meanwhile. What does not come down to figures (an anomaly with its reasons, a forecast, signals of stages of
 * one's own, quality flags) is kept as it is.
 */
export class LatestOutcome {
  readonly #channels: readonly string[];
  readonly #stages: readonly string[];
  /** By channel and by stage; NaN: not there. */
  readonly #measured: Float64Array;
  readonly #expected: Float64Array;
  /** Time, power ratio (NaN: none), score, p-value and raw score of the anomaly, health, degradation, confidence. */
  readonly #figures = new Float64Array(8);
  #components = new Float64Array(0);
  #form: HealthForm = { names: [], missing: [] };
  #assetId = '';
  #label = '';
  #judged = false;
  #drift = false;
  #life: RULPrediction | undefined;
  #lifeIsNew = false;
  /** Where the arrays do not hold it. */
  #whole: StageOutcome | undefined;
  #empty = true;

  constructor({ channels, stages }: Pick<AssetModel, 'channels' | 'stages'>) {
    this.#channels = channels.map(({ name }) => name);
    this.#stages = stages;
    this.#measured = new Float64Array(this.#channels.length);
    this.#expected = new Float64Array(stages.length);
  }

  clear(): void {
    this.#empty = true;
    this.#whole = undefined;
  }

  set(outcome: StageOutcome): void {
    this.#empty = false;
    this.#whole = this.#pack(outcome) ? undefined : outcome;
  }

  /** The outcome; undefined before the first. */
  get(): StageOutcome | undefined {
    if (this.#empty) return undefined;
    return this.#whole ?? this.#unpack();
  }

  /** False where not all of it can be kept as figures. */
  #pack({ reading, expected, powerRatio, anomaly, health, life, lifeIsNew, forecast, signals }: StageOutcome): boolean {
    const plain =
      reading.quality === undefined &&
      forecast === undefined &&
      signals === undefined &&
      !(anomaly?.anomalous ?? false);
    if (!plain || health.score === null || Number.isNaN(powerRatio)) return false;
    if (!pack(this.#channels, reading.values, this.#measured) || !pack(this.#stages, expected, this.#expected))
      return false;
    const figures = this.#figures;
    figures[0] = reading.time;
    figures[1] = powerRatio ?? Number.NaN;
    figures[2] = anomaly?.score ?? 0;
    figures[3] = anomaly?.pValue ?? 0;
    figures[4] = anomaly?.raw ?? 0;
    figures[5] = health.score;
    figures[6] = health.degradation;
    figures[7] = health.confidence;
    this.#packComponents(health);
    this.#assetId = reading.assetId;
    this.#label = health.label;
    this.#judged = anomaly !== undefined;
    this.#drift = anomaly?.drift ?? false;
    this.#life = life;
    this.#lifeIsNew = lifeIsNew;
    return true;
  }

  #packComponents({ components, missing, reason }: HealthScore): void {
    const { names } = this.#form;
    const same =
      reason === this.#form.reason &&
      components.length === names.length &&
      components.every(({ name }, i) => name === names[i]) &&
      missing.length === this.#form.missing.length &&
      missing.every((name, i) => name === this.#form.missing[i]);
    if (!same) {
      this.#form = { names: components.map(({ name }) => name), missing, ...(reason !== undefined && { reason }) };
      this.#components = new Float64Array(PER_COMPONENT * components.length);
    }
    const figures = this.#components;
    let k = 0;
    for (const { value, score, share, lost } of components) {
      figures[k++] = value;
      figures[k++] = score;
      figures[k++] = share;
      figures[k++] = lost;
    }
  }

  #unpack(): StageOutcome {
    const figure = (k: number) => this.#figures[k] as number;
    const time = figure(0);
    const powerRatio = figure(1);
    const { names, ...form } = this.#form;
    const part = (i: number, k: number) => this.#components[PER_COMPONENT * i + k] as number;
    return {
      reading: { assetId: this.#assetId, time, values: unpack(this.#channels, this.#measured) },
      expected: unpack(this.#stages, this.#expected),
      powerRatio: Number.isNaN(powerRatio) ? undefined : powerRatio,
      anomaly: this.#judged
        ? {
            score: figure(2),
            pValue: figure(3),
            anomalous: false,
            raw: figure(4),
            time,
            contributions: [],
            drift: this.#drift,
            why: undefined,
          }
        : undefined,
      health: {
        score: figure(5),
        label: this.#label,
        components: names.map((name, i) => ({
          name,
          value: part(i, 0),
          score: part(i, 1),
          share: part(i, 2),
          lost: part(i, 3),
        })),
        degradation: figure(6),
        confidence: figure(7),
        ...form,
      },
      life: this.#life,
      lifeIsNew: this.#lifeIsNew,
      forecast: undefined,
      signals: undefined,
    };
  }
}

/** Values by name into an array; false where one is none of the names', or is NaN, which says here that it is not there. */
function pack(names: readonly string[], values: Readonly<Record<string, number>>, into: Float64Array): boolean {
  let held = 0;
  for (let i = 0; i < names.length; i++) {
    const value = values[names[i] as string] ?? Number.NaN;
    into[i] = value;
    if (!Number.isNaN(value)) held++;
  }
  for (const _ in values) held--;
  return held === 0;
}

function unpack(names: readonly string[], from: Float64Array): Record<string, number> {
  const values: Record<string, number> = {};
  for (let i = 0; i < names.length; i++) {
    const value = from[i] as number;
    if (!Number.isNaN(value)) values[names[i] as string] = value;
  }
  return values;
}
