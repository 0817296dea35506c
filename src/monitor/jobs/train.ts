import type { WorkOptions } from '../../core/index.js';
import { DigitalTwin, type PlantDescription } from '../../twin/index.js';
import { detectorScore } from '../learning/judge.js';
import { type PriorOptions, type SavedPrior, savePrior, trainPrior } from '../prior-models.js';
import { type DataFingerprint, fingerprint } from '../registry/fingerprint.js';
import { residualFrame } from '../residual-features.js';

/** What a job of kind `train` is given: the plant whose kind gets its first models. */
export interface TrainPayload {
  readonly description: PlantDescription;
  readonly options: PriorOptions;
  /** Whether the detector is also judged, by days that it has not seen. */
  readonly judge?: boolean | undefined;
}

/** What it gives. */
export interface TrainResult {
  readonly saved: SavedPrior;
  /** Of the sound operation that the detector learned from. */
  readonly fingerprint: DataFingerprint;
  /** Of the detector, on days that it has not seen. */
  readonly metrics?: { readonly falseShare: number; readonly found: number } | undefined;
}

/** Days by which a detector is judged, in each of two seasons. */
const JUDGED_DAYS = 2;

/** Makes the first models of a kind of asset. */
export async function trainTwin(
  twin: DigitalTwin,
  { options, judge = false }: Omit<TrainPayload, 'description'>,
  work: WorkOptions,
): Promise<TrainResult> {
  const trained = await trainPrior(twin, options, work);
  const made: TrainResult = { saved: savePrior(trained), fingerprint: fingerprint(trained.sound) };
  if (!judge) return made;
  const { signal } = work;
  const parts = [];
  for (const [part, month] of [5, 11].entries()) {
    const { telemetry } = await twin.simulateAsync({
      from: Date.UTC(2026, month, 1),
      days: JUDGED_DAYS,
      step: '15m',
      // Weather of its own: the seasons of the training have the seeds from `seed` on.
      seed: (options.seed ?? 0) + 1_000 + part,
      signal,
    });
    parts.push(residualFrame(twin, telemetry));
  }
  const days = parts.reduce((all, part) => all.join(part, { conflict: 'left' }));
  return { ...made, metrics: detectorScore(trained.detector, days) };
}

/** The same from a description. */
export function trainKind({ description, ...how }: TrainPayload, work: WorkOptions): Promise<TrainResult> {
  return trainTwin(new DigitalTwin(description), how, work);
}
