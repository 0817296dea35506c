import { comparable } from './inverter-states.js';
import type { Layout } from './layout.js';
import { medianOf } from './ridge.js';

/** Rows further out than this many scatters of their neighbours are spikes. */
const SPIKE = 25;
/** How near to its neighbour before a spike's neighbour after must be, in heights of the spike. */
const RETURNS = 0.4;

/** Relative change of light or power from row to row below which neither has moved. */
const STEADY = 0.04;
/** Steps in steady light that scatter needs. */
const FEWEST_STEPS = 6;

/**
 * Scatter and spikes of each signal. Only steps at which the light or the power stood still count: what a fault of the plant
 * does changes with the light, noise of an instrument does not.
 */
export function scatterOf(
  layout: Layout,
  residuals: readonly Float64Array[],
  states: readonly Uint8Array[],
  light: Float64Array,
  power: Float64Array,
): { scatter: number[]; spikes: number[] } {
  const scatter: number[] = [];
  const spikes: number[] = [];
  const still = (column: Float64Array, a: number, b: number) =>
    Math.abs((column[b] as number) - (column[a] as number)) < STEADY * Math.abs(column[b] as number);
  layout.signals.forEach((_, k) => {
    const places: number[] = [];
    (residuals[k] as Float64Array).forEach((value, row) => {
      if (!Number.isNaN(value) && comparable(layout, states, k, row)) places.push(row);
    });
    const values = places.map((row) => residuals[k]?.[row] as number);
    const steps = values.slice(1).flatMap((value, i) => {
      const [a, b] = [places[i] as number, places[i + 1] as number];
      return still(light, a, b) || still(power, a, b) ? [Math.abs(value - (values[i] as number))] : [];
    });
    if (steps.length < FEWEST_STEPS) {
      scatter.push(Number.NaN);
      spikes.push(0);
      return;
    }
    const usual = medianOf(steps);
    scatter.push(usual);
    let count = 0;
    for (let i = 1; i < values.length - 1; i++) {
      const a = (values[i] as number) - (values[i - 1] as number);
      const b = (values[i] as number) - (values[i + 1] as number);
      // A spike comes back to where it left; a step of the plant does not.
      const back = Math.abs(a - b) < RETURNS * Math.min(Math.abs(a), Math.abs(b));
      if (a * b > 0 && back && Math.min(Math.abs(a), Math.abs(b)) > SPIKE * usual) count++;
    }
    spikes.push(count / values.length);
  });
  return { scatter, spikes };
}
