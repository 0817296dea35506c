import { type Frame, TimeZone, TwinergyError } from '../../core/index.js';
import type { Environment, EnvironmentOptions } from '../asset-model.js';
import type { Plant, PlantArray, Tracker } from '../description/plant.js';
import { type Climate, guessClimate } from '../weather/climate.js';
import { WEATHER_SLOTS, WeatherProcess, weatherSlot } from '../weather/process.js';
import { ARRAY_INPUTS, arrayInput, arrayStart, input } from './inputs.js';
import { loadPower } from './load.js';
import {
  clearSkyGlobal,
  cosineOfIncidence,
  diffuseOf,
  hayDavies,
  type SunPosition,
  sunPosition,
  trackerAngle,
} from './optics.js';

const RADIAN = Math.PI / 180;
const HOUR = 3_600_000;

/** The plane of an array at a moment, degrees. */
export interface Plane {
  tilt: number;
  azimuth: number;
}

/** The plane of a tracker turned by `angle` (degrees, positive to the right of its axis direction seen from the axis). */
export function trackerPlane(tracker: Tracker, angle: number, out: Plane): void {
  const tilt = tracker.axisTilt * RADIAN;
  const turn = angle * RADIAN;
  out.tilt = Math.acos(Math.min(1, Math.cos(turn) * Math.cos(tilt))) / RADIAN;
  const across = Math.sin(turn);
  const along = Math.cos(turn) * Math.sin(tilt);
  out.azimuth = (tracker.axisAzimuth + Math.atan2(across, along) / RADIAN + 360) % 360;
}

/** Beam, sky and ground irradiance on a plane, W/m², written to `inputs` at `at`. */
export function planeIrradiance(
  inputs: Float64Array,
  plane: Plane,
  albedo: number,
  out: Float64Array,
  at: number,
): void {
  const zenith = inputs[input.zenith] as number;
  const ghi = inputs[input.ghi] as number;
  const dni = inputs[input.dni] as number;
  if (!(ghi > 0)) {
    out.fill(0, at, at + 3);
    return;
  }
  const incidence = cosineOfIncidence(zenith, inputs[input.azimuth] as number, plane.tilt, plane.azimuth);
  out[at + arrayInput.beam] = dni * Math.max(0, incidence);
  out[at + arrayInput.sky] = hayDavies(
    inputs[input.dhi] as number,
    dni,
    inputs[input.extraterrestrial] as number,
    zenith,
    incidence,
    plane.tilt,
  );
  out[at + arrayInput.ground] = ghi * albedo * 0.5 * (1 - Math.cos(plane.tilt * RADIAN));
}

/** The plane of an array when its tracker (if any) works; the rotation is returned. */
export function workingPlane(array: PlantArray, inputs: Float64Array, out: Plane): number {
  const { tracker } = array;
  if (tracker === undefined) {
    out.tilt = array.tilt;
    out.azimuth = array.azimuth;
    return 0;
  }
  const angle = trackerAngle(
    inputs[input.zenith] as number,
    inputs[input.azimuth] as number,
    tracker.axisAzimuth,
    tracker.maxAngle,
    tracker.groundCoverageRatio,
    tracker.backtrack,
  );
  trackerPlane(tracker, angle, out);
  return angle;
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
  readonly #sun: SunPosition = { zenith: 0, azimuth: 0, extraterrestrial: 0 };
  readonly #plane: Plane = { tilt: 0, azimuth: 0 };

  constructor(plant: Plant, options: EnvironmentOptions, climate?: Climate) {
    const { latitude, longitude, altitude } = plant.site;
    this.#plant = plant;
    this.#options = options;
    this.#zone = new TimeZone(plant.site.timeZone);
    this.#process = new WeatherProcess(climate ?? guessClimate(latitude, altitude), latitude, longitude, options.seed);
    this.#weather = options.weather === undefined ? undefined : new FrameReader(options.weather);
    this.#hasBeam = options.weather?.has('dni') === true && options.weather.has('dhi');
  }

  at(time: number, inputs: Float64Array): void {
    const { site } = this.#plant;
    const sun = this.#sun;
    sunPosition(time, site.latitude, site.longitude, sun);
    inputs[input.zenith] = sun.zenith;
    inputs[input.azimuth] = sun.azimuth;
    inputs[input.extraterrestrial] = sun.extraterrestrial;

    const sample = this.#sample;
    this.#process.at(time, sample);
    inputs[input.airTemperature] = sample[weatherSlot.airTemperature] as number;
    inputs[input.windSpeed] = sample[weatherSlot.windSpeed] as number;
    inputs[input.humidity] = sample[weatherSlot.humidity] as number;
    inputs[input.precipitation] = sample[weatherSlot.precipitation] as number;
    inputs[input.snowfall] = sample[weatherSlot.snowfall] as number;
    inputs[input.ghi] = clearSkyGlobal(sun.zenith) * (sample[weatherSlot.clearSkyIndex] as number);
    this.#weather?.at(time, inputs);
    if (sun.zenith >= 90) inputs[input.ghi] = 0;
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
      const dhi = diffuseOf(ghi, sun.zenith, sun.extraterrestrial);
      inputs[input.dhi] = dhi;
      inputs[input.dni] = sun.zenith > 87 ? 0 : (ghi - dhi) / Math.cos(sun.zenith * RADIAN);
    }

    const hour = ((((time + this.#zone.offsetAt(time)) / HOUR) % 24) + 24) % 24;
    inputs[input.hour] = hour;
    let load = 0;
    for (const consumer of this.#plant.loads) load += loadPower(consumer, hour, time, this.#options.seed);
    inputs[input.load] = load;

    this.#plant.arrays.forEach((array, a) => {
      const at = arrayStart(a);
      inputs[at + arrayInput.angle] = workingPlane(array, inputs, this.#plane);
      planeIrradiance(inputs, this.#plane, site.albedo, inputs, at);
    });
  }
}

/** How many inputs the environment of `plant` writes. */
export const inputCount = (plant: Plant) => arrayStart(0) + plant.arrays.length * ARRAY_INPUTS;
