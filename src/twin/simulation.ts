import { type Column, durationMs, Frame, quote, TwinergyError, type Work } from '../core/index.js';
import type { AssetModel } from './asset-model.js';
import { type FaultLayer, type FaultRequest, readTime } from './faults/index.js';
import { Simulator, type SimulatorOptions } from './simulator.js';

/** The time that a simulation covers: rows at `from`, `from` + `step`, … before `to`. */
export interface Period {
  /** Start: ISO text (UTC where it names no zone) or ms since the epoch. */
  readonly from: string | number;
  /** End, which is not in it any more. Or give `days`. */
  readonly to?: string | number | undefined;
  /** Length in days. Or give `to`. */
  readonly days?: number | undefined;
  /** Time from row to row: ms or text such as `5m`. Default `5m`. */
  readonly step?: string | number | undefined;
}

/** A fault that was in a simulation, as a label of the truth. */
export interface FaultLabel {
  readonly fault: string;
  readonly layer: FaultLayer;
  /** Greatest severity that it reached. */
  readonly severity: number;
  /** First row at which its severity was above 0, ms since the epoch; null when it never was. */
  readonly since: number | null;
  /** What it acted on, where the request named it. */
  readonly target: string | undefined;
  /** Energy that it cost, kWh. */
  readonly lostEnergyKwh: number;
}

/** What really happened in a simulation. */
export interface Truth {
  readonly labels: readonly FaultLabel[];
  /**
   * The channels without noise or sensor faults, the states that nobody measures, and for the n-th fault (from 1)
   * `faultN.severity` (1) and `faultN.lostPower` (W).
   */
  readonly frame: Frame;
  /** Energy balance: the integral of each power among the model's energy terms, kWh. */
  readonly energy: Readonly<Record<string, number>>;
}

/** What a simulation gives. */
export interface Simulation {
  /** What the instruments showed. */
  readonly telemetry: Frame;
  readonly truth: Truth;
}

/** The most rows that a simulation may have: a year of seconds. */
const MOST_ROWS = 31_622_400;

/**
 * The rows of a period.
 * @throws TwinergyError `TWIN_BAD_TIME`, `BAD_DURATION`, `TWIN_BAD_PERIOD`
 */
export function readPeriod(period: Period): { start: number; step: number; count: number } {
  const start = readTime(period.from, 'from');
  const step = durationMs(period.step ?? '5m', 'step');
  if ((period.to === undefined) === (period.days === undefined)) {
    throw new TwinergyError('TWIN_BAD_PERIOD', 'Give either `to` or `days`.', { path: 'to' });
  }
  const end = period.to === undefined ? start + (period.days ?? 0) * 86_400_000 : readTime(period.to, 'to');
  const count = Math.ceil((end - start) / step);
  if (!(count >= 1 && count <= MOST_ROWS)) {
    throw new TwinergyError('TWIN_BAD_PERIOD', `The period has ${count} rows; it must have 1 to ${MOST_ROWS}.`, {
      path: period.to === undefined ? 'days' : 'to',
      value: period.to ?? period.days,
    });
  }
  return { start, step, count };
}

/** Steps `model` through a period and collects what was measured and what was true. */
export function* simulateWork(
  model: AssetModel,
  period: Period,
  options: Omit<SimulatorOptions, 'start'>,
): Work<Simulation> {
  const { start, step, count } = readPeriod(period);
  const simulator = new Simulator(model, { ...options, start });
  const channels = model.channels.length;
  const size = channels + model.states.length;
  const time = new Float64Array(count);
  const measured = model.channels.map(() => new Float64Array(count));
  const truth = Array.from({ length: size }, () => new Float64Array(count));
  const severity = simulator.faults.map(() => new Float64Array(count));
  const lost = simulator.faults.map(() => new Float64Array(count));
  const seconds = step / 1000;
  for (let row = 0; row < count; row++) {
    const now = start + row * step;
    time[row] = now;
    simulator.advance(now, seconds);
    for (let c = 0; c < channels; c++) (measured[c] as Float64Array)[row] = simulator.measured[c] as number;
    for (let c = 0; c < size; c++) (truth[c] as Float64Array)[row] = simulator.truth[c] as number;
    for (let f = 0; f < severity.length; f++) {
      (severity[f] as Float64Array)[row] = simulator.faults[f]?.severity ?? 0;
      (lost[f] as Float64Array)[row] = simulator.lost[f] as number;
    }
    if (row % 2048 === 2047) yield { phase: `simulating ${model.id}`, done: row + 1, total: count };
  }

  const hours = seconds / 3600;
  const columns: Record<string, Column> = {};
  const energy: Record<string, number> = {};
  [...model.channels, ...model.states].forEach((column, c) => {
    const data = truth[c] as Float64Array;
    columns[column.name] = { data, unit: column.unit };
    if ('energy' in column && column.energy === true) energy[column.name] = (sum(data) * hours) / 1000;
  });
  const labels = simulator.faults.map((fault, f): FaultLabel => {
    const path = severity[f] as Float64Array;
    const cost = lost[f] as Float64Array;
    columns[`fault${f + 1}.severity`] = { data: path, unit: '1' };
    columns[`fault${f + 1}.lostPower`] = { data: cost, unit: 'W' };
    const first = path.findIndex((value) => value > 0);
    return {
      fault: fault.definition.id,
      layer: fault.definition.layer,
      severity: path.reduce((most, value) => Math.max(most, value), 0),
      since: first < 0 ? null : (time[first] as number),
      target: fault.request.target,
      lostEnergyKwh: (sum(cost) * hours) / 1000,
    };
  });
  return {
    telemetry: new Frame(
      time,
      Object.fromEntries(
        model.channels.map((channel, c) => [channel.name, { data: measured[c] as Float64Array, unit: channel.unit }]),
      ),
    ),
    truth: { labels, frame: new Frame(time, columns), energy },
  };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * The faults of a scenario.
 * @throws TwinergyError `TWIN_UNKNOWN_SCENARIO`, which lists those that the asset can play
 */
export function scenarioFaults(model: AssetModel, name: string, from: number): FaultRequest[] {
  const faults = Object.hasOwn(model.scenarios, name) ? model.scenarios[name] : undefined;
  if (faults === undefined) {
    throw new TwinergyError('TWIN_UNKNOWN_SCENARIO', `This ${model.type} cannot play the scenario ${quote(name)}.`, {
      value: name,
      hint: `Known: ${Object.keys(model.scenarios).join(', ')}.`,
    });
  }
  return faults.map(({ id, severity }) => {
    const definition = model.faults.find((fault) => fault.id === id);
    // A scenario shows at once; what comes and goes still does.
    return { id, severity, from, progression: definition?.progression === 'intermittent' ? 'intermittent' : 'step' };
  });
}
