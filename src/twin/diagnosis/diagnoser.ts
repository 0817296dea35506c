import { type Column, Frame, NotFittedError, type Reading, TwinergyError } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import { Sky } from '../plant/sky.js';
import {
  cellsOf,
  comparable,
  type DaySummary,
  expectedAc,
  inverterDays,
  type Series,
  seriesOf,
  statesOf,
} from './day.js';
import type { EventBaseline } from './event-sign.js';
import { doubtfulSignals, eventSigns, learnEvents } from './events.js';
import { type Expectation, learnExpectations, residualRows } from './expectation.js';
import type { DayReport, Finding } from './finding.js';
import { GLIMMER, instrumentDay, ordinaryStep, REPEATS } from './instruments.js';
import { Evidence, type EvidenceState } from './judge.js';
import { type Layout, layoutOf } from './layout.js';
import {
  dayLevel,
  dimmedByDust,
  isWashed,
  learnNatural,
  type NaturalSoiling,
  naturalLevels,
  withoutNatural,
} from './natural.js';
import { learnNoise, type SeriesNoise } from './noise.js';
import { medianOf } from './ridge.js';
import { signalRows, twilightOf } from './rows.js';

const DAY = 86_400_000;
/** Days of rows that learning needs. */
const FEWEST_DAYS = 7;

/** What a learned diagnoser is made of, as plain data. */
export interface DiagnoserState {
  readonly formatVersion: 1;
  readonly channels: readonly string[];
  readonly step: number;
  readonly expectations: readonly Expectation[];
  readonly noise: readonly SeriesNoise[];
  readonly natural: readonly NaturalSoiling[];
  readonly events: EventBaseline;
  readonly evidence: EvidenceState;
  readonly days: readonly DaySummary[];
  readonly rows: { readonly time: readonly number[]; readonly columns: readonly (readonly (number | null)[])[] };
}

interface Learned {
  readonly layout: Layout;
  readonly series: readonly Series[];
  readonly step: number;
  readonly expectations: readonly Expectation[];
  readonly noise: readonly SeriesNoise[];
  readonly natural: readonly NaturalSoiling[];
  readonly events: EventBaseline;
  readonly evidence: Evidence;
}

/**
 * Watches one plant day by day: learns from a healthy period what each part gives, then goes forward in time and holds at
 * the end of each day what it thinks is wrong. It never looks ahead, and its state is plain data.
 */
export class Diagnoser {
  readonly #plant: Plant;
  readonly #sky: Sky;
  #learned: Learned | undefined;
  #days: DaySummary[] = [];
  #pending: Frame[] = [];
  #readings: Pick<Reading, 'time' | 'values'>[] = [];
  #report: DayReport | undefined;

  constructor(plant: Plant) {
    this.#plant = plant;
    this.#sky = new Sky(plant.site);
  }

  /** What it holds at the end of the last whole day. */
  get findings(): readonly Finding[] {
    return this.#report?.findings ?? [];
  }

  /**
   * What it holds, ranked, of which evidence was seen at `from` (ms since the epoch) or later; where there is nothing, that
   * the plant is well, with how far its oddest residual stands out.
   */
  ranked(from: number = Number.NEGATIVE_INFINITY): Finding[] {
    const found = this.findings.filter(({ seen }) => seen >= from);
    if (found.length > 0) return found;
    const { evidence } = this.#need();
    const last = this.#days[this.#days.length - 1];
    const odd = evidence.oddest();
    const head = {
      kind: 'healthy',
      layer: 'none',
      target: undefined,
      probability: 1 - Math.min(0.5, 0.5 * odd.share ** 4),
    } as const;
    return [
      {
        ...head,
        severity: 0,
        since: this.#days[0]?.start ?? 0,
        reported: last?.end ?? 0,
        seen: last?.end ?? 0,
        lostEnergyKwh: 0,
        lostPerDayKwh: 0,
        strength: odd.z,
        candidates: [head],
        indistinct: [],
        evidence: [
          `the oddest residual stands ${odd.z.toFixed(1)} standard deviations out, ${(100 * odd.share).toFixed(0)} % of what an alarm takes`,
          ...this.blind,
        ],
      },
    ];
  }

  /** What it cannot tell for want of a channel, in words. */
  get blind(): readonly string[] {
    return this.#need().layout.blind;
  }

  /** The signals, their expectations and noise: for pictures and for the curious. */
  get learned(): {
    readonly layout: Layout;
    readonly series: readonly Series[];
    readonly noise: readonly SeriesNoise[];
  } {
    return this.#need();
  }

  /** The days since the healthy period, summed up. */
  get days(): readonly DaySummary[] {
    return this.#days;
  }

  #need(): Learned {
    if (this.#learned === undefined) throw new NotFittedError('Diagnoser');
    return this.#learned;
  }

  /** Learns from a healthy period. @throws TwinergyError `DIAGNOSIS_TOO_SHORT` */
  learn(frame: Frame): this {
    const layout = layoutOf(this.#plant, frame.names);
    const series = seriesOf(layout);
    const step = ordinaryStep(frame.time);
    const rows = signalRows(this.#plant, this.#sky, layout, frame);
    const none: Expectation[] = layout.signals.map(() => null);
    // First by the states that physics alone tells, then by those that the first round tells.
    let expectations = none;
    for (let round = 0; round < 2; round++) {
      const expected = this.#plant.inverters.map((_, i) => expectedAc(this.#plant, layout, rows, expectations, i));
      const residuals = round === 0 ? undefined : residualRows(layout, rows, expectations);
      const states = statesOf(this.#plant, layout, rows, expected, residuals);
      expectations = learnExpectations(layout, rows, (k, row) => comparable(layout, states, k, row));
    }
    if (expectations.every((fit) => fit === null)) {
      throw new TwinergyError(
        'DIAGNOSIS_TOO_SHORT',
        'The healthy period is too short or too dark to learn anything from.',
        {
          hint: 'Give at least two weeks with irradiance and power.',
        },
      );
    }
    const days = this.#split(frame).map((part) => this.#summarise(layout, series, expectations, step, part));
    if (days.length < FEWEST_DAYS) {
      throw new TwinergyError(
        'DIAGNOSIS_TOO_SHORT',
        `The healthy period has ${days.length} days; it must have ${FEWEST_DAYS} or more.`,
        {},
      );
    }
    const levels = series.map((_, j) => days.map((day) => dayLevel(day, j)));
    const natural = series.map((own, j) =>
      dimmedByDust(layout, own) ? learnNatural(levels[j] as number[]) : { rate: 0, clean: 0 },
    );
    const start = levels.map((own) => {
      const seen = own.slice(0, 7).filter(Number.isFinite);
      return seen.length > 0 ? medianOf(seen) : 0;
    });
    const washed = days.map((_, d) => isWashed(days[d - 1]));
    const explained = series.map((own, j) =>
      dimmedByDust(layout, own)
        ? naturalLevels(levels[j] as number[], natural[j] as NaturalSoiling, start[j] as number, washed)
        : days.map(() => 0),
    );
    const noise = learnNoise(
      layout,
      series,
      days.map((day, d) =>
        withoutNatural(
          layout,
          series,
          day.cells,
          explained.map((own) => own[d] as number),
        ),
      ),
    );
    const last = explained.map((own) => own[own.length - 1] ?? 0);
    const evidence = new Evidence(
      { plant: this.#plant, sky: this.#sky, layout, series, expectations, noise, natural },
      { levels: last, recent: last.map((level) => [level]), samples: [], held: [], waited: 0 },
    );
    this.#learned = { layout, series, step, expectations, noise, natural, events: learnEvents(days), evidence };
    this.#days = [];
    this.#pending = [];
    this.#report = undefined;
    return this;
  }

  /**
   * Goes on through rows in order of time; returns a report for each day that they complete. A day is complete when a row
   * of a later solar day arrives.
   */
  observe(frame: Frame): DayReport[] {
    this.#need();
    const reports: DayReport[] = [];
    for (const part of this.#split(frame)) {
      const day = this.#dayOf(part.time[0] as number);
      const closed = this.#days[this.#days.length - 1];
      // The night after a day that is closed has nothing to add to it.
      if (closed !== undefined && day <= this.#dayOf(closed.end)) continue;
      const before = this.#pending[0];
      if (before !== undefined && this.#dayOf(before.time[0] as number) !== day) {
        const report = this.flush();
        if (report !== undefined) reports.push(report);
      }
      this.#pending.push(part);
    }
    return reports;
  }

  /** Takes one reading; returns the report of the day before when it is the first of a new one. */
  update({ time, values }: Pick<Reading, 'time' | 'values'>): DayReport | undefined {
    this.#need();
    const first = this.#readings[0];
    let report: DayReport | undefined;
    if (first !== undefined && this.#dayOf(first.time) !== this.#dayOf(time)) {
      this.#collectReadings();
      report = this.flush();
    }
    this.#readings.push({ time, values });
    return report;
  }

  /** Makes rows of the readings at hand. */
  #collectReadings(): void {
    if (this.#readings.length === 0) return;
    const frame = Frame.fromRows(this.#readings, { disorder: 'sort', duplicates: 'last' });
    this.#readings = [];
    this.observe(frame);
  }

  /** Closes the day at hand, also when it is not over. */
  flush(): DayReport | undefined {
    const { layout, series, expectations, step, events, evidence } = this.#need();
    if (this.#pending.length === 0) return undefined;
    const frame = this.#pending.length === 1 ? (this.#pending[0] as Frame) : concatenate(this.#pending);
    this.#pending = [];
    const day = this.#summarise(layout, series, expectations, step, frame);
    this.#days.push(day);
    const findings = evidence.judge(
      this.#days,
      eventSigns(this.#plant, layout, series, this.#days, events),
      doubtfulSignals(this.#plant, layout, series, day, events),
    );
    this.#report = { start: day.start, end: day.end, findings };
    return this.#report;
  }

  /** Closes the day at hand when its sun has set, so that an evening's question sees the day. */
  closeIfDark(): void {
    this.#collectReadings();
    const last = this.#pending[this.#pending.length - 1];
    const time = last?.time[last.length - 1];
    if (time === undefined) return;
    this.#sky.look(time);
    const past = (time + (this.#plant.site.longitude / 15) * 3_600_000) / DAY - this.#dayOf(time);
    if (this.#sky.apparentZenith > 90 && past > 0.5) this.flush();
  }

  #dayOf(time: number): number {
    return Math.floor((time + (this.#plant.site.longitude / 15) * 3_600_000) / DAY);
  }

  #split(frame: Frame): Frame[] {
    const parts: Frame[] = [];
    let from = 0;
    for (let row = 1; row <= frame.length; row++) {
      if (row < frame.length && this.#dayOf(frame.time[row] as number) === this.#dayOf(frame.time[from] as number))
        continue;
      if (row > from) parts.push(frame.sliceRows(from, row));
      from = row;
    }
    return parts;
  }

  #summarise(
    layout: Layout,
    series: readonly Series[],
    expectations: readonly Expectation[],
    step: number,
    frame: Frame,
  ): DaySummary {
    const plant = this.#plant;
    const rows = signalRows(plant, this.#sky, layout, withoutRepeats(frame));
    const expected = plant.inverters.map((_, i) => expectedAc(plant, layout, rows, expectations, i));
    const residuals = residualRows(layout, rows, expectations);
    const states = statesOf(plant, layout, rows, expected, residuals);
    const start = this.#dayOf(frame.time[0] as number) * DAY - (plant.site.longitude / 15) * 3_600_000;
    const light = rows.light[0] ?? new Float64Array(frame.length);
    const power = Float64Array.from(frame.time, (_, row) =>
      rows.ac.reduce((total, column) => total + (column[row] as number), 0),
    );
    const instruments = instrumentDay({
      time: frame.time,
      elevation: rows.elevation,
      light,
      due: twilightOf(plant, this.#sky, start, GLIMMER),
      power,
      channels: layout.channels.map((name) =>
        frame.has(name) ? frame.column(name) : new Float64Array(frame.length).fill(Number.NaN),
      ),
      step,
    });
    let insolation = 0;
    for (const value of light) if (value > 0) insolation += (value * step) / 3_600_000_000;
    let rain = Number.NaN;
    if (frame.has('precipitation')) {
      rain = 0;
      for (const value of frame.column('precipitation')) if (value > 0) rain += (value * step) / 3_600_000;
    }
    const { scatter, spikes } = scatterOf(layout, residuals, states, light, power);
    return {
      start,
      end: frame.time[frame.length - 1] as number,
      cells: cellsOf(layout, series, rows, residuals, states),
      inverters: inverterDays(plant, rows, expected, states, step / 3_600_000),
      ...instruments,
      scatter,
      spikes,
      rain,
      insolation,
      air: meanOf(rows.air),
      peaks: layout.channels.map((name) => peakOf(frame.has(name) ? frame.column(name) : new Float64Array(0))),
    };
  }

  /** The state as plain data. @throws NotFittedError before `learn` */
  toJSON(): DiagnoserState {
    const { layout, step, expectations, noise, natural, events, evidence } = this.#need();
    this.#collectReadings();
    const rows = this.#pending.length === 0 ? undefined : concatenate(this.#pending);
    return {
      formatVersion: 1,
      channels: layout.channels,
      step,
      expectations,
      noise,
      natural,
      events,
      evidence: evidence.toJSON(),
      days: this.#days,
      rows: {
        time: rows === undefined ? [] : [...rows.time],
        columns:
          rows === undefined
            ? []
            : layout.channels.map((name) =>
                Array.from(rows.time, (_, row) => {
                  const value = rows.has(name) ? (rows.column(name)[row] as number) : Number.NaN;
                  return Number.isNaN(value) ? null : value;
                }),
              ),
      },
    };
  }

  /**
   * The diagnoser that `toJSON` wrote, which goes on as if it had never stopped.
   * @throws TwinergyError `TWIN_BAD_STATE`
   */
  static fromJSON(plant: Plant, state: DiagnoserState): Diagnoser {
    if (state.formatVersion !== 1) {
      throw new TwinergyError('TWIN_BAD_STATE', 'This is no state of a diagnoser of format 1.', {
        path: 'formatVersion',
        value: state.formatVersion,
      });
    }
    const diagnoser = new Diagnoser(plant);
    const layout = layoutOf(plant, state.channels);
    const series = seriesOf(layout);
    const { step, expectations, noise, natural, events } = state;
    const evidence = new Evidence(
      { plant, sky: diagnoser.#sky, layout, series, expectations, noise, natural },
      state.evidence,
    );
    diagnoser.#learned = { layout, series, step, expectations, noise, natural, events, evidence };
    diagnoser.#days = state.days.map(reviveDay);
    const last = diagnoser.#days[diagnoser.#days.length - 1];
    if (last !== undefined)
      diagnoser.#report = { start: last.start, end: last.end, findings: evidence.findings(diagnoser.#days) };
    if (state.rows.time.length > 0) {
      const columns = state.channels.map((name, c): [string, Column] => [
        name,
        { data: Float64Array.from(state.rows.columns[c] ?? [], (value) => value ?? Number.NaN), unit: '1' },
      ]);
      diagnoser.#pending = [new Frame(Float64Array.from(state.rows.time), new Map(columns))];
    }
    return diagnoser;
  }
}

/** A day out of JSON, where what was not seen is null. */
function reviveDay(day: DaySummary): DaySummary {
  const number = (value: number | null) => value ?? Number.NaN;
  return {
    ...day,
    scatter: day.scatter.map(number),
    dawn: [number(day.dawn[0]), number(day.dawn[1])],
    dusk: [number(day.dusk[0]), number(day.dusk[1])],
    rain: number(day.rain),
    air: number(day.air),
    peaks: day.peaks.map(number),
  };
}

function meanOf(values: Float64Array): number {
  let total = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    total += value;
    count++;
  }
  return total / count;
}

/** Greatest value that two rows on end reach: a spike is no peak. */
function peakOf(values: Float64Array): number {
  let most = Number.NaN;
  let before = Number.NaN;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    const both = Math.min(before, value);
    if (!(both <= most) && !Number.isNaN(both)) most = both;
    before = value;
  }
  return most;
}

/** Rows further out than this many scatters of their neighbours are spikes. */
const SPIKE = 25;
/** How near to its neighbour before a spike's neighbour after must be, in heights of the spike. */
const RETURNS = 0.4;

/** Relative change of light or power from row to row below which neither has moved. */
const STEADY = 0.04;
/** Steps in steady light that scatter needs. */
const FEWEST_STEPS = 6;

/**
 * Scatter and spikes of each signal. Only steps at which the light or the power stood still count: what a fault of the plant
 * does changes with the light, noise of an instrument does not.
 */
function scatterOf(
  layout: Layout,
  residuals: readonly Float64Array[],
  states: readonly Uint8Array[],
  light: Float64Array,
  power: Float64Array,
): { scatter: number[]; spikes: number[] } {
  const scatter: number[] = [];
  const spikes: number[] = [];
  const still = (column: Float64Array, a: number, b: number) =>
    Math.abs((column[b] as number) - (column[a] as number)) < STEADY * Math.abs(column[b] as number);
  layout.signals.forEach((_, k) => {
    const places: number[] = [];
    (residuals[k] as Float64Array).forEach((value, row) => {
      if (!Number.isNaN(value) && comparable(layout, states, k, row)) places.push(row);
    });
    const values = places.map((row) => residuals[k]?.[row] as number);
    const steps = values.slice(1).flatMap((value, i) => {
      const [a, b] = [places[i] as number, places[i + 1] as number];
      return still(light, a, b) || still(power, a, b) ? [Math.abs(value - (values[i] as number))] : [];
    });
    if (steps.length < FEWEST_STEPS) {
      scatter.push(Number.NaN);
      spikes.push(0);
      return;
    }
    const usual = medianOf(steps);
    scatter.push(usual);
    let count = 0;
    for (let i = 1; i < values.length - 1; i++) {
      const a = (values[i] as number) - (values[i - 1] as number);
      const b = (values[i] as number) - (values[i + 1] as number);
      // A spike comes back to where it left; a step of the plant does not.
      const back = Math.abs(a - b) < RETURNS * Math.min(Math.abs(a), Math.abs(b));
      if (a * b > 0 && back && Math.min(Math.abs(a), Math.abs(b)) > SPIKE * usual) count++;
    }
    spikes.push(count / values.length);
  });
  return { scatter, spikes };
}

/**
 * The frame without the values of the light sensors that stood still: what is told from them would be wrong, and that they
 * stood still is told elsewhere.
 */
function withoutRepeats(frame: Frame): Frame {
  let result = frame;
  for (const [name, { data, unit }] of frame.columns()) {
    if (name !== 'irradiance' && name !== 'ghi' && !name.endsWith('poaGlobal')) continue;
    let copy: Float64Array | undefined;
    let from = 0;
    for (let row = 1; row <= data.length; row++) {
      if (row < data.length && data[row] === data[from]) continue;
      if (row - from > REPEATS && data[from] !== 0) {
        copy ??= data.slice();
        copy.fill(Number.NaN, from, row);
      }
      from = row;
    }
    if (copy !== undefined) result = result.withColumn(name, copy, unit);
  }
  return result;
}

/** Frames one after the other, with every column that any of them has. */
function concatenate(frames: readonly Frame[]): Frame {
  const length = frames.reduce((total, frame) => total + frame.length, 0);
  const time = new Float64Array(length);
  const columns: Record<string, Column> = {};
  let at = 0;
  for (const frame of frames) {
    time.set(frame.time, at);
    for (const [name, { data, unit }] of frame.columns()) {
      const column = columns[name] ?? { data: new Float64Array(length).fill(Number.NaN), unit };
      columns[name] = column;
      column.data.set(data, at);
    }
    at += frame.length;
  }
  return new Frame(time, columns);
}
