import { TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import { medianOf, rowHours } from './days.js';

/** Options of `batteryFigures`; column names default to the standard channels. */
export interface BatteryOptions {
  /** Capacity when new, Ah. */
  readonly nominalCapacity: number;
  /** Current into the battery, A. Default `battery.current`. */
  readonly current?: string | undefined;
  /** State of charge, %. Default `batteryLevel`. */
  readonly stateOfCharge?: string | undefined;
  /** Power into the battery, W. Default `battery.power`. */
  readonly power?: string | undefined;
  /** Energy when new, kWh; for the charge at the ends of the period in the efficiency. Default: told from the flows. */
  readonly nominalEnergy?: number | undefined;
  /** Least swing of the state of charge that tells of the capacity, as a fraction. Default 0.25. */
  readonly leastSwing?: number | undefined;
}

/** What is known of a battery over a period. */
export interface BatteryFigures {
  /** Capacity found, Ah, and its share of the nominal one; null where the charge never swung far enough. */
  readonly capacity: number | null;
  readonly stateOfHealth: number | null;
  /** Half-width of the 90 % interval of the state of health. */
  readonly stateOfHealthError: number | null;
  /** Swings that the capacity was found from. */
  readonly swings: number;
  /** Energy given over energy taken, corrected for the charge at both ends; null where less than one full cycle flowed. */
  readonly roundTripEfficiency: number | null;
  /** Energy taken and given, kWh. */
  readonly charged: number;
  readonly discharged: number;
  /** Full cycles: charge given over nominal capacity. */
  readonly cycles: number;
}

/**
 * State of health by counting charge between turning points of the state of charge (capacity = ΔQ / ΔSoC, median over
 * the swings), and round-trip efficiency by counting energy.
 * @throws TwinergyError `FRAME_UNKNOWN_COLUMN`, `PERFORMANCE_BAD_RATING`
 */
export function batteryFigures(frame: Frame, options: BatteryOptions): BatteryFigures {
  const { nominalCapacity, leastSwing = 0.25 } = options;
  if (!(nominalCapacity > 0)) {
    throw new TwinergyError(
      'PERFORMANCE_BAD_RATING',
      `nominalCapacity must be greater than 0 Ah, got ${nominalCapacity}.`,
      {
        path: 'nominalCapacity',
        value: nominalCapacity,
      },
    );
  }
  const current = frame.column(options.current ?? 'battery.current');
  const level = frame.column(options.stateOfCharge ?? 'batteryLevel');
  const power = frame.column(options.power ?? 'battery.power');
  const hours = rowHours(frame.time);
  let charged = 0;
  let discharged = 0;
  let given = 0;
  const charge = new Float64Array(frame.length);
  let sum = 0;
  for (let i = 0; i < frame.length; i++) {
    const h = hours[i] as number;
    const p = power[i] as number;
    const a = current[i] as number;
    // The state of charge at a row is from before the flow of that row.
    charge[i] = sum;
    if (Number.isFinite(p)) {
      if (p > 0) charged += (p * h) / 1000;
      else discharged -= (p * h) / 1000;
    }
    if (!Number.isFinite(a)) continue;
    sum += a * h;
    if (a < 0) given -= a * h;
  }
  const capacities = turningPoints(level, leastSwing).flatMap(([a, b]) => {
    const swing = ((level[b] as number) - (level[a] as number)) / 100;
    const capacity = ((charge[b] as number) - (charge[a] as number)) / swing;
    return capacity > 0.1 * nominalCapacity && capacity < 2 * nominalCapacity ? [capacity] : [];
  });
  const capacity = capacities.length === 0 ? null : medianOf(capacities);
  const scatter = capacity === null ? 0 : 1.4826 * medianOf(capacities.map((c) => Math.abs(c - capacity)));
  const known = Array.from(level).filter(Number.isFinite);
  const net = known.length === 0 ? 0 : ((known[known.length - 1] as number) - (known[0] as number)) / 100;
  const energy = options.nominalEnergy ?? (given > 0 ? (discharged / given) * nominalCapacity : 0);
  const stored = net * energy * ((capacity ?? nominalCapacity) / nominalCapacity);
  const cycles = given / nominalCapacity;
  return {
    capacity,
    stateOfHealth: capacity === null ? null : capacity / nominalCapacity,
    stateOfHealthError:
      capacity === null ? null : (1.645 * 1.2533 * scatter) / (Math.sqrt(capacities.length) * nominalCapacity),
    swings: capacities.length,
    roundTripEfficiency: charged > 0 && cycles >= 1 ? Math.min(1, Math.max(0, (discharged + stored) / charged)) : null,
    charged,
    discharged,
    cycles,
  };
}

/** Neighbouring turning points of a level in % that are at least `least` (fraction) apart. */
function turningPoints(level: Float64Array, least: number): [number, number][] {
  const swings: [number, number][] = [];
  let low = -1;
  let high = -1;
  let rising: boolean | null = null;
  const need = 100 * least;
  for (let i = 0; i < level.length; i++) {
    const v = level[i] as number;
    if (!Number.isFinite(v)) continue;
    if (low < 0 || v < (level[low] as number)) low = i;
    if (high < 0 || v > (level[high] as number)) high = i;
    if (rising !== false && (level[high] as number) - v >= need) {
      if (rising === true) swings.push([low, high]);
      rising = false;
      low = i;
    } else if (rising !== true && v - (level[low] as number) >= need) {
      if (rising === false) swings.push([high, low]);
      rising = true;
      high = i;
    }
    if (rising === true && v >= (level[high] as number)) high = i;
    if (rising === false && v <= (level[low] as number)) low = i;
  }
  return swings;
}
