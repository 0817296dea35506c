import { TwinergyError } from '../../core/errors.js';
import { acos } from '../../core/math/index.js';
import { AirTable, LOWEST_SINE } from './air-table.js';
import { cosDegrees, sinDegrees } from './angles.js';
import { STANDARD_PRESSURE } from './atmosphere.js';
import { linkeTurbidityOfDay } from './clear-sky.js';
import { DiodeTracker } from './diode-tracker.js';
import { dayOfYear, extraterrestrialRadiation } from './extraterrestrial.js';
import { fastExp } from './fast-exp.js';
import { inverterSandia, type SandiaInverter } from './inverter.js';
import type { SolarSite } from './position.js';
import type { DeSotoModule } from './single-diode-parameters.js';
import { degree8, SEGMENT, SunTrack } from './sun-track.js';
import { perezBrightness, type TranspositionModel } from './transposition.js';

/** A fixed array with one inverter. */
export interface PvChainSystem {
  readonly site: SolarSite;
  /** Linke turbidity, one value or twelve monthly ones; default 3. */
  readonly linkeTurbidity?: number | readonly number[];
  /** Degrees. */
  readonly surfaceTilt: number;
  /** Degrees, clockwise from north. */
  readonly surfaceAzimuth: number;
  /** Default 0.25. */
  readonly albedo?: number;
  /** Default `hay-davies`. */
  readonly transposition?: TranspositionModel;
  /** Faiman's heat loss: W/(m² K) and W s/(m³ K); default 25 and 6.84. */
  readonly heatLoss?: { readonly u0: number; readonly u1: number };
  readonly module: DeSotoModule;
  readonly modulesPerString: number;
  readonly strings: number;
  readonly inverter: SandiaInverter;
}

/** What the sky does; one value per step in each column. */
export interface PvChainWeather {
  /** Global irradiance over that of the clear sky; default 1 everywhere. Not with `ghi`. */
  readonly cloudFactor?: Float64Array;
  /** Measured global horizontal irradiance, W/m². Not with `cloudFactor`. */
  readonly ghi?: Float64Array;
  /** °C. */
  readonly airTemperature: Float64Array;
  /** m/s. */
  readonly windSpeed: Float64Array;
}

/** What the chain computes; one value per step in each column. */
export interface PvChainColumns {
  /** Global, direct normal and diffuse horizontal irradiance, W/m². */
  readonly ghi: Float64Array;
  readonly dni: Float64Array;
  readonly dhi: Float64Array;
  /** Light on the plane, W/m². */
  readonly poa: Float64Array;
  /** °C. */
  readonly cellTemperature: Float64Array;
  /** V of a string at its maximum power point. */
  readonly vMp: Float64Array;
  /** A of all strings. */
  readonly iMp: Float64Array;
  /** W. */
  readonly pDc: Float64Array;
  /** W; negative at night. */
  readonly pAc: Float64Array;
}

/** The names of the columns of `PvChainColumns`. */
export const PV_CHAIN_COLUMNS = ['ghi', 'dni', 'dhi', 'poa', 'cellTemperature', 'vMp', 'iMp', 'pDc', 'pAc'] as const;

const COS_87 = cosDegrees(87);
const COS_85 = cosDegrees(85);

/**
 * The whole way from time and weather to AC power for long series, at some tens of nanoseconds a step: SPA with
 * refraction, Spencer, Kasten–Young, Ineichen, Erbs, Hay–Davies (or Perez, isotropic), Faiman, De Soto, the maximum power
 * point, Sandia's inverter. The same models as the functions of this folder, and within 1e-8 of them:
 *
 * - the sun's direction comes from polynomials in time (`SunTrack`), refraction and airmass from a table (`AirTable`);
 * - the maximum power point is followed from step to step (`DiodeTracker`);
 * - segments in which the sun stays below the horizon are filled without being looked at.
 */
export class PvChain {
  private readonly air: AirTable;
  private readonly diode: DiodeTracker;
  private readonly brightness = { circumsolar: 0, horizon: 0 };

  constructor(readonly system: PvChainSystem) {
    this.air = new AirTable(system.site);
    this.diode = new DiodeTracker(system.module);
  }

  /** Columns of zeros for `length` steps, to be given to `run` again and again. */
  static columns(length: number): PvChainColumns {
    const column = (): Float64Array => new Float64Array(length);
    return {
      ghi: column(),
      dni: column(),
      dhi: column(),
      poa: column(),
      cellTemperature: column(),
      vMp: column(),
      iMp: column(),
      pDc: column(),
      pAc: column(),
    };
  }

  /**
   * Computes all steps. Each is the instant itself, not the mean of an interval.
   *
   * @param time ms since the epoch, UTC, strictly increasing
   * @param weather columns as long as `time`
   * @param result columns to write into; default new ones
   * @throws TwinergyError `COLUMN_LENGTH` when columns differ in length
   */
  run(
    time: Float64Array,
    weather: PvChainWeather,
    result: PvChainColumns = PvChain.columns(time.length),
  ): PvChainColumns {
    const columns = [weather.airTemperature, weather.windSpeed, weather.cloudFactor, weather.ghi, result.pAc];
    if (columns.some((column) => column !== undefined && column.length !== time.length))
      throw new TwinergyError('COLUMN_LENGTH', `Every column must have the ${time.length} rows of the time.`);
    const track = new SunTrack(this.system.site);
    this.diode.reset();
    let from = 0;
    while (from < time.length) {
      const start = Math.floor((time[from] as number) / SEGMENT) * SEGMENT;
      let to = from + 1;
      while (to < time.length && (time[to] as number) < start + SEGMENT) to++;
      track.load(start);
      // Between nodes the elevation's sine can be higher by at most the sagitta of their distance, below 0.02.
      if (track.highest < LOWEST_SINE - 0.02) this.night(from, to, weather, result);
      else this.segment(track, start, from, to, time, weather, result);
      from = to;
    }
    return result;
  }

  private night(from: number, to: number, weather: PvChainWeather, result: PvChainColumns): void {
    result.ghi.fill(0, from, to);
    result.dni.fill(0, from, to);
    result.dhi.fill(0, from, to);
    result.poa.fill(0, from, to);
    result.vMp.fill(0, from, to);
    result.iMp.fill(0, from, to);
    result.pDc.fill(0, from, to);
    result.pAc.fill(-Math.abs(this.system.inverter.pNight), from, to);
    result.cellTemperature.set(weather.airTemperature.subarray(from, to), from);
  }

  private segment(
    track: SunTrack,
    start: number,
    from: number,
    to: number,
    time: Float64Array,
    weather: PvChainWeather,
    result: PvChainColumns,
  ): void {
    const { system, air, diode } = this;
    const { site, albedo = 0.25, transposition = 'hay-davies', modulesPerString, strings, inverter } = system;
    const { u0, u1 } = system.heatLoss ?? { u0: 25, u1: 6.84 };
    const day = dayOfYear(start);
    const extra = extraterrestrialRadiation(day);
    const turbidity = system.linkeTurbidity ?? 3;
    const linke = typeof turbidity === 'number' ? turbidity : linkeTurbidityOfDay(turbidity, day);
    const altitude = site.altitude ?? 0;
    const cg1 = (5.09e-5 * altitude + 0.868) * extra;
    const attenuation =
      -(3.92e-5 * altitude + 0.0387) *
      (fastExp(-altitude / 8000) + fastExp(-altitude / 1250) * (linke - 1)) *
      ((site.pressure ?? STANDARD_PRESSURE) / STANDARD_PRESSURE);
    const cosTilt = cosDegrees(system.surfaceTilt);
    const sinTilt = sinDegrees(system.surfaceTilt);
    const normalNorth = sinTilt * cosDegrees(system.surfaceAzimuth);
    const normalEast = sinTilt * sinDegrees(system.surfaceAzimuth);
    const skyView = 0.5 * (1 + cosTilt);
    const groundView = 0.5 * (1 - cosTilt) * albedo;
    const scale = 2 / SEGMENT;
    const night = -Math.abs(inverter.pNight);

    for (let row = from; row < to; row++) {
      const t = ((time[row] as number) - start) * scale - 1;
      const t2 = t * t;
      const t4 = t2 * t2;
      const up = degree8(track.up, t, t2, t4);
      const airTemperature = weather.airTemperature[row] as number;
      let ghi = 0;
      let cosine = 0;
      let horizontal = 0;
      if (up > LOWEST_SINE) {
        horizontal = Math.sqrt(1 - up * up);
        air.look(up, horizontal);
        cosine = air.cosine;
        if (cosine > 0)
          ghi =
            weather.ghi === undefined
              ? cg1 *
                cosine *
                fastExp(attenuation * air.airmass) *
                (weather.cloudFactor === undefined ? 1 : (weather.cloudFactor[row] as number))
              : (weather.ghi[row] as number);
      }
      if (!(ghi > 0)) {
        result.ghi[row] = 0;
        result.dni[row] = 0;
        result.dhi[row] = 0;
        result.poa[row] = 0;
        result.cellTemperature[row] = airTemperature;
        result.vMp[row] = 0;
        result.iMp[row] = 0;
        result.pDc[row] = 0;
        result.pAc[row] = night;
        continue;
      }

      // Erbs, from the true zenith.
      let dhi = ghi;
      let dni = 0;
      if (up >= COS_87) {
        const kt = Math.min(ghi / (extra * Math.max(up, 0.065)), 1);
        const fraction =
          kt <= 0.22
            ? 1 - 0.09 * kt
            : kt <= 0.8
              ? 0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)))
              : 0.165;
        dhi = fraction * ghi;
        dni = (ghi - dhi) / up;
      }

      // Refraction lifts the sun along its vertical: the horizontal part of its direction shrinks accordingly.
      const lifted = horizontal > 1e-12 ? Math.sqrt(1 - cosine * cosine) / horizontal : 1;
      const east = degree8(track.east, t, t2, t4);
      const north = degree8(track.north, t, t2, t4);
      const projection = cosTilt * cosine + lifted * (normalNorth * north + normalEast * east);
      const facing = Math.max(projection, 0);
      let sky: number;
      if (transposition === 'hay-davies') {
        const anisotropy = dni / extra;
        sky = dhi * ((1 - anisotropy) * skyView + (anisotropy * facing) / Math.max(cosine, 0.01745));
      } else if (transposition === 'perez') {
        perezBrightness(acos(cosine), dhi, dni, extra, air.airmass, this.brightness);
        const f1 = this.brightness.circumsolar;
        sky = dhi * ((1 - f1) * skyView + (f1 * facing) / Math.max(cosine, COS_85) + this.brightness.horizon * sinTilt);
        if (sky < 0) sky = 0;
      } else sky = dhi * skyView;
      const poa = dni * facing + sky + ghi * groundView;

      const cellTemperature = airTemperature + poa / (u0 + u1 * (weather.windSpeed[row] as number));
      diode.follow(poa, cellTemperature);
      const vMp = diode.voltage * modulesPerString;
      const iMp = diode.current * strings;
      const pDc = vMp * iMp;
      result.ghi[row] = ghi;
      result.dni[row] = dni;
      result.dhi[row] = dhi;
      result.poa[row] = poa;
      result.cellTemperature[row] = cellTemperature;
      result.vMp[row] = vMp;
      result.iMp[row] = iMp;
      result.pDc[row] = pDc;
      result.pAc[row] = inverterSandia(inverter, vMp, pDc);
    }
  }
}
