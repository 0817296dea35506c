import type { Frame } from '../../core/index.js';
import { AnomalyDetector } from '../../models/index.js';
import type { DigitalTwin } from '../../twin/index.js';

/** A new twin must err by this share less than the one in use, so that chance does not change it. */
const CLEARLY = 0.97;

/** How far a stage is moved to see whether a detector notices, as a share of what is expected. */
const TEST_SHIFT = 0.15;

/** A detector must find this much more, or raise this much less, for a change. */
const WORTH = 0.01;

/** Mean of |measured − expected| output over mean expected output, where light is enough to tell; NaN where it never is. */
export function twinError(twin: DigitalTwin, telemetry: Frame): number {
  const { name } = twin.model.output;
  const fullScale = twin.model.channels.find((channel) => channel.name === name)?.fullScale ?? 0;
  const measured = telemetry.column(name);
  const expected = twin.expected(telemetry).column(name);
  let error = 0;
  let total = 0;
  for (let i = 0; i < measured.length; i++) {
    const [m, e] = [measured[i] as number, expected[i] as number];
    if (!Number.isFinite(m + e) || e < 0.05 * fullScale) continue;
    error += Math.abs(m - e);
    total += e;
  }
  return error / total;
}

/** Whether a twin that errs by `fresh` is to take the place of one that errs by `old`. */
export function betterTwin(fresh: number, old: number): boolean {
  return fresh < CLEARLY * old;
}

/** How a detector does on sound days. */
export interface DetectorScore {
  /** Share of sound rows that it calls anomalous. */
  readonly falseShare: number;
  /** Share of rows that it finds when one stage is moved by 15 %, over all stages and both ways. */
  readonly found: number;
}

/** @param residuals of sound days, as `residualFrame` gives them */
export function detectorScore(detector: AnomalyDetector, residuals: Frame): DetectorScore {
  // A copy: what judges in a stream learns from it, and must not learn from a test.
  const own = AnomalyDetector.fromJSON(detector.toJSON());
  const share = (frame: Frame) => {
    const { anomalous, raw } = own.score(frame);
    let judged = 0;
    let count = 0;
    for (let i = 0; i < raw.length; i++) {
      if (Number.isNaN(raw[i] as number)) continue;
      judged++;
      count += anomalous[i] as number;
    }
    return judged === 0 ? 0 : count / judged;
  };
  const moved = residuals.names.flatMap((name) =>
    [-TEST_SHIFT, TEST_SHIFT].map((shift) => {
      const data = residuals.column(name).map((value) => value + shift);
      return share(residuals.withColumn(name, data, residuals.unit(name)));
    }),
  );
  const found = moved.reduce((sum, value) => sum + value, 0) / Math.max(1, moved.length);
  return { falseShare: share(residuals), found };
}

/**
 * Whether a new detector is to take the place of the one in use: it finds more without more false alarms than it may
 * (`rate`, or as many as the other), or it raises fewer false alarms and finds as much. Where none is in use, it has to find
 * anything at all.
 */
export function betterDetector(fresh: DetectorScore, old: DetectorScore | undefined, rate: number): boolean {
  if (old === undefined) return fresh.found > WORTH && fresh.falseShare <= 2 * rate + WORTH;
  const quiet = fresh.falseShare <= Math.max(old.falseShare, 2 * rate);
  const findsMore = fresh.found > old.found + WORTH;
  const raisesLess = fresh.falseShare < old.falseShare - Math.max(WORTH, rate);
  return (quiet && findsMore) || (raisesLess && fresh.found >= old.found - WORTH);
}
