import type { LifeHistory } from '../../src/models/index.js';
import { type LifeEngine, RULPredictor } from '../../src/models/index.js';
import { boostingEngine } from '../../src/models/rul/boosting-engine.js';
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
  const small: LifeEngine = boostingEngine({ trees: 60, leaves: 8 });
  return new RULPredictor({
    engine: small,
    channels: wearChannels(),
    settings: [],
    baseline: 0,
    cap: CAP,
    seed: 1,
  }).fit(histories);
}

/** What a predictor of remaining life is worth on fleets that it does not know. */
export interface FleetFigures {
  readonly fleet_half_life_error: number;
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
 * absolute error at half life over the true remaining life; coverage is over all looks, in %.
 */
export function scoreFleet(predictor: RULPredictor, fleet: readonly RunToFailure[]): FleetFigures {
  const half: number[] = [];
  const inside = new Map([50, 80, 95].map((level) => [level, 0]));
  let looks = 0;
  let right = 0;
  let confidence = 0;
  for (const { frame, failureTime, fault } of fleet) {
    for (let part = 1; part < 20; part++) {
      const rows = Math.round((frame.length * part) / 20);
      const {
        time,
        median,
        intervals,
        fault: said,
        confidence: sure,
      } = predictor.predict(frame.sliceRows(Math.max(0, rows - SHOWN), rows));
      if (median === null) continue;
      // The day that a row stands for is over.
      const left = (failureTime - time) / DAY;
      looks++;
      confidence += sure ?? 0;
      for (const { level, lower, upper } of intervals)
        if (Math.min(CAP, left) >= lower && Math.min(CAP, left) <= upper)
          inside.set(level, (inside.get(level) ?? 0) + 1);
      if (part !== 10) continue;
      half.push(Math.abs(median - left) / left);
      if (said === fault) right++;
    }
  }
  half.sort((a, b) => a - b);
  const percent = (level: number) => (100 * (inside.get(level) ?? 0)) / looks;
  return {
    fleet_half_life_error: half[half.length >> 1] ?? Number.NaN,
    fleet_coverage50: percent(50),
    fleet_coverage80: percent(80),
    fleet_coverage95: percent(95),
    fleet_fault_right: right / half.length,
    fleet_mean_confidence: confidence / looks,
    fleet_assets: fleet.length,
    fleet_looks: looks,
  };
}
