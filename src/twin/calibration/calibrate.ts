import { type Frame, type Progress, TwinergyError, type WorkOptions } from '../../core/index.js';
import { usualStep } from '../../core/quality/statistics.js';
import { type Plant, readPlant } from '../description/plant.js';
import type { PlantDescription } from '../description/schema.js';
import { ambiguities } from './ambiguity.js';
import { Calibration, type CalibrationState } from './calibration.js';
import { clearRows, rowsNear } from './clear-rows.js';
import { conditionAtEnd, dailyIndex, findOutages, fitSoiling } from './condition.js';
import { fitConversion } from './conversion.js';
import { correctionFactor, features, fitCorrection } from './correction.js';
import { fittedPeak } from './describe.js';
import { residualDiagnostics } from './diagnostics.js';
import { type FitContext, fitRows } from './fit-rows.js';
import { Forward } from './forward.js';
import { readTarget, type Target } from './measured.js';
import { type Asked, type Layout, layoutOf, type Trust } from './parameters.js';
import { notesOf, peakDeviation, tellParameters } from './report.js';
import type { Fitted } from './robust-fit.js';
import { chooseLight, Scene } from './scene.js';
import { Series } from './series.js';
import { fitSpread } from './spread.js';
import { bestCost, findStart } from './start.js';
import { possibleClocks, type SummerClock } from './summer-clock.js';
import { fitHeatLoss } from './thermal.js';
import { inStandardUnits } from './units.js';

/** Options of `twin.calibrate`. */
export interface CalibrateOptions extends WorkOptions {
  /**
   * How far the description may be off, as a standard deviation by parameter (`tilt`, `array2.azimuth`, `peakFactor`,
   * …): `Infinity` for a mere guess, 0 to keep it as it is.
   */
  readonly trust?: Trust | undefined;
  /** False where latitude and longitude of the description are placeholders. Default true. */
  readonly knowsSite?: boolean | undefined;
  /** Whether a correction is learned for what the physics leaves out. Default true. */
  readonly correction?: boolean | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Rows that the search for a start looks at, that a first fit takes, and the most that the last fit takes. */
const START_ROWS = 1500;
const ROUGH_ROWS = 4000;
const MOST_ROWS = 30_000;
const LEAST_ROWS = 100;
/** A clock that changes with the seasons must bring the cost below this share. */
const BETTER = 0.92;
/** Light in the plane, W/m², from which a row counts as day where the sun is not known. */
const LEAST_LIGHT = 10;
/** Zenith, degrees, up to which a row counts. */
const LOWEST_SUN = 87;

/**
 * Finds the parameters of a plant in its own telemetry.
 * @throws TwinergyError `CALIBRATION_NO_POWER`, `CALIBRATION_NEEDS_SITE`, `CALIBRATION_TOO_SHORT`
 */
export function* calibrateWork(
  description: PlantDescription,
  given: Frame,
  { trust = {}, knowsSite = true, correction: wantsCorrection = true }: CalibrateOptions,
): Generator<Progress, Calibration, void> {
  yield { phase: 'reading the history', done: 0, total: 1 };
  const history = inStandardUnits(given);
  const described = readPlant(description);
  const target = readTarget(described, history);
  const source = chooseLight(described, history, target.power, knowsSite);
  const rows = Array.from(target.power.keys()).filter((row) => !Number.isNaN(target.power[row] as number));
  const stepMs = usualStep(Float64Array.from(rows, (row) => history.time[row] as number));
  const lightStep = source === 'global' ? new Series(history.time, history.column('ghi')).step : stepMs;
  const asked: Asked = {
    source,
    stepMinutes: stepMs / MINUTE,
    lightStepMinutes: Number.isFinite(lightStep) ? lightStep / MINUTE : stepMs / MINUTE,
    measuresModule: isMeasured(history, 'moduleTemperature', rows),
    measuresAir: isMeasured(history, 'airTemperature', rows),
    measuresWind: isMeasured(history, 'windSpeed', rows),
    measuresVoltage: described.strings.every(
      ({ id }) => history.has(`${id}.dcVoltage`) && history.has(`${id}.dcCurrent`),
    ),
  };
  const conversion = fitConversion(described, history, target);
  let clock: SummerClock | undefined;
  const sceneOf = (plant: Plant, kept: readonly number[]) =>
    new Scene(
      plant,
      history,
      Float64Array.from(kept, (row) => history.time[row] as number),
      stepMs,
      {
        source,
        knowsSite,
        useModuleTemperature: asked.measuresModule,
        clock,
      },
    );

  const powerful = thin(rows, START_ROWS);
  /** A clock that changes with the seasons, where it explains the data much better than one that does not. */
  const summerClock = (model: Forward, places: Layout, measured: Float64Array, theta: Float64Array) => {
    const costWith = (candidate: SummerClock | undefined) => {
      clock = candidate;
      const cost = bestCost(model, places, sceneOf(described, powerful), measured, conversion.limit, theta);
      clock = undefined;
      return cost;
    };
    const { latitude, longitude } = described.site;
    const times = Float64Array.from(powerful, (row) => history.time[row] as number);
    let best: { clock: SummerClock | undefined; cost: number } = {
      clock: undefined,
      cost: BETTER * costWith(undefined),
    };
    for (const candidate of possibleClocks(latitude, longitude, times, source === 'global')) {
      const cost = costWith(candidate);
      if (cost < best.cost) best = { clock: candidate, cost };
    }
    return best.clock;
  };

  // The start: all hours count, so that a clock that is off shows as power by night.
  let plant = described;
  let layout = layoutOf(plant, asked, trust);
  let forward = new Forward(plant, layout, conversion);
  let startScene = sceneOf(plant, powerful);
  let startPower = Float64Array.from(powerful, (row) => target.power[row] as number);
  let clear = source === 'clear-sky' ? clearRows(history.time, target.power, stepMs) : undefined;
  if (clear !== undefined) {
    const bright = clear;
    startPower = startPower.map((value, i) => (bright[powerful[i] as number] ? value : Number.NaN));
  }
  yield { phase: 'looking for the orientation and the clock', done: 0, total: 1 };
  let start = findStart(forward, layout, startScene, startPower, conversion.limit, described.site.latitude >= 0);
  const wrong = source === 'plane' ? undefined : summerClock(forward, layout, startPower, start.theta);
  if (wrong !== undefined) {
    clock = wrong;
    startScene = sceneOf(plant, powerful);
    start = findStart(forward, layout, startScene, startPower, conversion.limit, described.site.latitude >= 0);
  }
  layout = { ...layout, parameters: start.parameters };
  forward = new Forward(plant, layout, conversion);

  // The rows of daylight.
  const everything = sceneOf(plant, rows);
  const isDay = daylight(everything, start.theta, layout);
  const days = rows.filter((_, i) => isDay[i]);
  if (days.length < LEAST_ROWS) {
    throw new TwinergyError(
      'CALIBRATION_TOO_SHORT',
      `There are ${days.length} rows with power and light; at least ${LEAST_ROWS} are needed, better some weeks.`,
      { path: 'history', value: days.length },
    );
  }
  const context: FitContext = { history, target, conversion, layout, asked, clear, sceneOf };
  const few = thin(days, ROUGH_ROWS);
  let fitted: Fitted | undefined;
  if (few.length < days.length && clear === undefined) {
    fitted = (yield* fitRows(context, plant, forward, few, start.theta, 20, 'fitting a part')).fitted;
  }
  // A month without a clear day has no envelope of its own: clear is what is near the model's, once there is one.
  for (let round = 0; clear !== undefined && round < 2; round++) {
    fitted = (yield* fitRows(
      { ...context, clear },
      plant,
      forward,
      few,
      fitted?.theta ?? start.theta,
      12,
      'fitting clear rows',
    )).fitted;
    const model = forward.evaluate(fitted.theta, everything).power;
    const power = Float64Array.from(rows, (row) => target.power[row] as number);
    const near = rowsNear(everything.time, power, model, stepMs, round === 0 ? 0.87 : 0.92, round === 0 ? 1.12 : 1.08);
    clear = new Array<boolean>(history.length).fill(false);
    for (const [i, row] of rows.entries()) clear[row] = near[i] as boolean;
  }
  const kept = thin(days, MOST_ROWS);
  const whole = yield* fitRows(
    { ...context, clear },
    plant,
    forward,
    kept,
    fitted?.theta ?? start.theta,
    fitted === undefined ? 25 : 6,
    'fitting',
  );
  fitted = whole.fitted;
  const { scene, fitPower } = whole;
  const power = Float64Array.from(kept, (row) => target.power[row] as number);
  let base = description;
  if (asked.measuresModule && asked.measuresAir) {
    yield { phase: 'fitting the heat loss', done: 0, total: 1 };
    const { light } = forward.evaluate(fitted.theta, scene);
    const heat = fitHeatLoss(plant, scene, light[0] as Float64Array);
    if (heat !== undefined) {
      base = {
        ...description,
        arrays: description.arrays.map((array) => ({ ...array, mounting: { u0: heat.u0, u1: heat.u1 } })),
      };
      plant = readPlant(base);
      forward = new Forward(plant, layout, conversion);
    }
  }

  yield { phase: 'learning what the physics leaves out', done: 0, total: 1 };
  const response = forward.evaluate(fitted.theta, scene);
  const expected = target.kind === 'ac' ? response.power : response.dcPower;
  const shifts = {
    sun: layout.timeShift < 0 ? 0 : (fitted.theta[layout.timeShift] as number),
    light: layout.lightShift < 0 ? 0 : (fitted.theta[layout.lightShift] as number),
  };
  const weight = fitted.weight[0] as Float64Array;
  const learned =
    wantsCorrection && target.kind === 'ac'
      ? fitCorrection(scene, { ...response, power: expected }, shifts, fitPower, weight)
      : { correction: undefined, outOfFold: expected };
  const corrected =
    learned.correction === undefined
      ? expected
      : expected.map(
          (() => {
            const factor = correctionFactor(learned.correction, features(scene, response, shifts), kept.length);
            return (value: number, row: number) => Math.min(conversion.limit, value * (factor[row] as number));
          })(),
        );

  yield { phase: 'judging the residuals', done: 0, total: 1 };
  const clearness = source === 'clear-sky' ? Math.min(1, meanRatio(power, corrected)) : 1;
  const honest = learned.outOfFold.map((value) => Math.min(conversion.limit, value * clearness));
  const spread = fitSpread(...withNight(everything, isDay, rows, target, kept, honest, power));
  const solarOffset = knowsSite ? (described.site.longitude / 15) * HOUR : 0;
  const index = dailyIndex(scene.time, fitPower, corrected, stepMs, solarOffset);
  const condition = conditionAtEnd(index);
  const soiling = index.day.length < 45 ? null : fitSoiling(index);
  const peakValue = fittedPeak(plant, layout, fitted.theta);
  const outages = source === 'clear-sky' ? [] : findOutages(scene.time, power, corrected, stepMs, conversion.limit);
  const diagnostics = residualDiagnostics(
    scene.time,
    fitPower,
    corrected,
    weight,
    response.cellTemperature,
    peakValue,
    fitted.persistence[0] ?? 0,
    target.refused,
    solarOffset,
  );
  const parameters = tellParameters(layout.parameters, fitted);
  const size = layout.parameters.length;
  const peakSd = peakDeviation(plant, layout, fitted);
  const pairs = ambiguities(layout.parameters, fitted.information);
  const state: CalibrationState = {
    formatVersion: 1,
    base,
    asked,
    trust: Object.fromEntries(
      Object.entries(trust).map(([name, value]) => [name, Number.isFinite(value) ? value : ('infinite' as const)]),
    ),
    knowsSite,
    clock: clock ?? null,
    theta: Array.from(fitted.theta),
    covariance: Array.from(fitted.covariance.subarray(0, size * size)),
    conversion: { inverters: conversion.inverters },
    parameters,
    ambiguities: pairs,
    peakPower: { value: peakValue, sd: peakSd },
    limit: { value: conversion.limit, seen: conversion.limitSeen },
    efficiencySeen: conversion.curveSeen,
    clearness,
    correction: learned.correction ?? null,
    spread,
    condition,
    soiling,
    outages,
    diagnostics,
    notes: notesOf(start.clockError, clock, conversion, parameters, condition, source),
    from: scene.time[0] ?? Number.NaN,
    to: scene.time[scene.time.length - 1] ?? Number.NaN,
  };
  return new Calibration(state);
}

/** At most `most` of the rows, evenly. */
function thin(rows: readonly number[], most: number): number[] {
  if (rows.length <= most) return [...rows];
  // An odd stride walks through all times of day.
  let stride = Math.ceil(rows.length / most);
  if (stride % 2 === 0) stride += 1;
  return rows.filter((_, i) => i % stride === 0);
}

function isMeasured(frame: Frame, name: string, rows: readonly number[]): boolean {
  if (!frame.has(name)) return false;
  const data = frame.column(name);
  // The weather may stand on rows of its own, at a step of its own.
  const series = new Series(frame.time, data);
  const at = new Float64Array(rows.length);
  series.sample(
    Float64Array.from(rows, (row) => frame.time[row] as number),
    0,
    0,
    at,
  );
  return at.filter((value) => !Number.isNaN(value)).length > 0.3 * rows.length;
}

function daylight(scene: Scene, theta: Float64Array, layout: Layout): boolean[] {
  if (scene.source === 'plane') {
    const first = scene.plane[0] as Float64Array;
    return Array.from(first, (value) => value > LEAST_LIGHT);
  }
  const sun = layout.timeShift < 0 ? 0 : (theta[layout.timeShift] as number);
  const light = layout.lightShift < 0 ? 0 : (theta[layout.lightShift] as number);
  const { zenith, ghi } = scene.light(sun, light);
  return Array.from(zenith, (value, row) => value < LOWEST_SUN && !Number.isNaN(ghi[row] as number));
}

/** Energy measured over energy expected. */
function meanRatio(measured: Float64Array, expected: Float64Array): number {
  let m = 0;
  let e = 0;
  for (let row = 0; row < measured.length; row++) {
    if (Number.isNaN(measured[row] as number) || Number.isNaN(expected[row] as number)) continue;
    m += measured[row] as number;
    e += expected[row] as number;
  }
  return e > 0 ? m / e : 1;
}

/** The rows for the intervals: those of the fit, and dusk and dawn, where the model says next to nothing. */
function withNight(
  scene: Scene,
  isDay: readonly boolean[],
  rows: readonly number[],
  target: Target,
  kept: readonly number[],
  expected: Float64Array,
  power: Float64Array,
): [Float64Array, Float64Array] {
  const dusk: number[] = [];
  if (scene.source !== 'plane') {
    const { zenith } = scene.light(0, 0);
    rows.forEach((row, i) => {
      if (!isDay[i] && (zenith[i] as number) < 91) dusk.push(target.power[row] as number);
    });
  } else {
    rows.forEach((row, i) => {
      if (!isDay[i] && !Number.isNaN(scene.plane[0]?.[i] as number)) dusk.push(target.power[row] as number);
    });
  }
  const share = Math.min(dusk.length, Math.round(0.3 * kept.length));
  const some = dusk.filter((_, i) => i % Math.max(1, Math.ceil(dusk.length / Math.max(1, share))) === 0);
  return [Float64Array.from([...expected, ...some.map(() => 0)]), Float64Array.from([...power, ...some])];
}
