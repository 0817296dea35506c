import { Frame } from '../../src/core/frame.js';
import { AnomalyDetector } from '../../src/models/anomaly-detector.js';
import type { NabFile } from './nab.js';
import { nabProfiles, normalised, probationOf, sweep } from './nab-score.js';

/**
 * A score for each row, in one pass: the detector is fitted on the probation and then given the rest one reading at a
 * time. It is the same for every file.
 */
function streamScores({ time, values }: NabFile): Float64Array {
  const probation = probationOf(values.length);
  const frame = seriesFrame(time.subarray(0, probation), values.subarray(0, probation));
  const detector = new AnomalyDetector({ engine: 'stream', seed: 1, drift: 'none' }).fit(frame);
  const scores = new Float64Array(values.length);
  for (let i = probation; i < values.length; i++) {
    const reading = { assetId: 'series', time: time[i] as number, values: { value: values[i] as number } };
    const { raw } = detector.update(reading);
    scores[i] = Number.isNaN(raw) ? 0 : raw;
  }
  return scores;
}

/** A series as a frame. Clocks that repeat an hour or a row get times in order: only the step between rows counts. */
function seriesFrame(time: Float64Array, values: Float64Array): Frame {
  const ordered = time.slice();
  for (let i = 1; i < ordered.length; i++) {
    if (!((ordered[i] as number) > (ordered[i - 1] as number))) ordered[i] = (ordered[i - 1] as number) + 1;
  }
  return new Frame(ordered, { value: { data: values, unit: '1' } });
}

/** The three profiles' scores over all files, each profile at its own best threshold as the benchmark prescribes. */
export function evaluateNab(files: readonly NabFile[], say: (text: string) => void): Record<string, number> {
  const corpus = files.map((file) => {
    const start = performance.now();
    const scores = streamScores(file);
    say(`nab ${file.name}: ${Math.round(performance.now() - start)} ms`);
    return { scores, windows: file.windows, probation: probationOf(file.values.length) };
  });
  const figures: Record<string, number> = { nab_files: files.length };
  for (const [name, profile] of Object.entries(nabProfiles)) {
    const { score, windows } = sweep(corpus, profile);
    figures[name] = normalised(score, windows, profile);
  }
  return figures;
}
