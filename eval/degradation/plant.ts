import type { Figures, RunInput } from '../../bench/harness.js';
import { degradationRate, keyFigures, sensorNormalised, soilingRatio } from '../../src/models/performance/index.js';
import { clearSkyIrradiance, planeIrradiance } from '../forecast/clear-sky.js';
import { readPlantFolder } from '../plant-folder.js';

/**
 * The rate of the plant in a folder, by its own irradiance where it has one (on the plane, else global horizontal brought
 * to the plane) and by the clear sky.
 */
export function evaluateFolder(data: string, options: RunInput['options'], say: RunInput['say']): Figures {
  const { plant, frame: measured } = readPlantFolder(data, typeof options.root === 'string' ? options.root : undefined);
  if (plant.site === undefined)
    throw new Error(`${plant.name} does not say where it is: site.latitude and site.longitude.`);
  const { latitude, longitude, altitude } = plant.site;
  const { tilt = 0, azimuth = 180 } = plant.arrays[0] ?? {};
  const geometry = { latitude, longitude, altitude, tilt, azimuth };
  // Rows stand for the step that follows; the sun is looked at in its middle.
  const half = (plant.time.stepMinutes ?? 0) * 3e4;
  let frame = measured.withColumn(
    'clearSkyPoa',
    measured.time.map((t) => clearSkyIrradiance(geometry, t + half)),
    'W/m²',
  );
  if (!frame.has('poaGlobal') && frame.has('ghi')) {
    const ghi = frame.column('ghi');
    frame = frame.withColumn(
      'poaGlobal',
      frame.time.map((t, i) => planeIrradiance(geometry, t + half, ghi[i] as number)),
      'W/m²',
    );
  }
  const acLimit = plant.inverter.acRating;
  // Without any rating the greatest power stands for it: a rate does not depend on it.
  const greatest = frame.column('acPower').reduce((most, p) => (p > most ? p : most), 0);
  const rating = {
    ratedPower: typeof plant.ratedPower === 'number' ? plant.ratedPower : (acLimit ?? greatest),
    acLimit,
    seed: Number(options.seed ?? 1),
  };
  const found = degradationRate(frame, rating);
  const figures: Record<string, number> = {
    rate: 100 * found.rate,
    rate_lower: 100 * found.lower,
    rate_upper: 100 * found.upper,
  };
  if (found.clearSky !== null) figures.clearsky_rate = 100 * found.clearSky.rate;
  if (found.sensorDrift !== null) figures.sensor_drift = 100 * found.sensorDrift.rate;
  if (found.sensor !== null) {
    figures.soiling_ratio = soilingRatio(sensorNormalised(frame, {}, rating)).ratio;
    const { performanceRatio } = keyFigures(frame, rating);
    if (performanceRatio !== null) figures.performance_ratio = performanceRatio;
  }
  say(`${plant.name}: ${(100 * found.rate).toFixed(2)} %/a by ${found.method}`);
  return figures;
}
