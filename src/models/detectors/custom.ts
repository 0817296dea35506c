import { MissingPeerError, TwinergyError } from '../../core/errors.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import type { DetectorEngine } from './engine.js';

/**
 * An anomaly model of somebody else, described by what the detector calls: `fit` learns from rows, `score` gives one
 * number per row, higher is more unusual. The detector adds scaling, features, calibration, thresholds and explanation.
 */
export interface CustomDetector {
  /** Shown in errors and stored models. Default `custom`. */
  readonly name?: string;
  /** Learns from `rows`. A promise makes `fitAsync` necessary. */
  fit(rows: Matrix): void | Promise<void>;
  /** One finite number per row. */
  score(rows: Matrix): ArrayLike<number>;
  /** Each column's part in a row's score, where the model knows. */
  contributions?(row: Float64Array): ArrayLike<number>;
  /** The fitted state as JSON data; absent: a detector with this engine cannot be stored. */
  toJSON?(): unknown;
}

/** Lets a `CustomDetector` stand where an engine stands. */
export class CustomEngine implements DetectorEngine {
  readonly detector: CustomDetector;
  /** Set while an asynchronous `fit` runs. */
  pending: Promise<void> | undefined;
  contributionsInto?: (row: Float64Array, out: Float64Array) => void;

  constructor(detector: CustomDetector) {
    this.detector = detector;
    const { contributions } = detector;
    if (contributions !== undefined) {
      this.contributionsInto = (row, out) => out.set(Array.from(contributions.call(detector, row)));
    }
  }

  *fitWork(rows: Matrix): Work<void> {
    yield { phase: `fitting ${this.detector.name ?? 'custom'}`, done: 0, total: 1 };
    const result = this.detector.fit(rows);
    this.pending = result instanceof Promise ? result : undefined;
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    const scores = this.detector.score(rows);
    if (scores.length !== rows.rows) {
      throw new TwinergyError(
        'DETECTOR_ENGINE_CONTRACT',
        `The engine ${this.detector.name ?? 'custom'} gave ${scores.length} scores for ${rows.rows} rows.`,
      );
    }
    for (let i = 0; i < rows.rows; i++) {
      const score = scores[i] as number;
      if (!Number.isFinite(score)) {
        throw new TwinergyError(
          'DETECTOR_ENGINE_CONTRACT',
          `The engine ${this.detector.name ?? 'custom'} gave ${score} for row ${i}; a score is a finite number.`,
        );
      }
      out[i] = score;
    }
  }

  step(row: Float64Array): number {
    const out = new Float64Array(1);
    this.scoreInto({ data: row, rows: 1, columns: row.length }, out);
    return out[0] as number;
  }

  toJSON(): unknown {
    if (this.detector.toJSON === undefined) {
      throw new TwinergyError(
        'DETECTOR_NOT_STORABLE',
        `The engine ${this.detector.name ?? 'custom'} has no toJSON(), so this detector cannot be stored.`,
      );
    }
    return this.detector.toJSON();
  }
}

/**
 * The npm package `ml-isolation-forest` as an engine: `new AnomalyDetector({ engine: await mlIsolationForest() })`. It
 * has no seed (fits differ) and cannot be stored; our own `isolation-forest` has neither limit.
 * @throws MissingPeerError when the package is not installed
 */
export async function mlIsolationForest({ trees = 100 }: { readonly trees?: number } = {}): Promise<CustomDetector> {
  const loaded = await import('ml-isolation-forest').catch((cause: unknown) => {
    throw new MissingPeerError('ml-isolation-forest', 'The ml-isolation-forest engine', cause);
  });
  let forest: InstanceType<typeof loaded.IsolationForest> | undefined;
  return {
    name: 'ml-isolation-forest',
    fit(rows) {
      forest = new loaded.IsolationForest({ nEstimators: trees });
      forest.train(rowArrays(rows));
    },
    score(rows) {
      if (forest === undefined) throw new TwinergyError('NOT_FITTED', 'This ml-isolation-forest is not fitted.');
      return forest.predict(rowArrays(rows));
    },
  };
}

function rowArrays({ data, rows, columns }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}
