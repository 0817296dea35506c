import { type Frame, TimeZone, TwinergyError } from '../../core/index.js';
import type { Environment, EnvironmentOptions } from '../asset-model.js';
import type { Plant, PlantArray, Tracker } from '../description/plant.js';
import { decomposeErbs, trackerSurface, trackSingleAxis, transpose } from '../solar/index.js';
import { type Climate, guessClimate } from '../weather/climate.js';
import { WEATHER_SLOTS, WeatherProcess, weatherSlot } from '../weather/process.js';
import { ARRAY_INPUTS, arrayInput, arrayStart, input } from './inputs.js';
import { loadPower } from './load.js';
import type { Sky } from './sky.js';

const HOUR = 3_600_000;

/** The plane of an array at a moment, degrees. */
export interface Plane {
  surfaceTilt: number;
  surfaceAzimuth: number;
}

/** Beam, sky and ground irradiance on a plane, W/m², written to `out` at `at` (Hay & Davies). */
export function planeIrradiance(
  inputs: Float64Array,
  plane: Plane,
  albedo: number,
  out: Float64Array,
  at: number,
): void {
  const ghi = inputs[input.ghi] as number;
  if (!(ghi > 0)) {
    out.fill(0, at, at + 3);
    return;
  }
  const light = transpose(
    {
      surfaceTilt: plane.surfaceTilt,
      surfaceAzimuth: plane.surfaceAzimuth,
      solarZenith: inputs[input.zenith] as number,
      solarAzimuth: inputs[input.azimuth] as number,
    },
    {
      ghi,
      dni: inputs[input.dni] as number,
      dhi: inputs[input.dhi] as number,
      extraterrestrial: inputs[input.extraterrestrial] as number,
      airmass: Number.NaN,
    },
    { albedo },
  );
  out[at + arrayInput.beam] = light.direct;
  out[at + arrayInput.sky] = light.sky;
  out[at + arrayInput.ground] = light.ground;
}

/** The plane of a tracker at a rotation (degrees). */
export const trackerPlane = (tracker: Tracker, rotation: number): Plane =>
  trackerSurface(rotation, tracker.axisTilt, tracker.axisAzimuth);

/** The plane of an array when its tracker (if any) works, and the tracker's rotation; by night trackers lie flat. */
export function workingPlane(array: PlantArray, inputs: Float64Array): { plane: Plane; rotation: number } {
  const { tracker } = array;
  if (tracker === undefined) return { plane: { surfaceTilt: array.tilt, surfaceAzimuth: array.azimuth }, rotation: 0 };
  const orientation = trackSingleAxis(inputs[input.zenith] as number, inputs[input.azimuth] as number, {
    axisTilt: tracker.axisTilt,
    axisAzimuth: tracker.axisAzimuth,
    maxAngle: tracker.maxAngle,
    backtrack: tracker.backtrack,
    groundCoverage: tracker.groundCoverageRatio,
  });
  if (Number.isNaN(orientation.rotation)) return { plane: trackerPlane(tracker, 0), rotation: 0 };
  return { plane: orientation, rotation: orientation.rotation };
}

/** Channels that measured weather may hold, and where they go. */
const measuredWeather = [
  ['ghi', input.ghi],
  ['dni', input.dni],
  ['dhi', input.dhi],
  ['airTemperature', input.airTemperature],
  ['windSpeed', input.windSpeed],
  ['humidity', input.humidity],
  ['precipitation', input.precipitation],
  ['snowfall', input.snowfall],
] as const;

/** A frame as a function of time: linear between its rows, NaN outside. */
class FrameReader {
  readonly #frame: Frame;
  readonly #columns: { readonly data: Float64Array; readonly slot: number }[];
  #row = 0;

  constructor(frame: Frame) {
    this.#frame = frame;
    this.#columns = measuredWeather.flatMap(([name, slot]) =>
      frame.has(name) ? [{ data: frame.column(name), slot }] : [],
    );
    if (!this.#columns.some(({ slot }) => slot === input.ghi)) {
      throw new TwinergyError(
        'TWIN_BAD_WEATHER',
        'The weather has no column "ghi" (global horizontal irradiance, W/m²).',
        {
          path: 'weather',
          hint: `Columns are: ${frame.names.join(', ')}.`,
        },
      );
    }
  }

  at(time: number, inputs: Float64Array): void {
    const axis = this.#frame.time;
    if ((axis[this.#row] ?? Number.POSITIVE_INFINITY) > time) this.#row = 0;
    if ((axis[this.#row + 1] ?? Number.POSITIVE_INFINITY) <= time) {
      const next = this.#frame.indexAt(time);
      this.#row = Math.max(0, axis[next] === time ? next : next - 1);
    }
    const start = axis[this.#row] ?? Number.NaN;
    const end = axis[this.#row + 1];
    const inside = time >= start && (end !== undefined || time === start);
    const share = end === undefined ? 0 : (time - start) / (end - start);
    for (const { data, slot } of this.#columns) {
      if (!inside) continue;
      const low = data[this.#row] as number;
      const value = share === 0 ? low : low + share * ((data[this.#row + 1] as number) - low);
      if (!Number.isNaN(value)) inputs[slot] = value;
    }
  }
}

/** What acts on a solar plant: sun, weather (made up or measured), loads, and the light on each plane. */
export class PlantEnvironment implements Environment {
  readonly #plant: Plant;
  readonly #process: WeatherProcess;
  readonly #weather: FrameReader | undefined;
  readonly #hasBeam: boolean;
  readonly #zone: TimeZone;
  readonly #options: EnvironmentOptions;
  readonly #sample = new Float64Array(WEATHER_SLOTS);
  readonly #sky: Sky;

  constructor(plant: Plant, sky: Sky, options: EnvironmentOptions, climate?: Climate) {
    const { latitude, longitude, altitude } = plant.site;
    this.#plant = plant;
    this.#sky = sky;
    this.#options = options;
    this.#zone = new TimeZone(plant.site.timeZone);
    this.#process = new WeatherProcess(climate ?? guessClimate(latitude, altitude), latitude, longitude, options.seed);
    this.#weather = options.weather === undefined ? undefined : new FrameReader(options.weather);
    this.#hasBeam = options.weather?.has('dni') === true && options.weather.has('dhi');
  }

  at(time: number, inputs: Float64Array): void {
    const { site } = this.#plant;
    const sun = this.#sky;
    sun.look(time);
    inputs[input.zenith] = sun.apparentZenith;
    inputs[input.azimuth] = sun.azimuth;
    inputs[input.extraterrestrial] = sun.extraterrestrial;

    const sample = this.#sample;
    this.#process.at(time, sample);
    inputs[input.airTemperature] = sample[weatherSlot.airTemperature] as number;
    inputs[input.windSpeed] = sample[weatherSlot.windSpeed] as number;
    inputs[input.humidity] = sample[weatherSlot.humidity] as number;
    inputs[input.precipitation] = sample[weatherSlot.precipitation] as number;
    inputs[input.snowfall] = sample[weatherSlot.snowfall] as number;
    inputs[input.ghi] = sun.clearGhi * (sample[weatherSlot.clearSkyIndex] as number);
    this.#weather?.at(time, inputs);
    if (sun.apparentZenith >= 90) inputs[input.ghi] = 0;
    let ghi = Math.max(0, inputs[input.ghi] as number);
    let thin = 1;
    for (const circumstance of this.#options.circumstances) {
      const s = circumstance.severity;
      if (circumstance.definition.id === 'cloudy-weeks') thin *= 1 - 0.85 * s;
      if (circumstance.definition.id === 'heat-wave') {
        inputs[input.airTemperature] = (inputs[input.airTemperature] as number) + 15 * s;
      }
    }
    ghi *= thin;
    inputs[input.ghi] = ghi;
    if (!this.#hasBeam || thin < 1) {
      const parts = decomposeErbs(ghi, sun.zenith, sun.day);
      inputs[input.dhi] = parts.dhi;
      inputs[input.dni] = parts.dni;
    }

    const hour = ((((time + this.#zone.offsetAt(time)) / HOUR) % 24) + 24) % 24;
    inputs[input.hour] = hour;
    let load = 0;
    for (const consumer of this.#plant.loads) load += loadPower(consumer, hour, time, this.#options.seed);
    inputs[input.load] = load;

    this.#plant.arrays.forEach((array, a) => {
      const at = arrayStart(a);
      const { plane, rotation } = workingPlane(array, inputs);
      inputs[at + arrayInput.angle] = rotation;
      planeIrradiance(inputs, plane, site.albedo, inputs, at);
    });
  }
}

/** How many inputs the environment of `plant` writes. */
export const inputCount = (plant: Plant) => arrayStart(0) + plant.arrays.length * ARRAY_INPUTS;
