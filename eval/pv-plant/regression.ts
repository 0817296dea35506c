import type { Frame } from '../../src/core/index.js';
import { weightedRidge } from '../../src/twin/calibration/linear.js';

/**
 * The plain reference: power by linear regression on irradiance, its square, and irradiance times temperature, fitted to
 * the training rows with light. Undefined where no irradiance is measured.
 */
export function regression(training: Frame, tested: Frame, target: string): Float64Array | undefined {
  const light = ['poaGlobal', 'ghi'].find((name) => training.has(name));
  if (light === undefined) return undefined;
  const heat = ['moduleTemperature', 'airTemperature'].find((name) => training.has(name));
  const rowsOf = (frame: Frame) => {
    const g = frame.column(light);
    const t = heat === undefined ? g.map(() => 0) : frame.column(heat);
    return Array.from(g, (value, row) => {
      const x = value / 1000;
      return [x, x * x, (x * ((t[row] as number) - 25)) / 25] as const;
    });
  };
  const power = training.column(target);
  const rows = rowsOf(training)
    .map((x, row) => ({ x, y: power[row] as number }))
    .filter(({ x, y }) => x[0] > 0 && !Number.isNaN(x[2]) && !Number.isNaN(y));
  const beta = weightedRidge(
    Float64Array.from(rows.flatMap(({ x }) => x)),
    Float64Array.from(rows, ({ y }) => y),
    new Float64Array(rows.length).fill(1),
    3,
    0,
  );
  if (beta === undefined) return undefined;
  const top = Math.max(...rows.map(({ y }) => y));
  return Float64Array.from(rowsOf(tested), (x) =>
    Math.min(
      top,
      Math.max(
        0,
        x.reduce((sum, value, k) => sum + value * (beta[k] as number), 0),
      ),
    ),
  );
}
