import type { WorkOptions } from '../../core/index.js';
import { DigitalTwin, type PlantDescription } from '../../twin/index.js';
import { type PriorOptions, type SavedPrior, savePrior, trainPrior } from '../prior-models.js';
import { type DataFingerprint, fingerprint } from '../registry/fingerprint.js';

/** What a job of kind `train` is given: the plant whose kind gets its first models. */
export interface TrainPayload {
  readonly description: PlantDescription;
  readonly options: PriorOptions;
}

/** What it gives. */
export interface TrainResult {
  readonly saved: SavedPrior;
  /** Of the sound operation that the detector learned from. */
  readonly fingerprint: DataFingerprint;
}

/** Makes the first models of a kind of asset. */
export async function trainTwin(twin: DigitalTwin, options: PriorOptions, work: WorkOptions): Promise<TrainResult> {
  const trained = await trainPrior(twin, options, work);
  return { saved: savePrior(trained), fingerprint: fingerprint(trained.sound) };
}

/** The same from a description. */
export function trainKind({ description, options }: TrainPayload, work: WorkOptions): Promise<TrainResult> {
  return trainTwin(new DigitalTwin(description), options, work);
}
