import type { Frame, Progress } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import type { ConversionFit } from './conversion.js';
import type { Forward } from './forward.js';
import type { Target } from './measured.js';
import type { Asked, Layout } from './parameters.js';
import { type Block, type Fitted, robustFit } from './robust-fit.js';
import type { Scene } from './scene.js';

/** What every fit of a calibration goes by. */
export interface FitContext {
  readonly history: Frame;
  readonly target: Target;
  readonly conversion: ConversionFit;
  readonly layout: Layout;
  readonly asked: Asked;
  /** With power alone: the rows of the history under a clear sky. */
  readonly clear: readonly boolean[] | undefined;
  readonly sceneOf: (plant: Plant, rows: readonly number[]) => Scene;
}

/** Least error of a power measurement, as a share of the limit. */
const POWER_FLOOR = 0.004;

/** Fits the model to the rows `kept` of the history, beginning at `theta`. */
export function* fitRows(
  context: FitContext,
  plant: Plant,
  forward: Forward,
  kept: readonly number[],
  theta: Float64Array,
  steps: number,
  phase: string,
): Generator<Progress, { fitted: Fitted; scene: Scene; fitPower: Float64Array }, void> {
  const { history, target, conversion, layout, asked, clear } = context;
  const scene = context.sceneOf(plant, kept);
  const fitPower = Float64Array.from(kept, (row) =>
    clear === undefined || clear[row] === true ? (target.power[row] as number) : Number.NaN,
  );
  const blocks = blocksOf(plant, history, kept, target, fitPower, conversion, POWER_FLOOR * conversion.limit, asked);
  const fitted = yield* robustFit(
    {
      parameters: layout.parameters,
      blocks,
      predict: (trial) => {
        const response = forward.evaluate(trial, scene);
        return [
          target.kind === 'ac' ? response.power : response.dcPower,
          ...(asked.measuresVoltage ? [...response.voltage, ...response.current] : []),
        ];
      },
    },
    theta,
    steps,
    phase,
  );
  return { fitted, scene, fitPower };
}

function blocksOf(
  plant: Plant,
  history: Frame,
  kept: readonly number[],
  target: Target,
  power: Float64Array,
  conversion: ConversionFit,
  floor: number,
  asked: Asked,
): Block[] {
  const blocks: Block[] = [{ name: target.channel, measured: power, floor }];
  if (!asked.measuresVoltage) return blocks;
  // Where the inverter limits or stands, strings do not work at their best.
  const free = kept.map((row) => {
    const value = target.power[row] as number;
    return value > 0.02 * conversion.limit && value < 0.96 * conversion.limit;
  });
  const gather = (names: readonly string[], combine: (sum: number, count: number) => number) => {
    const columns = names.map((name) => history.column(name));
    return Float64Array.from(kept, (row, i) =>
      free[i]
        ? combine(
            columns.reduce((sum, column) => sum + (column[row] as number), 0),
            columns.length,
          )
        : Number.NaN,
    );
  };
  const ids = plant.arrays.map((array) => array.strings.map((s) => plant.strings[s]?.id ?? ''));
  for (const own of ids) {
    const names = own.map((id) => `${id}.dcVoltage`);
    blocks.push({ name: 'dcVoltage', measured: gather(names, (sum, count) => sum / count), floor: 1 });
  }
  for (const own of ids) {
    const names = own.map((id) => `${id}.dcCurrent`);
    blocks.push({ name: 'dcCurrent', measured: gather(names, (sum) => sum), floor: 0.01 * own.length });
  }
  return blocks;
}
