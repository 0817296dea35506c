import { type Column, Frame, NotFittedError, type Reading, TwinergyError } from '../../core/index.js';
import type { Plant } from '../description/plant.js';
import { Sky } from '../plant/sky.js';
import type { DaySummary } from './day.js';
import type { EventBaseline } from './event-sign.js';
import { doubtfulSignals, eventSigns } from './events.js';
import type { Expectation } from './expectation.js';
import type { DayReport, Finding } from './finding.js';
import { Evidence, type EvidenceState } from './judge.js';
import { type Layout, layoutOf } from './layout.js';
import { type Learned, learnPlant } from './learning.js';
import type { NaturalSoiling } from './natural.js';
import type { SeriesNoise } from './noise.js';
import { type Series, seriesOf } from './series.js';
import { solarDay, solarOffset, splitDays, summarise } from './summary.js';

const DAY = 86_400_000;
/** What a learned diagnoser is made of, as plain data. */
export interface DiagnoserState {
  readonly formatVersion: 3;
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
    this.#learned = learnPlant(this.#plant, this.#sky, frame);
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
    for (const part of splitDays(this.#plant, frame)) {
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
    const learned = this.#need();
    const { layout, series, events, evidence } = learned;
    if (this.#pending.length === 0) return undefined;
    const frame = this.#pending.length === 1 ? (this.#pending[0] as Frame) : concatenate(this.#pending);
    this.#pending = [];
    const day = summarise(this.#plant, this.#sky, learned, frame);
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
    const past = (time + solarOffset(this.#plant)) / DAY - this.#dayOf(time);
    if (this.#sky.apparentZenith > 90 && past > 0.5) this.flush();
  }

  #dayOf(time: number): number {
    return solarDay(this.#plant, time);
  }

  /** The state as plain data. @throws NotFittedError before `learn` */
  toJSON(): DiagnoserState {
    const { layout, step, expectations, noise, natural, events, evidence } = this.#need();
    this.#collectReadings();
    const rows = this.#pending.length === 0 ? undefined : concatenate(this.#pending);
    return {
      formatVersion: 3,
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
    if (state.formatVersion !== 3) {
      throw new TwinergyError(
        'TWIN_BAD_STATE',
        'This is no state of a diagnoser of format 3: learn the baseline anew.',
        {
          path: 'formatVersion',
          value: state.formatVersion,
        },
      );
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
