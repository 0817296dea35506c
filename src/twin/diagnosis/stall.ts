import { log } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import { inputCount, planeIrradiance, trackerPlane, workingPlane } from '../plant/environment.js';
import { arrayInput, arrayStart, input } from '../plant/inputs.js';
import type { Sky } from '../plant/sky.js';
import { decomposeErbs } from '../solar/index.js';
import type { CellCondition } from './hypotheses.js';
import { SECTORS } from './quantities.js';

/** What is needed to turn light from where a tracker should look to where it is stuck. */
export interface StallGeometry {
  readonly plant: Plant;
  readonly sky: Sky;
  readonly inputs: Float64Array;
  readonly light: Float64Array;
  readonly memory: Map<string, number>;
}

/** The geometry of a plant; undefined where it has no tracker. */
export function stallGeometry(plant: Plant, sky: Sky): StallGeometry | undefined {
  if (plant.arrays.every(({ tracker }) => tracker === undefined)) return undefined;
  return { plant, sky, inputs: new Float64Array(inputCount(plant)), light: new Float64Array(3), memory: new Map() };
}

/** Logarithm of the light on array `a` stuck at `angle` over that on a working one, in a cell. */
export function stallShift(geometry: StallGeometry, a: number, angle: number, at: CellCondition): number {
  const key = `${a} ${angle} ${at.day} ${at.sector} ${Math.round(at.light / 50)}`;
  const known = geometry.memory.get(key);
  if (known !== undefined) return known;
  const { plant, sky, inputs, light } = geometry;
  const array = plant.arrays[a];
  if (array?.tracker === undefined) return 0;
  // Middle of the sector, in hours from solar noon; the day starts at solar midnight.
  sky.look(at.day + (12 + (at.sector + 0.5 - SECTORS / 2) * 1.5) * 3_600_000);
  inputs[input.zenith] = sky.apparentZenith;
  inputs[input.azimuth] = sky.azimuth;
  inputs[input.extraterrestrial] = sky.extraterrestrial;
  const { plane } = workingPlane(array, inputs);
  const total = (ghi: number, where: typeof plane): number => {
    const parts = decomposeErbs(ghi, sky.zenith, sky.day);
    inputs[input.ghi] = ghi;
    inputs[input.dhi] = parts.dhi;
    inputs[input.dni] = parts.dni;
    planeIrradiance(inputs, where, plant.site.albedo, light, 0);
    return (
      (light[arrayInput.beam] as number) + (light[arrayInput.sky] as number) + (light[arrayInput.ground] as number)
    );
  };
  void arrayStart;
  // The horizontal light under which the working plane sees what was measured, by two secant steps.
  let ghi = Math.max(10, Math.min(sky.clearGhi, at.light));
  for (let k = 0; k < 3; k++)
    ghi = Math.min(1.15 * sky.clearGhi + 5, (ghi * at.light) / Math.max(5, total(ghi, plane)));
  const working = total(ghi, plane);
  const stuck = total(ghi, trackerPlane(array.tracker, angle));
  const shift = working > 5 && stuck > 0 ? Math.max(-2, Math.min(0.5, log(stuck / working))) : 0;
  if (geometry.memory.size > 50_000) geometry.memory.clear();
  geometry.memory.set(key, shift);
  return shift;
}
