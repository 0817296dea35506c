import type { Figures, RunInput } from '../../bench/harness.js';
import { type Frame, TwinergyError } from '../../src/core/index.js';
import {
  type Degradation,
  type DegradationOptions,
  degradationRate,
  keyFigures,
  sensorNormalised,
  soilingRatio,
} from '../../src/models/performance/index.js';
import { clearSkyIrradiance, planeIrradiance } from '../forecast/clear-sky.js';
import { type PlantDescription, readPlantFolder } from '../plant-folder.js';

/**
 * The rate of the plant in a folder, by its own irradiance where it has one (on the plane, else global horizontal brought
 * to the plane) and by the clear sky. A record too short for a rate gives its other figures, and says so.
 */
export function evaluateFolder(data: string, options: RunInput['options'], say: RunInput['say']): Figures {
  const { plant, frame: measured } = readPlantFolder(data, typeof options.root === 'string' ? options.root : undefined);
  const frame = withLight(plant, measured);
  const acLimit = plant.inverter.acRating;
  // Without any rating the greatest power stands for it: a rate does not depend on it.
  const greatest = frame.column('acPower').reduce((most, p) => (Number.isNaN(p) ? most : Math.max(most, p)), 0);
  const rating = {
    ratedPower: typeof plant.ratedPower === 'number' ? plant.ratedPower : (acLimit ?? greatest),
    acLimit,
    seed: Number(options.seed ?? 1),
  };
  const { time } = frame;
  const figures: Record<string, number> = {
    years: ((time[time.length - 1] ?? 0) - (time[0] ?? 0)) / (365.2425 * 86_400_000),
  };
  const found = rateOrReason(frame, rating);
  if (typeof found === 'string') say(`${plant.name}: no rate. ${found}`);
  else {
    say(`${plant.name}: ${(100 * found.rate).toFixed(2)} %/a by ${found.method}`);
    figures.rate = 100 * found.rate;
    figures.rate_lower = 100 * found.lower;
    figures.rate_upper = 100 * found.upper;
    if (found.clearSky !== null) figures.clearsky_rate = 100 * found.clearSky.rate;
    if (found.sensorDrift !== null) figures.sensor_drift = 100 * found.sensorDrift.rate;
  }
  if (frame.has('poaGlobal')) {
    const days = sensorNormalised(frame, {}, rating);
    figures.days = days.day.length;
    figures.soiling_ratio = soilingRatio(days).ratio;
    const { performanceRatio } = keyFigures(frame, rating);
    if (performanceRatio !== null) figures.performance_ratio = performanceRatio;
  }
  return figures;
}

/** The telemetry with the clear sky beside it, and with the light on the plane where only the horizontal was measured. */
function withLight(plant: PlantDescription, measured: Frame): Frame {
  if (plant.site === undefined) {
    if (measured.has('poaGlobal')) return measured;
    throw new Error(
      `${plant.name} has no poaGlobal and does not say where it is (site.latitude, site.longitude) for a clear sky.`,
    );
  }
  const { latitude, longitude, altitude } = plant.site;
  const { tilt = 0, azimuth = 180 } = plant.arrays[0] ?? {};
  const geometry = { latitude, longitude, altitude, tilt, azimuth };
  // Rows stand for the step that follows; the sun is looked at in its middle.
  const half = (plant.time.stepMinutes ?? 0) * 3e4;
  const frame = measured.withColumn(
    'clearSkyPoa',
    measured.time.map((t) => clearSkyIrradiance(geometry, t + half)),
    'W/m²',
  );
  if (frame.has('poaGlobal') || !frame.has('ghi')) return frame;
  const ghi = frame.column('ghi');
  return frame.withColumn(
    'poaGlobal',
    frame.time.map((t, i) => planeIrradiance(geometry, t + half, ghi[i] as number)),
    'W/m²',
  );
}

/** The rate; where the record is too short for one, why. */
function rateOrReason(frame: Frame, rating: DegradationOptions): Degradation | string {
  try {
    return degradationRate(frame, rating);
  } catch (error) {
    if (error instanceof TwinergyError && error.code === 'DEGRADATION_TOO_SHORT') return error.message;
    throw error;
  }
}
