import { AnomalyDetector } from '../../src/models/anomaly-detector.js';
import { type AnomalyDetectorOptions, detectorEngineNames, plantTelemetry } from '../../src/models/detectors/index.js';
import { Confusion, rocAuc } from './metrics.js';
import type { SkabFile } from './skab.js';

/** Rows at the start of each file that the detector is fitted on. */
const trainingRows = 400;

/** Engines that read rows in order have a memory of their own: they get the channels without rolling statistics. */
const inOrder: ReadonlySet<string> = new Set(['ewma', 'cusum', 'spectral-residual', 'matrix-profile', 'stream']);

/**
 * Per file: fit on rows 0…399, predict the rest; decisions and scores pooled over the files. The preset `plantTelemetry`
 * is the default; each further engine gets the same features, those that read rows in order the bare channels. `far` and `mar` are percent, as in the published table.
 */
export function evaluateSkab(files: readonly SkabFile[], say: (text: string) => void): Record<string, number> {
  const figures: Record<string, number> = { skab_files: files.length };
  for (const engine of [undefined, ...detectorEngineNames]) {
    const base = plantTelemetry();
    const features = engine !== undefined && inOrder.has(engine) ? ({ drifting: 'changes' } as const) : base.features;
    const options = engine === undefined ? base : { engine, ...(features === undefined ? {} : { features }) };
    const { f1, far, mar, auc } = pooled(files, options);
    const suffix = engine === undefined ? '' : `_${engine.replaceAll('-', '_')}`;
    Object.assign(figures, {
      [`f1${suffix}`]: f1,
      [`far${suffix}`]: far,
      [`mar${suffix}`]: mar,
      [`auc${suffix}`]: auc,
    });
    say(
      `skab ${engine ?? 'default'}: F1 ${f1.toFixed(3)} FAR ${far.toFixed(1)} MAR ${mar.toFixed(1)} AUC ${auc.toFixed(3)}`,
    );
  }
  return figures;
}

function pooled(files: readonly SkabFile[], options: AnomalyDetectorOptions) {
  const confusion = new Confusion();
  const scores: number[] = [];
  const labels: number[] = [];
  for (const file of files) {
    const detector = new AnomalyDetector({ ...options, seed: 1 }).fit(file.frame.sliceRows(0, trainingRows));
    const result = detector.score(file.frame);
    for (let i = trainingRows; i < file.frame.length; i++) {
      confusion.add(result.anomalous[i] === 1, file.labels[i] === 1);
      scores.push(result.score[i] as number);
      labels.push(file.labels[i] as number);
    }
  }
  return { f1: confusion.f1, far: confusion.far, mar: confusion.mar, auc: rocAuc(scores, labels) };
}
