import type { WorkOptions } from '../core/index.js';
import type { DigitalTwin } from '../twin/index.js';
import type { JobQueue, JobRequest } from './jobs/index.js';
import { type TrainPayload, type TrainResult, trainTwin } from './jobs/train.js';
import type { PriorOptions } from './prior-models.js';
import type { ModelEntry } from './registry/registry.js';
import { textName } from './text-name.js';

/**
 * Name in the registry of the first models of an asset's kind: the same for assets that are described alike but for id and name,
 * which share them.
 */
export function priorName({ model, plant }: DigitalTwin): string {
  const { id: _id, name: _name, ...rest } = plant ?? { id: '', name: '', channels: model.channels, type: model.type };
  return `prior:${model.type}-${textName(JSON.stringify(rest))}`;
}

/** What is asked of a training. */
export interface KindTraining {
  readonly options: PriorOptions;
  /** Whether the detector is also judged, by days that it has not seen. */
  readonly judge: boolean;
  readonly request: Omit<JobRequest, 'kind' | 'payload'>;
}

/** Trains the models of a twin's kind by a queue; a model of the user's own, which is no data, in this process. */
export function trainBy(
  jobs: JobQueue | undefined,
  twin: DigitalTwin,
  { options, judge, request }: KindTraining,
  { signal, onProgress }: WorkOptions,
): Promise<TrainResult> {
  const { description } = twin.toJSON();
  if (description === null || jobs === undefined) return trainTwin(twin, { options, judge }, { signal, onProgress });
  const payload: TrainPayload = { description, options, judge };
  return jobs.submit<TrainResult>({
    ...request,
    kind: 'train',
    payload,
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
  }).result;
}

/** What the registry keeps of a training. */
export function priorEntry(
  { model, id }: DigitalTwin,
  options: Readonly<Record<string, unknown>>,
  { saved, fingerprint, metrics }: TrainResult,
): ModelEntry {
  return {
    kind: 'prior',
    data: saved,
    fingerprint,
    ...(metrics !== undefined && { metrics }),
    card: {
      purpose: `Anomalies and remaining life of a ${model.type}, from its first reading on.`,
      source: `Made up by the twin of ${id}: no measured data.`,
      limits: ['Knows what the twin can play, and no more: fit it again on measured data when there are some.'],
      ...(metrics !== undefined && {
        measured:
          'Shares of the rows of other days of the twin that are called anomalous: as they are, and with one stage moved by 15 %.',
      }),
      options,
    },
  };
}
