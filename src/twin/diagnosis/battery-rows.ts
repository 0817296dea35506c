import type { Frame } from '../../core/index.js';
import { log } from '../../core/math/index.js';
import { packOpenVoltage, packResistance } from '../battery/pack.js';
import type { Plant } from '../description/plant.js';
import { columnOf, type Quantity } from './layout.js';

/** Time over which the swing of the charge is compared with the current, ms. */
const SWING_TIME = 2 * 3_600_000;
/** Charge that must have moved in it, as a share of the capacity. */
const LEAST_SWING = 0.08;
/** Current at which the sag of the voltage shows, as a share of the capacity an hour. */
const LEAST_CURRENT = 0.08;
/** Import, as a share of the rating, at which a battery that could would help. */
const NEED = 0.02;
/** State of charge above which a battery that gives nothing is not empty but off, or held. */
const MOST_FLOOR = 0.9;

/**
 * Fills a signal of the battery: swing (logarithm of the swing of the state of charge over that which the charge that
 * flowed should give), sag (measured over nominal resistance, less one), heat (K over the air), floor (state of charge at
 * which it gives no more though there is need, over that which it is described with).
 */
export function batteryRows(plant: Plant, frame: Frame, quantity: Quantity, values: Float64Array): void {
  const battery = plant.battery;
  if (battery === undefined) return;
  const level = columnOf(frame, 'batteryLevel');
  const current = columnOf(frame, 'battery.current');
  const { time } = frame;
  if (quantity === 'batteryHeat') {
    const heat = columnOf(frame, 'battery.temperature');
    const air = columnOf(frame, 'airTemperature');
    for (let row = 0; row < time.length; row++) values[row] = (heat?.[row] as number) - (air?.[row] as number);
    return;
  }
  if (level === undefined || current === undefined) return;
  if (quantity === 'batterySwing') {
    let first = 0;
    let moved = 0;
    for (let row = 1; row < time.length; row++) {
      const hours = ((time[row] as number) - (time[row - 1] as number)) / 3_600_000;
      // The level at a row is that after the step it begins.
      moved += (current[row] as number) * hours;
      if ((time[row] as number) - (time[first] as number) < SWING_TIME) continue;
      const share = moved / battery.capacity;
      const swing = ((level[row] as number) - (level[first] as number)) / 100;
      if (Math.abs(share) > LEAST_SWING && swing * share > 0) values[row] = log(swing / share);
      first = row;
      moved = 0;
    }
    return;
  }
  if (quantity === 'batterySag') {
    const voltage = columnOf(frame, 'battery.voltage');
    const warmth = columnOf(frame, 'battery.temperature');
    for (let row = 0; row < time.length; row++) {
      const flow = current[row] as number;
      const drawn = (1 - (level[row] as number) / 100) * battery.capacity;
      if (!(Math.abs(flow) > LEAST_CURRENT * battery.capacity) || !(drawn < 0.9 * battery.capacity)) continue;
      const temperature = warmth?.[row] ?? 25;
      const open = packOpenVoltage(battery, battery.capacity, drawn, temperature);
      const nominal = packResistance(battery, battery.capacity, drawn, temperature, 1, Math.sign(flow));
      values[row] = ((voltage?.[row] as number) - open) / (flow * nominal) - 1;
    }
    return;
  }
  const grid = columnOf(frame, 'gridPower');
  const floor = Math.max(battery.reserve, battery.minStateOfCharge);
  for (let row = 0; row < time.length; row++) {
    const soc = (level[row] as number) / 100;
    const idle = Math.abs(current[row] as number) < 0.005 * battery.capacity;
    if (idle && (grid?.[row] as number) < -NEED * plant.acRating && soc < MOST_FLOOR) values[row] = soc - floor;
  }
}
