import { meanGrowth } from '../../core/degradation/index.js';
import type { AssetModel } from '../asset-model.js';
import type { ReadyEvent } from './event.js';
import { Response } from './response.js';
import { knotSeverity, type Wearing } from './wearing.js';

/** Days on which is tried whether a wear touches the event. */
const TRIAL = 6;

/**
 * Which wears change what the event looks at, tried on a few days with as much wear as may well come within the horizon:
 * those that change it by a tenth of what the strongest does.
 */
export function felt(
  model: AssetModel,
  time: number,
  event: ReadyEvent,
  wearing: readonly Wearing[],
  horizon: number,
  seed: number,
): number[] {
  const start = wearing.map(({ severity }) => severity);
  const settings = [start, ...wearing.map((wear, w) => start.with(w, mayReach(wear, horizon)))];
  const wears = wearing.map(({ wear }) => wear);
  const trial = new Response(model, time, wears, settings, [seed]);
  for (let day = 0; day < TRIAL; day++) trial.advance();
  const places = event.names?.map((name) => trial.names.indexOf(name)) ?? trial.names.map((_, n) => n);
  const kept = new Set<number>();
  for (const n of places) {
    const changes = wears.map((_, w) => {
      let change = 0;
      for (let day = 0; day < TRIAL; day++) {
        const off = Math.abs(trial.mean(0, w + 1, day, n) - trial.mean(0, 0, day, n));
        if (!Number.isNaN(off)) change += off;
      }
      return change;
    });
    const strongest = Math.max(...changes);
    changes.forEach((change, w) => {
      if (change > 0 && change >= 0.1 * strongest) kept.add(w);
    });
  }
  return [...kept].sort((a, b) => a - b);
}

/** The severity that one in four futures reaches within the horizon, at most full. */
function mayReach({ draws, wear, quantity, now, severity }: Wearing, horizon: number): number {
  const reached = Float64Array.from(draws, ({ law }, j) => {
    const value = (now[j] as number) + meanGrowth(law, horizon);
    return wear.severity(quantity.sound + wear.direction * value);
  }).sort();
  return Math.min(knotSeverity(severity, 1), Math.max(severity, reached[Math.floor(0.75 * draws.length)] as number));
}
