import type { Plant } from '../description/plant.js';
import type { Scene } from './scene.js';

/**
 * Faiman's coefficients from the module's temperature: light / (module − air) = u0 + u1 · wind, by robust weights about
 * the description's values. Undefined where too few rows stand in strong light.
 * Source: D. Faiman, Progress in Photovoltaics 16, 307–315, 2008.
 */
export function fitHeatLoss(plant: Plant, scene: Scene, light: Float64Array): { u0: number; u1: number } | undefined {
  const rows = Array.from(light.keys()).filter((row) => {
    const rise = (scene.module[row] as number) - (scene.air[row] as number);
    // In weak light and just after a cloud the module is not settled.
    return (light[row] as number) > 300 && rise > 3 && rise < 60;
  });
  const array = plant.arrays[0];
  if (rows.length < 50 || array === undefined) return undefined;
  let u0 = array.u0;
  let u1 = array.u1;
  const meanWind = rows.reduce((sum, row) => sum + (scene.wind[row] as number), 0) / rows.length;
  for (let iteration = 0; iteration < 20; iteration++) {
    const rises = rows.map((row) => (scene.module[row] as number) - (scene.air[row] as number));
    const errors = rows.map(
      (row, i) => (rises[i] as number) - (light[row] as number) / (u0 + u1 * (scene.wind[row] as number)),
    );
    const scale = 1.4826 * ([...errors].map(Math.abs).sort((a, b) => a - b)[errors.length >> 1] ?? 1) + 0.2;
    // Gauss–Newton on the rise, with the description as a weak prior.
    let [a00, a01, a11, b0, b1] = [0, 0, 0, 0, 0];
    rows.forEach((row, i) => {
      const wind = scene.wind[row] as number;
      const loss = u0 + u1 * wind;
      const slope = -(light[row] as number) / (loss * loss);
      const z = (errors[i] as number) / scale;
      const w = 5 / (4 + z * z) / (scale * scale);
      a00 += w * slope * slope;
      a01 += w * slope * slope * wind;
      a11 += w * slope * slope * wind * wind;
      b0 += w * slope * (errors[i] as number);
      b1 += w * slope * wind * (errors[i] as number);
    });
    const priors = [1 / 8 ** 2, 1 / 4 ** 2] as const;
    a00 += priors[0];
    a11 += priors[1];
    b0 += priors[0] * (array.u0 - u0);
    b1 += priors[1] * (array.u1 - u1);
    const determinant = a00 * a11 - a01 * a01;
    if (!(determinant > 0)) return undefined;
    const d0 = (a11 * b0 - a01 * b1) / determinant;
    const d1 = (a00 * b1 - a01 * b0) / determinant;
    u0 = Math.min(120, Math.max(5, u0 + d0));
    u1 = Math.min(25, Math.max(0, u1 + d1));
    if (u0 + u1 * meanWind < 5) return undefined;
    if (Math.abs(d0) < 1e-6 && Math.abs(d1) < 1e-6) break;
  }
  return { u0, u1 };
}
