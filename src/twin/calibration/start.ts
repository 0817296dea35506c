import { log } from '../../core/math/index.js';
import type { Forward } from './forward.js';
import type { Layout, Parameter } from './parameters.js';
import type { Scene } from './scene.js';

/** From this standard deviation on an angle counts as unknown, degrees. */
const UNKNOWN_TILT = 20;
const UNKNOWN_AZIMUTH = 40;

/** Where the search begins. */
export interface Start {
  readonly theta: Float64Array;
  /** Parameters, with the prior of the clocks moved where they are hours off. */
  readonly parameters: readonly Parameter[];
  /** Minutes that the power's clock was found to be off, 0 where it is right. */
  readonly clockError: number;
}

/**
 * A start near the optimum: the clock by trying whole half hours, unknown angles by trying a grid, the peak by the median
 * ratio. `measured` holds NaN where a row does not count, `limit` is the most that the inverters give.
 */
export function findStart(
  forward: Forward,
  layout: Layout,
  scene: Scene,
  measured: Float64Array,
  limit: number,
  northern: boolean,
): Start {
  const theta = Float64Array.from(layout.parameters, ({ prior }) => prior);
  const judge = judgeWith(forward, layout, scene, measured, limit);

  let best = judge(theta);
  let bestTheta = Float64Array.from(theta);
  const consider = (change: (trial: Float64Array) => void, handicap = 1) => {
    const trial = Float64Array.from(bestTheta);
    change(trial);
    const cost = judge(trial);
    if (cost < best * handicap) {
      best = cost;
      bestTheta = trial;
      return true;
    }
    return false;
  };

  const unknown = layout.tilt.flatMap((place, a) => {
    const other = layout.azimuth[a] as number;
    const [t, z] = [layout.parameters[place], layout.parameters[other]];
    return (t?.priorSd ?? 0) >= UNKNOWN_TILT || (z?.priorSd ?? 0) >= UNKNOWN_AZIMUTH
      ? [
          {
            tilt: place,
            azimuth: other,
            freeTilt: (t?.priorSd ?? 0) >= UNKNOWN_TILT,
            freeAzimuth: (z?.priorSd ?? 0) >= UNKNOWN_AZIMUTH,
          },
        ]
      : [];
  });
  const search = () => {
    for (let sweep = 0; sweep < (unknown.length > 1 ? 2 : 1); sweep++) {
      for (const { tilt, azimuth, freeTilt, freeAzimuth } of unknown) {
        const home = Float64Array.from(bestTheta);
        const tilts = freeTilt && tilt >= 0 ? [3, 12, 22, 32, 45, 60, 80] : [tilt < 0 ? 0 : (home[tilt] as number)];
        const middle = northern ? 180 : 0;
        const azimuths =
          freeAzimuth && azimuth >= 0
            ? [-120, -90, -65, -40, -20, 0, 20, 40, 65, 90, 120].map((turn) => middle + turn)
            : [azimuth < 0 ? 180 : (home[azimuth] as number)];
        for (const t of tilts) {
          for (const z of azimuths) {
            consider((trial) => {
              if (tilt >= 0) trial[tilt] = t;
              if (azimuth >= 0) trial[azimuth] = z;
            });
          }
        }
      }
    }
  };
  search();

  let clockError = 0;
  const { timeShift, lightShift } = layout;
  if (timeShift >= 0) {
    // An azimuth that is not known can stand for an hour; the sun below the horizon cannot.
    const dark = darkShare(scene, measured, 0);
    if (unknown.length === 0 || dark > 0.02) {
      const before = Float64Array.from(bestTheta);
      for (let shift = -720; shift <= 720; shift += 30) {
        if (Math.abs(shift) < 45) continue;
        if (darkShare(scene, measured, shift) > Math.max(0.01, 0.5 * dark)) continue;
        for (const light of lightShift < 0 ? [0] : [0, shift]) {
          const changed = consider(
            (trial) => {
              trial.set(before);
              trial[timeShift] = shift;
              if (lightShift >= 0) trial[lightShift] = light;
            },
            clockError === 0 ? 0.8 : 1,
          );
          if (changed) clockError = shift;
        }
      }
      if (clockError !== 0) search();
    }
  }
  if (lightShift >= 0) {
    const home = bestTheta[lightShift] as number;
    for (const off of [-60, -45, -30, -15, 15, 30, 45, 60]) {
      consider((trial) => {
        trial[lightShift] = home + off;
      }, 0.97);
    }
  }
  const parameters = layout.parameters.map((parameter, i) =>
    i === timeShift || i === lightShift
      ? {
          ...parameter,
          prior: clockError !== 0 ? (bestTheta[i] as number) : 0,
          priorSd: Math.max(
            parameter.priorSd,
            Math.abs((bestTheta[i] as number) - (clockError !== 0 ? (bestTheta[i] as number) : 0)),
            clockError !== 0 ? 30 : 0,
          ),
        }
      : parameter,
  );
  return { theta: bestTheta, parameters, clockError };
}

/** Share of the energy that was measured while the sun was well below the horizon. */
function darkShare(scene: Scene, measured: Float64Array, shift: number): number {
  const { zenith } = scene.light(shift, 0);
  let dark = 0;
  let all = 0;
  for (let row = 0; row < measured.length; row++) {
    const value = measured[row] as number;
    if (!(value > 0)) continue;
    all += value;
    if ((zenith[row] as number) > 91.5) dark += value;
  }
  return all > 0 ? dark / all : 0;
}

function quantileOf(values: Float64Array, p: number): number {
  const sorted = values.filter((value) => value > 0).sort();
  return sorted[Math.floor(p * (sorted.length - 1))] ?? 1;
}

/** How badly a trial fits: sets its peaks to the median ratio and gives a bounded mean square error. */
function judgeWith(
  forward: Forward,
  layout: Layout,
  scene: Scene,
  measured: Float64Array,
  limit: number,
): (trial: Float64Array) => number {
  const peaks = [...new Set(layout.peak.filter((place) => place >= 0))];
  const high = quantileOf(measured, 0.95);
  return (trial) => {
    const { dcPower, power } = forward.evaluate(trial, scene);
    const ratios: number[] = [];
    for (let row = 0; row < measured.length; row++) {
      const m = measured[row] as number;
      // Where the inverter limits, the ratio says nothing of the arrays.
      const p = (power[row] as number) > 0.8 * (dcPower[row] as number) ? (power[row] as number) : 0;
      if (m > 0.3 * high && p > 0) ratios.push(m / p);
    }
    if (ratios.length < 5) return Number.POSITIVE_INFINITY;
    ratios.sort((a, b) => a - b);
    const ratio = ratios[ratios.length >> 1] as number;
    for (const place of peaks) {
      trial[place] = Math.min(8, Math.max(-8, (trial[place] as number) + log(ratio)));
    }
    let cost = 0;
    let count = 0;
    for (let row = 0; row < measured.length; row++) {
      const z = ((measured[row] as number) - Math.min(limit, ratio * (power[row] as number))) / (0.1 * high);
      if (Number.isNaN(z)) continue;
      cost += (z * z) / (1 + 0.25 * z * z);
      count++;
    }
    return cost / Math.max(1, count);
  };
}

/** Minutes that a clock is tried off by, about what was found. */
const TRIED = [-60, -45, -30, -15, 0, 15, 30, 45, 60];

/** The least cost with the clocks moved, all else as in `start`: to compare scenes by. */
export function bestCost(
  forward: Forward,
  layout: Layout,
  scene: Scene,
  measured: Float64Array,
  limit: number,
  start: Float64Array,
): number {
  const judge = judgeWith(forward, layout, scene, measured, limit);
  const { timeShift, lightShift } = layout;
  let best = Number.POSITIVE_INFINITY;
  for (const off of TRIED) {
    const trial = Float64Array.from(start);
    if (timeShift >= 0) trial[timeShift] = (start[timeShift] as number) + off;
    if (lightShift >= 0) trial[lightShift] = (start[lightShift] as number) + off;
    best = Math.min(best, judge(trial));
  }
  return best;
}
