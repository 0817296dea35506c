import type { LifeHistory } from '../../src/models/index.js';
import { RULPredictor } from '../../src/models/index.js';
import { DigitalTwin, examplePlant, type RunToFailure, wearMeterOf } from '../../src/twin/index.js';

/** Longest remaining life that the ready model tells apart, days. */
export const CAP = 365;
const DAY = 86_400_000;
/** Days of history that the monitor keeps, and so shows. */
const SHOWN = 150;

/** The figures of wear of any solar plant. */
export function wearChannels(): string[] {
  return wearMeterOf(new DigitalTwin(examplePlant()).model).channels.map(({ name }) => name);
}

/** Learns the ready model: from whole lives, and from the same looked at from some later day on, as a new user's plant is. */
export function trainReady(fleet: readonly RunToFailure[]): RULPredictor {
  const histories = fleet.flatMap((history, i): LifeHistory[] => {
    // The golden ratio spreads the first days over the first 70 % of life.
    const from = Math.floor(0.7 * ((i * 0.618) % 1) * history.frame.length);
    return [history, { ...history, frame: history.frame.sliceRows(from) }];
  });
  return new RULPredictor({
    engine: 'stretch',
    channels: wearChannels(),
    settings: [],
    baseline: 0,
    cap: CAP,
    intervalsFor: 'lives',
    seed: 1,
  }).fit(histories);
}

/** What a predictor of remaining life is worth on fleets that it does not know. */
export interface FleetFigures {
  readonly fleet_half_life_error: number;
  readonly fleet_half_wear_error: number;
  readonly fleet_coverage50: number;
  readonly fleet_coverage80: number;
  readonly fleet_coverage95: number;
  readonly fleet_fault_right: number;
  readonly fleet_mean_confidence: number;
  readonly fleet_assets: number;
  readonly fleet_looks: number;
}

/**
 * Looks at each asset at 5 %, 10 %, … 95 % of its life as the monitor does: half-life error is the median over assets of the
 * absolute error at half life over the true remaining life; half-wear error the same half way from the onset of the fault to
 * the failure, when the evaluation of the twin's own prognosis asks; coverage is over the looks at parts of life, in %.
 */
export function scoreFleet(predictor: RULPredictor, fleet: readonly RunToFailure[]): FleetFigures {
  const half: number[] = [];
  const halfWear: number[] = [];
  const inside = new Map([50, 80, 95].map((level) => [level, 0]));
  let looks = 0;
  let right = 0;
  let confidence = 0;
  for (const history of fleet) {
    const { frame, onset, fault } = history;
    const begun = (onset - (frame.time[0] as number)) / DAY;
    const worn = lookAt(predictor, history, Math.round((begun + frame.length) / 2));
    if (worn !== undefined) halfWear.push(worn.error);
    for (let part = 1; part < 20; part++) {
      const look = lookAt(predictor, history, Math.round((frame.length * part) / 20));
      if (look === undefined) continue;
      const { error, left, answer } = look;
      looks++;
      confidence += answer.confidence ?? 0;
      for (const { level, lower, upper } of answer.intervals)
        if (Math.min(CAP, left) >= lower && Math.min(CAP, left) <= upper)
          inside.set(level, (inside.get(level) ?? 0) + 1);
      if (part !== 10) continue;
      half.push(error);
      if (answer.fault === fault) right++;
    }
  }
  const percent = (level: number) => (100 * (inside.get(level) ?? 0)) / looks;
  return {
    fleet_half_life_error: median(half),
    fleet_half_wear_error: median(halfWear),
    fleet_coverage50: percent(50),
    fleet_coverage80: percent(80),
    fleet_coverage95: percent(95),
    fleet_fault_right: right / half.length,
    fleet_mean_confidence: confidence / looks,
    fleet_assets: fleet.length,
    fleet_looks: looks,
  };
}

/** The answer after so many rows, with the truth and the error as a part of it; undefined where there is none. */
function lookAt(predictor: RULPredictor, { frame, failureTime }: RunToFailure, rows: number) {
  const answer = predictor.predict(frame.sliceRows(Math.max(0, rows - SHOWN), rows));
  if (answer.median === null) return undefined;
  // The day that a row stands for is over.
  const left = (failureTime - answer.time) / DAY;
  return { answer, left, error: Math.abs(answer.median - left) / left };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
