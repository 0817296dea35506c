import type { DispatchStrategy } from '../description/plant.js';

/**
 * What the battery is asked for, W at the AC side, positive charges.
 * - self-consumption: takes what the loads leave of the plant's power, gives what they lack;
 * - peak shaving: gives what the import would exceed its limit by, and charges from surplus only;
 * - schedule: the power of the last hour mark that has passed, whatever the plant does.
 * @param surplus power of the plant less the loads, W
 * @param localHour hour of the day at the site, 0…24
 */
export function batteryRequest(strategy: DispatchStrategy, surplus: number, localHour: number): number {
  switch (strategy.kind) {
    case 'self-consumption':
      return surplus;
    case 'peak-shaving':
      return surplus > 0 ? surplus : Math.min(0, surplus + strategy.importLimit);
    case 'schedule': {
      // Before the first mark of the day the last one of the day before holds.
      let latest: { from: number; power: number } | undefined;
      let last: { from: number; power: number } | undefined;
      for (const mark of strategy.hours) {
        if (mark.from <= localHour && (latest === undefined || mark.from >= latest.from)) latest = mark;
        if (last === undefined || mark.from >= last.from) last = mark;
      }
      return (latest ?? last)?.power ?? 0;
    }
  }
}
