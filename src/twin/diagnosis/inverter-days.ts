import type { Plant } from '../description/plant.js';
import { MUST_RUN, State } from './inverter-states.js';
import { medianOf } from './ridge.js';
import type { SignalRows } from './rows.js';

/** What an inverter did on a day. */
export interface InverterDay {
  /** Rows with enough light to run. */
  readonly lit: number;
  readonly off: number;
  /** How many times it went off with light before and after within the day. */
  readonly trips: number;
  readonly clipped: number;
  readonly held: number;
  /** Level at which it was held, share of the rating; 0 where it was not. */
  readonly heldAt: number;
  readonly derated: number;
  /** Energy that it should have given, gave, lost while off, held and derated, kWh. */
  readonly expected: number;
  readonly actual: number;
  readonly lostOff: number;
  readonly lostHeld: number;
  readonly lostDerated: number;
}

/** What each inverter did. */
export function inverterDays(
  plant: Plant,
  rows: SignalRows,
  expected: readonly Float64Array[],
  states: readonly Uint8Array[],
  hours: number,
): InverterDay[] {
  return plant.inverters.map((inverter, i) => {
    const day = {
      lit: 0,
      off: 0,
      trips: 0,
      clipped: 0,
      held: 0,
      heldAt: 0,
      derated: 0,
      expected: 0,
      actual: 0,
      lostOff: 0,
      lostHeld: 0,
      lostDerated: 0,
    };
    const own = states[i] as Uint8Array;
    const ac = rows.ac[i] as Float64Array;
    const levels: number[] = [];
    let ran = false;
    let wentOff = false;
    own.forEach((state, row) => {
      if (state === State.Unknown) return;
      const wanted = expected[i]?.[row] as number;
      const power = ac[row] as number;
      if (!(wanted > 0)) return;
      day.expected += (wanted * hours) / 1000;
      day.actual += (Math.max(0, power) * hours) / 1000;
      if (wanted > MUST_RUN * inverter.acRating) day.lit++;
      const lost = (Math.max(0, wanted - power) * hours) / 1000;
      if (state === State.Off) {
        day.off++;
        day.lostOff += lost;
        if (ran) wentOff = true;
      } else if (state !== State.Dark) {
        if (wentOff) day.trips++;
        wentOff = false;
        ran = true;
      }
      if (state === State.Clipped) day.clipped++;
      if (state === State.Held) {
        day.held++;
        day.lostHeld += lost;
        levels.push(power / inverter.acRating);
      }
      if (state === State.Derated) {
        day.derated++;
        day.lostDerated += lost;
      }
    });
    day.heldAt = levels.length > 0 ? medianOf(levels) : 0;
    return day;
  });
}
