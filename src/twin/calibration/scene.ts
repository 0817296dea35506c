import { type Frame, TwinergyError } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import { Sky } from '../plant/sky.js';
import {
  absoluteAirmass,
  clearSkyIneichen,
  decomposeErbs,
  linkeTurbidityOfDay,
  pressureOfAltitude,
  relativeAirmass,
} from '../solar/index.js';
import { guessClimate } from '../weather/climate.js';
import { Recent } from './recent.js';
import { Series } from './series.js';
import { clockError, type SummerClock } from './summer-clock.js';

/** Where the light of a calibration comes from: sensors in the planes, global irradiance turned onto them, a clear sky. */
export type LightSource = 'plane' | 'global' | 'clear-sky';

/** Nominal wind where none is measured, m/s. */
const USUAL_WIND = 2;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Sun and light at each row of a scene, at given shifts of the clocks. */
export interface Light {
  /** Apparent zenith and azimuth, degrees. */
  readonly zenith: Float64Array;
  readonly azimuth: Float64Array;
  readonly extraterrestrial: Float64Array;
  readonly ghi: Float64Array;
  readonly dni: Float64Array;
  readonly dhi: Float64Array;
  /** Global irradiance of a clear sky. */
  readonly clear: Float64Array;
}

/** What a scene is made of. */
export interface SceneOptions {
  readonly source: LightSource;
  /** Whether latitude and longitude are the plant's own. */
  readonly knowsSite: boolean;
  /** Whether a `moduleTemperature` may stand for the cells'. */
  readonly useModuleTemperature: boolean;
  /** The clock of the power, where it changes with the seasons. */
  readonly clock?: SummerClock | undefined;
}

/** The inputs of a plant at given times: light, temperature, wind, each on the times of the power however it was recorded. */
export class Scene {
  readonly time: Float64Array;
  readonly source: LightSource;
  readonly knowsSite: boolean;
  /** By array, W/m²; only of light in the plane. */
  readonly plane: readonly Float64Array[];
  readonly air: Float64Array;
  readonly wind: Float64Array;
  /** Measured, °C; NaN where it is not. */
  readonly module: Float64Array;
  /** Length of a row, ms: what it is the mean over. */
  readonly width: number;
  readonly #plant: Plant;
  /** True times of the rows, and the labels of the light's rows then. */
  readonly #sunTime: Float64Array;
  readonly #lightTime: Float64Array;
  readonly #sky: Sky;
  readonly #ghi: Series | undefined;
  readonly #dni: Series | undefined;
  readonly #dhi: Series | undefined;
  readonly #light = new Recent<Light>();

  constructor(plant: Plant, frame: Frame, time: Float64Array, width: number, options: SceneOptions) {
    this.#plant = plant;
    this.time = time;
    this.width = width;
    this.source = options.source;
    const error = options.clock === undefined ? undefined : clockError(options.clock);
    this.#sunTime = error === undefined ? time : time.map((label) => label - error(label));
    this.#lightTime = options.clock?.light === true ? time : this.#sunTime;
    this.knowsSite = options.knowsSite;
    this.#sky = new Sky(plant.site);
    const series = (name: string) => (frame.has(name) ? new Series(frame.time, frame.column(name)) : undefined);
    const sampled = (name: string | undefined) => {
      const out = new Float64Array(time.length).fill(Number.NaN);
      if (name !== undefined) series(name)?.sample(time, 0, width, out);
      return out;
    };
    const common = frame.has('poaGlobal') ? 'poaGlobal' : 'irradiance';
    this.plane =
      options.source === 'plane'
        ? plant.arrays.map(({ id }) => sampled(frame.has(`${id}.poaGlobal`) ? `${id}.poaGlobal` : common))
        : [];
    this.wind = sampled('windSpeed').map((value) => (Number.isNaN(value) ? USUAL_WIND : Math.max(0, value)));
    this.module = options.useModuleTemperature
      ? sampled('moduleTemperature')
      : new Float64Array(time.length).fill(Number.NaN);
    this.air = sampled('airTemperature');
    if (options.knowsSite) this.#fillAir();
    else fillForward(this.air);
    this.#ghi = options.source === 'global' ? series('ghi') : undefined;
    const beam = options.source === 'global' && frame.has('dni') && frame.has('dhi');
    this.#dni = beam ? series('dni') : undefined;
    this.#dhi = beam ? series('dhi') : undefined;
  }

  /** Where no air temperature is measured, the mean of the climate at that month and hour. */
  #fillAir(): void {
    const { latitude, longitude, altitude } = this.#plant.site;
    const climate = guessClimate(latitude, altitude);
    for (let row = 0; row < this.air.length; row++) {
      if (!Number.isNaN(this.air[row] as number)) continue;
      const solar = new Date((this.time[row] as number) + (longitude / 15) * HOUR);
      const hour = solar.getUTCHours();
      this.air[row] = climate.temperature[solar.getUTCMonth()]?.[hour] ?? 15;
    }
  }

  /** Sun and light with the clock of the power `sunShift` minutes late and the light's rows `lightShift` minutes off them. */
  light(sunShift: number, lightShift: number): Light {
    return this.#light.get([sunShift, lightShift], () => this.#computeLight(sunShift, lightShift));
  }

  #computeLight(sunShift: number, lightShift: number): Light {
    const n = this.time.length;
    const make = () => new Float64Array(n);
    const light = {
      zenith: make(),
      azimuth: make(),
      extraterrestrial: make(),
      ghi: make(),
      dni: make(),
      dhi: make(),
      clear: make(),
    };
    const { altitude, linkeTurbidity } = this.#plant.site;
    const pressure = pressureOfAltitude(altitude);
    if (this.source === 'global') {
      this.#ghi?.sample(this.#lightTime, lightShift * MINUTE, this.width, light.ghi);
      this.#dni?.sample(this.#lightTime, lightShift * MINUTE, this.width, light.dni);
      this.#dhi?.sample(this.#lightTime, lightShift * MINUTE, this.width, light.dhi);
    }
    for (let row = 0; row < n; row++) {
      const sky = this.#sky;
      sky.look((this.#sunTime[row] as number) + sunShift * MINUTE);
      light.zenith[row] = sky.apparentZenith;
      light.azimuth[row] = sky.azimuth;
      light.extraterrestrial[row] = sky.extraterrestrial;
      light.clear[row] = sky.clearGhi;
      if (this.source === 'global') {
        const ghi = sky.apparentZenith >= 90 ? 0 : Math.max(0, light.ghi[row] as number);
        light.ghi[row] = ghi;
        if (this.#dni === undefined) {
          const parts = decomposeErbs(ghi, sky.zenith, sky.day);
          light.dni[row] = parts.dni;
          light.dhi[row] = parts.dhi;
        }
      } else if (this.source === 'clear-sky') {
        const parts = clearSkyIneichen(
          sky.apparentZenith,
          sky.apparentZenith < 90 ? absoluteAirmass(relativeAirmass(sky.apparentZenith), pressure) : Number.NaN,
          linkeTurbidityOfDay(linkeTurbidity, sky.day),
          { altitude, extraterrestrial: sky.extraterrestrial },
        );
        light.ghi[row] = parts.ghi;
        light.dni[row] = parts.dni;
        light.dhi[row] = parts.dhi;
      }
    }
    return light;
  }
}

/** A missing temperature takes the last one; 15 °C before the first. */
function fillForward(values: Float64Array): void {
  let last = 15;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) values[i] = last;
    else last = value;
  }
}

/**
 * The best light that `frame` has at the rows of `target`: in the planes, else global, else none.
 * @throws TwinergyError `CALIBRATION_NEEDS_SITE` where the sun must be known and the site is not
 */
export function chooseLight(plant: Plant, frame: Frame, target: Float64Array, knowsSite: boolean): LightSource {
  const wanted = target.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const covers = (name: string) =>
    frame.has(name) && frame.column(name).reduce((count, value) => count + (value > 0 ? 1 : 0), 0) > 0.02 * wanted;
  const common = covers('poaGlobal') || covers('irradiance');
  const alike = plant.arrays.every(
    ({ tilt, azimuth, tracker }) =>
      tracker === undefined && tilt === plant.arrays[0]?.tilt && azimuth === plant.arrays[0]?.azimuth,
  );
  if (
    plant.arrays.every(
      ({ id }) => covers(`${id}.poaGlobal`) || (common && (alike || plant.arrays.length === 1 || !covers('ghi'))),
    )
  ) {
    return 'plane';
  }
  const source = covers('ghi') ? 'global' : 'clear-sky';
  if (!knowsSite) {
    throw new TwinergyError(
      'CALIBRATION_NEEDS_SITE',
      source === 'global'
        ? 'To turn global irradiance onto the arrays, latitude and longitude must be known.'
        : 'To learn from power alone, latitude and longitude must be known: the sun is the only measure.',
      {
        path: 'site',
        hint: 'Give site.latitude and site.longitude, measure poaGlobal, or let locateSite(history) estimate the place.',
      },
    );
  }
  return source;
}
