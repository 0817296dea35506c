import { type Column, Frame } from '../../core/index.js';
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
 * A row as the detector looks at it and, behind it, what it would be with one of its stages moved, each both ways.
 * @param row residuals of the stages that were measured
 * @param stages all stages that there are: those not measured are missing in every row
 */
export function rowWithTestFaults(row: Readonly<Record<string, number>>, stages: readonly string[]): Frame {
  const measured = stages.filter((stage) => row[stage] !== undefined);
  const rows = 1 + 2 * measured.length;
  const columns = stages.map((stage): [string, Column] => {
    const data = new Float64Array(rows).fill(row[stage] ?? Number.NaN);
    const place = measured.indexOf(stage);
    if (place >= 0) {
      data[1 + 2 * place] = (data[0] as number) - TEST_SHIFT;
      data[2 + 2 * place] = (data[0] as number) + TEST_SHIFT;
    }
    return [stage, { data, unit: '1' }];
  });
  return new Frame(
    Float64Array.from({ length: rows }, (_, i) => i),
    new Map(columns),
  );
}

/**
 * What a detector costs on a sound row: how far its scores stay below 1 where a stage is moved, 0…1 in the mean, and, where it
 * raises the row as it is, as much as makes raising the share `rate` of sound rows weigh what a change must be worth. NaN where
 * it does not judge the row.
 * @param rows what `rowWithTestFaults` gives
 */
export function detectorCost(detector: AnomalyDetector, rows: Frame, rate: number): number {
  const { anomalous, score, raw } = detector.score(rows);
  if (Number.isNaN(raw[0] as number) || rows.length < 2) return Number.NaN;
  let unnoticed = 0;
  for (let i = 1; i < rows.length; i++) unnoticed += 1 - (score[i] as number);
  return unnoticed / (rows.length - 1) + (WORTH / rate) * (anomalous[0] as number);
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
