import { type Frame, TwinergyError, throwIfAborted, type WorkOptions } from '../../core/index.js';
import { AnomalyDetector } from '../../models/index.js';
import { DigitalTwin, type PlantDescription } from '../../twin/index.js';
import type { SavedPrior } from '../prior-models.js';
import { residualFrame } from '../residual-features.js';
import { rowsOfDays } from './good-days.js';
import { betterDetector, betterTwin, detectorScore, twinError } from './judge.js';
import type { LearnedModel } from './options.js';
import { frameOf, type PlainFrame } from './plain-frame.js';

/** What a job of kind `learn` is given: JSON data. */
export interface LearnPayload {
  /** Name of the description that the user gave. */
  readonly origin: string;
  /** The plant as its twin is now. */
  readonly description: PlantDescription;
  /** The detector in use; null where there is none. */
  readonly detector: SavedPrior['detector'] | null;
  readonly telemetry: PlainFrame;
  /** Days (ms since the epoch) to learn from, and later ones to judge by. */
  readonly train: readonly number[];
  readonly judge: readonly number[];
  readonly falseAlarmRate: number;
  readonly seed: number;
}

/**
 * Learns a plant's parameters and its detector from good days, and judges both by later days that they have not seen, beside
 * those in use. What the detector looks at follows from the twin: it learns from the better one.
 */
export async function learn(payload: LearnPayload, work: WorkOptions = {}): Promise<LearnedModel[]> {
  const { signal, onProgress } = work;
  const telemetry = frameOf(payload.telemetry);
  const [train, judge] = [rowsOfDays(telemetry, payload.train), rowsOfDays(telemetry, payload.judge)];
  const learned: LearnedModel[] = [];
  const inUse = new DigitalTwin(payload.description, { seed: payload.seed });
  onProgress?.({ phase: 'calibrating the twin', done: 0, total: 2 });
  const fresh = await calibrated(inUse, train, payload.seed, work);
  let twin = inUse;
  if (fresh !== undefined) {
    const [error, oldError] = [twinError(fresh, judge), twinError(inUse, judge)];
    const better = betterTwin(error, oldError);
    learned.push({
      kind: 'twin',
      data: { origin: payload.origin, model: fresh.toJSON().description },
      better,
      metrics: { error, oldError },
      why: `Errs by ${percent(error)} on days that it has not seen; the twin in use by ${percent(oldError)}.`,
    });
    if (better) twin = fresh;
  }
  throwIfAborted(signal);
  onProgress?.({ phase: 'fitting the detector', done: 1, total: 2 });
  learned.push(await learnDetector(payload, twin, train, judge, work));
  return learned;
}

/** The calibrated twin; undefined where these data do not allow one. */
async function calibrated(
  twin: DigitalTwin,
  train: Frame,
  seed: number,
  work: WorkOptions,
): Promise<DigitalTwin | undefined> {
  try {
    const { description } = await twin.calibrate(train, work);
    return new DigitalTwin(description, { seed });
  } catch (error) {
    if (error instanceof TwinergyError && error.code.startsWith('CALIBRATION_')) return undefined;
    throw error;
  }
}

async function learnDetector(
  { origin, detector: saved, falseAlarmRate, seed }: LearnPayload,
  twin: DigitalTwin,
  train: Frame,
  judge: Frame,
  work: WorkOptions,
): Promise<LearnedModel> {
  const fresh = new AnomalyDetector({ falseAlarmRate, seed, drift: 'none' });
  await fresh.fitAsync(residualFrame(twin, train), work);
  const residuals = residualFrame(twin, judge);
  const score = detectorScore(fresh, residuals);
  const data = { origin, model: fresh.toJSON() };
  const found = `Finds ${percent(score.found)} of test faults, and raises ${percent(score.falseShare)} of sound rows`;
  const old = saved === null ? undefined : detectorScore(AnomalyDetector.fromJSON(saved), residuals);
  return {
    kind: 'detector',
    data,
    better: betterDetector(score, old, falseAlarmRate),
    metrics: { ...score, ...(old !== undefined && { oldFalseShare: old.falseShare, oldFound: old.found }) },
    why:
      old === undefined
        ? `${found}; none is in use.`
        : `${found}; the detector in use ${percent(old.found)} and ${percent(old.falseShare)}.`,
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
