import type { Plant } from '../description/plant.js';
import { inputCount, planeIrradiance, workingPlane } from '../plant/environment.js';
import { arrayInput, arrayStart, input } from '../plant/inputs.js';
import type { Sky } from '../plant/sky.js';
import { decomposeErbs } from '../solar/index.js';

/** Light on the plane of array `a` under horizontal light `ghi`, W/m²; `inputs` is scratch. */
export function turnedLight(plant: Plant, a: number, ghi: number, sky: Sky, inputs: Float64Array): number {
  const array = plant.arrays[a];
  if (array === undefined || !(ghi > 0)) return Number.NaN;
  const { dni, dhi } = decomposeErbs(ghi, sky.zenith, sky.day);
  inputs[input.zenith] = sky.apparentZenith;
  inputs[input.azimuth] = sky.azimuth;
  inputs[input.extraterrestrial] = sky.extraterrestrial;
  inputs[input.ghi] = ghi;
  inputs[input.dni] = dni;
  inputs[input.dhi] = dhi;
  const at = arrayStart(a);
  planeIrradiance(inputs, workingPlane(array, inputs).plane, plant.site.albedo, inputs, at);
  return (
    (inputs[at + arrayInput.beam] as number) +
    (inputs[at + arrayInput.sky] as number) +
    (inputs[at + arrayInput.ground] as number)
  );
}

/** Beam and diffuse parts of a clear sky, as the Erbs split has them: enough to know the shape of a clear day. */
export function clearParts(sky: Sky, inputs: Float64Array): void {
  const cosine = Math.max(0, Math.cos((sky.apparentZenith * Math.PI) / 180));
  const ghi = sky.clearGhi;
  const diffuse = ghi * Math.min(1, 0.13 + 0.35 * Math.exp(-9 * cosine));
  inputs[input.ghi] = ghi;
  inputs[input.dhi] = diffuse;
  inputs[input.dni] = cosine > 0.02 ? (ghi - diffuse) / cosine : 0;
}

/** Step at which dawn and dusk are looked for, ms. */
const TWILIGHT_STEP = 300_000;

/**
 * When the light of a clear sky on the first array passes `glimmer` W/m² at dawn and at dusk of the solar day that begins
 * at `start`, ms since the epoch; NaN where it does not.
 */
export function twilightOf(plant: Plant, sky: Sky, start: number, glimmer: number): [dawn: number, dusk: number] {
  const array = plant.arrays[0];
  if (array === undefined) return [Number.NaN, Number.NaN];
  const inputs = new Float64Array(inputCount(plant));
  const light = new Float64Array(3);
  let before = 0;
  let dawn = Number.NaN;
  let dusk = Number.NaN;
  for (let k = 0; k < 86_400_000 / TWILIGHT_STEP; k++) {
    const time = start + k * TWILIGHT_STEP;
    sky.look(time);
    let now = 0;
    if (sky.clearGhi > 0) {
      inputs[input.zenith] = sky.apparentZenith;
      inputs[input.azimuth] = sky.azimuth;
      inputs[input.extraterrestrial] = sky.extraterrestrial;
      clearParts(sky, inputs);
      planeIrradiance(inputs, workingPlane(array, inputs).plane, plant.site.albedo, light, 0);
      now = (light[0] as number) + (light[1] as number) + (light[2] as number);
    }
    const crossed = time - TWILIGHT_STEP * (1 - (glimmer - before) / (now - before));
    if (before < glimmer && now >= glimmer && Number.isNaN(dawn)) dawn = crossed;
    if (before >= glimmer && now < glimmer) dusk = crossed;
    before = now;
  }
  return [dawn, dusk];
}
