import { exp } from '../../core/math/index.js';
import type { Plant, PlantArray } from '../description/plant.js';
import { trackerPlane } from '../plant/environment.js';
import { cellTemperatureFaiman, type SandiaInverter, trackSingleAxis, transpose } from '../solar/index.js';
import { sandiaCurve } from '../solar/inverter.js';
import { DiodeTable } from './diode-table.js';
import { shapedModule, temperatureCoefficient } from './module-shape.js';
import type { Layout } from './parameters.js';
import { Recent } from './recent.js';
import type { Scene } from './scene.js';

/** What the model says of each row. */
export interface Response {
  /** AC power of all inverters, W. */
  readonly power: Float64Array;
  /** DC power of all arrays, W, before the inverters' limits. */
  readonly dcPower: Float64Array;
  /** By array: voltage of its strings, V, and current of all of them, A, where nothing limits. */
  readonly voltage: readonly Float64Array[];
  readonly current: readonly Float64Array[];
  /** Light on the plane by array, W/m², and cosine of the beam's angle of incidence (0 behind the plane). */
  readonly light: readonly Float64Array[];
  readonly incidence: readonly Float64Array[];
  /** °C, of the first array. */
  readonly cellTemperature: Float64Array;
}

/** The inverters' part, which calibration finds apart from the rest. */
export interface Conversion {
  readonly inverters: readonly SandiaInverter[];
}

interface PlaneLight {
  readonly light: Float64Array;
  readonly incidence: Float64Array;
}

/** The physics of a plant as a function of its parameters: the twin's own chain, on the rows of a scene. */
export class Forward {
  readonly #plant: Plant;
  readonly #layout: Layout;
  readonly #conversion: Conversion;
  readonly #tables = new Recent<DiodeTable[]>();
  /** Light on each array's plane for the scene that was looked at last. */
  #planes: { readonly scene: Scene; readonly byArray: readonly Recent<PlaneLight>[] } | undefined;

  constructor(plant: Plant, layout: Layout, conversion: Conversion) {
    this.#plant = plant;
    this.#layout = layout;
    this.#conversion = conversion;
  }

  #tablesFor(theta: Float64Array): DiodeTable[] {
    const { seriesResistance, temperatureCoefficient: coefficientAt } = this.#layout;
    const series = seriesResistance < 0 ? 1 : exp(theta[seriesResistance] as number);
    const coefficient = coefficientAt < 0 ? Number.NaN : (theta[coefficientAt] as number);
    return this.#tables.get([series, coefficient], () => this.#makeTables(series, coefficient));
  }

  #makeTables(series: number, coefficient: number): DiodeTable[] {
    const known = new Map<string, DiodeTable>();
    const base = this.#plant.arrays[0];
    return this.#plant.arrays.map(({ module }) => {
      const key = JSON.stringify(module);
      let table = known.get(key);
      if (table === undefined) {
        // The coefficient of further module types moves by as much as that of the first.
        const own = temperatureCoefficient(module);
        const first = base === undefined ? own : temperatureCoefficient(base.module);
        const wanted = Number.isNaN(coefficient) ? own : own + coefficient - first;
        table = new DiodeTable(shapedModule(module, series, wanted));
        known.set(key, table);
      }
      return table;
    });
  }

  #planeOf(scene: Scene, a: number, key: readonly number[], make: () => PlaneLight): PlaneLight {
    if (this.#planes?.scene !== scene) {
      this.#planes = { scene, byArray: this.#plant.arrays.map(() => new Recent<PlaneLight>()) };
    }
    return (this.#planes.byArray[a] as Recent<PlaneLight>).get(key, make);
  }

  /** Runs the chain on `scene` with the parameters `theta`. */
  evaluate(theta: Float64Array, scene: Scene): Response {
    const { arrays, site } = this.#plant;
    const layout = this.#layout;
    const value = (place: number, otherwise: number) => (place < 0 ? otherwise : (theta[place] as number));
    const rows = scene.time.length;
    const tables = this.#tablesFor(theta);
    const make = () => new Float64Array(rows);
    const power = make();
    const dcPower = make();
    const cellTemperature = make();
    const voltages: Float64Array[] = [];
    const currents: Float64Array[] = [];
    const lights: Float64Array[] = [];
    const incidences: Float64Array[] = [];
    const heat = exp(value(layout.heatLoss, 0));
    const windFactor = exp(value(layout.windLoss, 0));
    const voltageFactor = exp(value(layout.voltageFactor, 0));
    const byInverter = this.#conversion.inverters.map(() => ({ dc: make(), voltage: make() }));
    arrays.forEach((array, a) => {
      const table = tables[a] as DiodeTable;
      const tilt = value(layout.tilt[a] as number, array.tilt);
      const azimuth = value(layout.azimuth[a] as number, array.azimuth);
      const shifts = [value(layout.timeShift, 0), value(layout.lightShift, 0)] as const;
      const { light, incidence } = this.#planeOf(scene, a, [tilt, azimuth, ...shifts], () => {
        if (scene.source === 'plane') {
          return { light: scene.plane[a] as Float64Array, incidence: make().fill(1) };
        }
        const plane = { light: make(), incidence: make() };
        planeLight(array, tilt, azimuth, scene.light(...shifts), site.albedo, plane.light, plane.incidence);
        return plane;
      });
      const gain = exp(value(layout.peak[a] as number, 0));
      const modules = array.modulesPerString * array.strings.length * gain;
      const voltage = make();
      const current = make();
      const own = byInverter[array.inverter];
      for (let row = 0; row < rows; row++) {
        const l = light[row] as number;
        const measured = scene.module[row] as number;
        const cell = Number.isNaN(measured)
          ? cellTemperatureFaiman(
              l,
              scene.air[row] as number,
              scene.wind[row] as number,
              array.u0 * heat,
              array.u1 * windFactor,
            )
          : measured;
        if (a === 0) cellTemperature[row] = cell;
        if (Number.isNaN(l)) table.power = table.voltage = Number.NaN;
        else table.look(l, cell);
        const dc = table.power * modules;
        voltage[row] = table.voltage * array.modulesPerString * voltageFactor;
        current[row] = (voltage[row] as number) > 0 ? dc / (voltage[row] as number) : 0;
        dcPower[row] = (dcPower[row] as number) + dc;
        if (own !== undefined) {
          own.dc[row] = (own.dc[row] as number) + dc;
          own.voltage[row] = (own.voltage[row] as number) + dc * (voltage[row] as number);
        }
      }
      voltages.push(voltage);
      currents.push(current);
      lights.push(light);
      incidences.push(incidence);
    });
    this.#conversion.inverters.forEach((inverter, i) => {
      const { dc, voltage } = byInverter[i] as { dc: Float64Array; voltage: Float64Array };
      for (let row = 0; row < rows; row++) {
        const p = dc[row] as number;
        if (Number.isNaN(p)) power[row] = Number.NaN;
        else if (p > inverter.pS0) {
          const ac = sandiaCurve(inverter, (voltage[row] as number) / p, p);
          power[row] = (power[row] as number) + Math.min(Math.max(ac, 0), inverter.pAc0);
        }
      }
    });
    return {
      power,
      dcPower,
      voltage: voltages,
      current: currents,
      light: lights,
      incidence: incidences,
      cellTemperature,
    };
  }
}

type Sky = ReturnType<Scene['light']>;

function planeLight(
  array: PlantArray,
  tilt: number,
  azimuth: number,
  sky: Sky,
  albedo: number,
  light: Float64Array,
  incidence: Float64Array,
): void {
  const { tracker } = array;
  let plane = { surfaceTilt: tilt, surfaceAzimuth: azimuth };
  for (let row = 0; row < light.length; row++) {
    const ghi = sky.ghi[row] as number;
    const solarZenith = sky.zenith[row] as number;
    if (Number.isNaN(ghi)) {
      light[row] = Number.NaN;
      continue;
    }
    if (!(ghi > 0) || solarZenith >= 90) continue;
    const solarAzimuth = sky.azimuth[row] as number;
    if (tracker !== undefined) {
      const turned = trackSingleAxis(solarZenith, solarAzimuth, {
        axisTilt: tracker.axisTilt,
        axisAzimuth: tracker.axisAzimuth,
        maxAngle: tracker.maxAngle,
        backtrack: tracker.backtrack,
        groundCoverage: tracker.groundCoverageRatio,
      });
      plane = Number.isNaN(turned.rotation) ? trackerPlane(tracker, 0) : turned;
    }
    const dni = sky.dni[row] as number;
    const parts = transpose(
      { surfaceTilt: plane.surfaceTilt, surfaceAzimuth: plane.surfaceAzimuth, solarZenith, solarAzimuth },
      {
        ghi,
        dni,
        dhi: sky.dhi[row] as number,
        extraterrestrial: sky.extraterrestrial[row] as number,
        airmass: Number.NaN,
      },
      { albedo },
    );
    light[row] = Math.max(0, parts.global);
    incidence[row] = dni > 1 ? Math.min(1, parts.direct / dni) : 0;
  }
}
