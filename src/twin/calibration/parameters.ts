import { log } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import { temperatureCoefficient } from './module-shape.js';
import type { LightSource } from './scene.js';

/** One number that calibration looks for. */
export interface Parameter {
  /** `array1.tilt`, `peakFactor`, … */
  readonly name: string;
  readonly unit: string;
  /** For people. */
  readonly title: string;
  /** What the description says, and how far it may be off (standard deviation; infinite: nothing is known). */
  readonly prior: number;
  readonly priorSd: number;
  /** Limits that the value is kept in. */
  readonly least: number;
  readonly most: number;
  /** Step of the numerical derivative. */
  readonly step: number;
  /** `log`: searched as a logarithm, told as a factor. */
  readonly scale: 'linear' | 'log';
}

/** How sure the description is of a parameter: the standard deviation of its error; `Infinity` for a mere guess, 0 to keep it. */
export type Trust = Readonly<Record<string, number>>;

/** The places of the parameters in their list; −1 for one that is not there. */
export interface Layout {
  readonly parameters: readonly Parameter[];
  /** By array. */
  readonly tilt: readonly number[];
  readonly azimuth: readonly number[];
  readonly peak: readonly number[];
  readonly temperatureCoefficient: number;
  readonly seriesResistance: number;
  readonly heatLoss: number;
  readonly windLoss: number;
  readonly voltageFactor: number;
  readonly timeShift: number;
  readonly lightShift: number;
}

/** What the data hold, which decides what can be asked of them. */
export interface Asked {
  readonly source: LightSource;
  /** Length of a row, minutes. */
  readonly stepMinutes: number;
  /** Step of the light's own rows, minutes. */
  readonly lightStepMinutes: number;
  /** Whether the cells' temperature, that of the air, and the wind are measured. */
  readonly measuresModule: boolean;
  readonly measuresAir: boolean;
  readonly measuresWind: boolean;
  /** Whether DC voltages are measured. */
  readonly measuresVoltage: boolean;
}

/**
 * The parameters that these data can say something about, with the description as prior. `trust` replaces the usual
 * standard deviations by name, or by the last part of the name for all arrays (`tilt`).
 */
export function layoutOf(plant: Plant, asked: Asked, trust: Trust): Layout {
  const parameters: Parameter[] = [];
  const add = (parameter: Parameter): number => {
    const short = parameter.name.slice(parameter.name.indexOf('.') + 1);
    const priorSd = trust[parameter.name] ?? trust[short] ?? parameter.priorSd;
    if (priorSd === 0) return -1;
    parameters.push({ ...parameter, priorSd });
    return parameters.length - 1;
  };
  const turned = asked.source !== 'plane';
  const angles = (what: 'tilt' | 'azimuth') =>
    plant.arrays.map((array) =>
      array.tracker !== undefined || !turned
        ? -1
        : add({
            name: `${array.id}.${what}`,
            unit: '°',
            title: `${what === 'tilt' ? 'Tilt' : 'Azimuth'} of ${array.id}`,
            prior: array[what],
            priorSd: what === 'tilt' ? 5 : 12,
            least: what === 'tilt' ? 0 : -360,
            most: what === 'tilt' ? 90 : 720,
            step: 0.05,
            scale: 'linear',
          }),
    );
  const tilt = angles('tilt');
  const azimuth = angles('azimuth');
  const separate = turned && plant.arrays.length > 1;
  const gain = (name: string, title: string) =>
    add({ name, unit: '1', title, prior: 0, priorSd: 0.3, least: -8, most: 8, step: 1e-4, scale: 'log' });
  const first = separate ? -1 : gain('peakFactor', 'Peak power over the description');
  const peak = plant.arrays.map(({ id }) =>
    separate ? gain(`${id}.peakFactor`, `Peak power of ${id} over the description`) : first,
  );
  const factor = (name: string, title: string, priorSd: number) =>
    add({ name, unit: '1', title, prior: 0, priorSd, least: log(0.1), most: log(12), step: 1e-3, scale: 'log' });
  const module = plant.arrays[0]?.module;
  return {
    tilt,
    azimuth,
    peak,
    temperatureCoefficient:
      asked.measuresModule || asked.measuresAir
        ? add({
            name: 'temperatureCoefficient',
            unit: '1/K',
            title: 'Temperature coefficient of the power',
            prior: module === undefined ? -0.004 : temperatureCoefficient(module),
            priorSd: 0.0005,
            least: -0.012,
            most: 0.002,
            step: 1e-6,
            scale: 'linear',
          })
        : -1,
    // Light from afar is blurred, which bends the curve as a resistance would: there the description is to be believed.
    seriesResistance: factor('seriesResistance', 'Series resistance over the description', turned ? 0.15 : 0.4),
    heatLoss:
      asked.measuresModule || !asked.measuresAir ? -1 : factor('heatLoss', 'Heat loss (u0) over the description', 0.15),
    windLoss:
      asked.measuresModule || !asked.measuresAir || !asked.measuresWind
        ? -1
        : factor('windLoss', 'Heat loss by wind (u1) over the description', 0.3),
    voltageFactor: asked.measuresVoltage ? factor('voltageFactor', 'DC voltage over the description', 0.03) : -1,
    timeShift: turned
      ? add({
          name: 'timeShift',
          unit: 'min',
          title: 'Time from the label of a row to the middle of what it measured',
          prior: 0,
          priorSd:
            asked.source === 'clear-sky' ? Math.max(3, asked.stepMinutes / 4) : Math.max(4, asked.stepMinutes / 2),
          least: -800,
          most: 800,
          step: 0.05,
          scale: 'linear',
        })
      : -1,
    lightShift:
      asked.source === 'global'
        ? add({
            name: 'lightShift',
            unit: 'min',
            title: 'By how much the rows of the irradiance are late against those of the power',
            prior: 0,
            priorSd: Math.max(4, asked.lightStepMinutes / 2),
            least: -800,
            most: 800,
            step: 0.05,
            scale: 'linear',
          })
        : -1,
    parameters,
  };
}
