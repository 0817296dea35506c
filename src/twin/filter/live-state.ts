import { type Column, Frame, quote, type Reading, TwinergyError } from '../../core/index.js';
import type { AssetModel, StageEvaluator } from '../asset-model.js';
import { stageUnits } from '../expected.js';
import type { HealthEstimate, HealthFilter } from './health-filter.js';
import { LiveEngine } from './live-engine.js';

/** Readings that can be taken back to let a late one in. */
const REWIND = 3;

/** Why a reading was not taken into the live state. */
export type Refusal = 'duplicate' | 'too late' | 'bad time';

/** What a twin says of one reading. Its arrays are those of the twin: the next reading overwrites them. */
export interface Assimilation {
  /** Whether it moved the live state; else `reason` says why not. The expectation and residual are told all the same. */
  readonly accepted: boolean;
  readonly reason: Refusal | undefined;
  /** Names of the stages, in the order of the physics. */
  readonly stages: readonly string[];
  /** By stage; NaN where it was not measured or cannot be told. */
  readonly measured: Float64Array;
  /** What a sound asset would do. */
  readonly expected: Float64Array;
  /** Variance of measured less expected in a sound asset: noise of its own instrument and of those it is told from. */
  readonly variance: Float64Array;
  /** Measured less what the estimated health foretold, in standard deviations; NaN where the stage is not judged. */
  readonly innovation: Float64Array;
}

/** A quantity of the asset's health as the twin sees it now. */
export interface StateEstimate {
  readonly name: string;
  readonly unit: string;
  readonly title: string;
  readonly mean: number;
  /** Standard deviation. */
  readonly sd: number;
  /** Its value in a sound asset. */
  readonly sound: number;
  /** Age of the last reading that told something of it, ms before the last reading. */
  readonly evidenceAge: number;
}

/** Daily values of the health, for prognosis. */
export interface StateHistory {
  /** Days, as the time of the last reading of each, ms since the epoch. */
  readonly time: Float64Array;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** A live state for JSON. */
export interface LiveStateData {
  readonly state: readonly (number | null)[];
  /** The last readings with the state before each, oldest first. */
  readonly past: readonly {
    readonly time: number;
    readonly row: readonly (number | null)[];
    readonly state: readonly (number | null)[];
  }[];
  readonly history: readonly (readonly (number | null)[])[];
}

interface Past {
  time: number;
  readonly row: Float64Array;
  readonly state: Float64Array;
}

const engines = new WeakMap<StageEvaluator, LiveEngine>();

const plain = (values: Float64Array) => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
const filled = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? Number.NaN);

/** Follows one asset by its readings: the state, the last readings to take back, and the daily history. */
export class LiveState {
  readonly #engine: LiveEngine;
  readonly #stages: readonly string[];
  #state: Float64Array;
  readonly #past: Past[] = [];
  /** Rows of time, then mean and deviation of each quantity that is kept. */
  readonly #history: Float64Array[] = [];
  readonly #kept: readonly number[];
  readonly #days: number;
  readonly #estimate: HealthEstimate = { mean: 0, sd: 0, evidence: 0 };

  /**
   * @param days how many days of history are kept
   * @throws TwinergyError `TWIN_NOT_LIVE` for a model without an evaluator
   */
  constructor(model: AssetModel, days = 180) {
    const evaluator = model.evaluator?.();
    if (evaluator === undefined) {
      throw new TwinergyError('TWIN_NOT_LIVE', `This model of a ${model.type} cannot take single readings.`, {
        hint: 'Give it an `evaluator`, or assimilate frames.',
      });
    }
    let engine = engines.get(evaluator);
    if (engine === undefined) {
      engine = new LiveEngine(model, evaluator);
      engines.set(evaluator, engine);
    }
    this.#engine = engine;
    this.#stages = model.stages;
    this.#state = engine.begin();
    this.#days = days;
    // Strings would make the history of a field of hundreds long, and none of them wears out by itself.
    this.#kept = (engine.filter?.quantities ?? []).flatMap(({ name }, q) => (name.endsWith('.gain') ? [] : [q]));
  }

  /** Time of the newest reading, ms since the epoch; NaN before the first. */
  get time(): number {
    return this.#engine.timeOf(this.#state);
  }

  /** Takes in a reading. A late one is let in where the newest can be taken back; else it is refused. */
  assimilate(reading: Reading): Assimilation {
    this.#engine.load(reading);
    return this.#take(reading.time);
  }

  #take(time: number): Assimilation {
    const engine = this.#engine;
    const last = this.time;
    if (!Number.isFinite(time)) return this.#aside(time, 'bad time');
    if (Number.isNaN(last) || time > last) {
      this.#advance(time);
      return this.#said(undefined);
    }
    const place = this.#past.findIndex((entry) => entry.time >= time);
    const next = this.#past[place];
    if (next?.time === time || time === last) return this.#aside(time, 'duplicate');
    // Without a reading before it in memory there is no state to go back to, save that before the very first one.
    if (next === undefined || (place === 0 && this.#past.length === REWIND)) return this.#aside(time, 'too late');
    const again = this.#past.splice(place).map((entry) => ({ time: entry.time, row: entry.row.slice() }));
    this.#state.set(next.state);
    const own = engine.row.slice();
    for (const { time: then, row } of [{ time, row: own }, ...again]) {
      engine.row.set(row);
      this.#advance(then);
    }
    // Told again, for the reading that was asked about.
    const after = this.#state.slice();
    engine.row.set(own);
    engine.step(time, next.state.slice());
    this.#state.set(after);
    return this.#said(undefined);
  }

  /** Judges the instant in the engine's row without letting it move the state. */
  #aside(time: number, reason: Refusal): Assimilation {
    const copy = this.#state.slice();
    this.#engine.step(Number.isFinite(time) ? time : this.time, copy);
    return this.#said(reason);
  }

  #said(reason: Refusal | undefined): Assimilation {
    const { measured, expected, variance, innovation } = this.#engine;
    return { accepted: reason === undefined, reason, stages: this.#stages, measured, expected, variance, innovation };
  }

  #advance(time: number): void {
    const engine = this.#engine;
    const last = this.time;
    if (Math.floor(time / DAY) !== Math.floor(last / DAY) && !Number.isNaN(last)) this.#note(last);
    // The oldest is written over, so that nothing is made anew.
    const entry =
      this.#past.length < REWIND
        ? { time, row: new Float64Array(engine.row.length), state: new Float64Array(engine.size) }
        : (this.#past.shift() as Past);
    entry.time = time;
    entry.row.set(engine.row);
    entry.state.set(this.#state);
    this.#past.push(entry);
    engine.step(time, this.#state);
  }

  #note(time: number): void {
    const { filter } = this.#engine;
    if (filter === undefined || this.#days === 0) return;
    const row =
      this.#history.length < this.#days
        ? new Float64Array(1 + 2 * this.#kept.length)
        : (this.#history.shift() as Float64Array);
    row[0] = time;
    this.#kept.forEach((q, k) => {
      filter.estimate(this.#state, q, this.#estimate);
      const known = !Number.isNaN(this.#estimate.evidence);
      row[1 + 2 * k] = known ? this.#estimate.mean : Number.NaN;
      row[2 + 2 * k] = known ? this.#estimate.sd : Number.NaN;
    });
    const same = this.#history.at(-1);
    if (same !== undefined && Math.floor((same[0] as number) / DAY) === Math.floor(time / DAY)) this.#history.pop();
    this.#history.push(row);
  }

  /** What is known of the health: those quantities of which the readings told something. */
  estimates(): StateEstimate[] {
    const { filter } = this.#engine;
    if (filter === undefined) return [];
    const now = this.time;
    return filter.quantities.flatMap(({ name, unit, title, sound }, q) => {
      filter.estimate(this.#state, q, this.#estimate);
      const { mean, sd, evidence } = this.#estimate;
      return Number.isNaN(evidence) ? [] : [{ name, unit, title, mean, sd, sound, evidenceAge: now - evidence }];
    });
  }

  /** What prognosis starts from: the filter, a copy of what it remembers, and the time. */
  present(): { readonly filter: HealthFilter; readonly memory: Float64Array; readonly time: number } | undefined {
    const { filter } = this.#engine;
    if (filter === undefined || Number.isNaN(this.time)) return undefined;
    return { filter, memory: this.#state.slice(0, filter.memorySize), time: this.time };
  }

  /** Daily values of a quantity, the newest last; undefined where it is not followed. */
  history(name: string): StateHistory | undefined {
    const q = this.#engine.filter?.quantities.findIndex((quantity) => quantity.name === name) ?? -1;
    const k = this.#kept.indexOf(q);
    if (k < 0) return undefined;
    const rows = this.#history.filter((row) => !Number.isNaN(row[1 + 2 * k] as number));
    return {
      time: Float64Array.from(rows, (row) => row[0] as number),
      mean: Float64Array.from(rows, (row) => row[1 + 2 * k] as number),
      sd: Float64Array.from(rows, (row) => row[2 + 2 * k] as number),
    };
  }

  /**
   * Takes in the rows of a frame that are newer than the live state, and tells of all: for each stage `X` that was
   * measured, columns `X`, `X.expected`, `X.residual`, `X.variance`, `X.innovation`, and `state.Q` with `state.Q.sd` for
   * each quantity of the health.
   */
  assimilateFrame(frame: Frame): Frame {
    const engine = this.#engine;
    const { model, filter } = engine;
    const channels = model.channels.map(({ name }) => (frame.has(name) ? frame.column(name) : undefined));
    const stages = model.stages.flatMap((name, s) => (frame.has(name) ? [{ name, s }] : []));
    const units = stageUnits(model);
    const column = () => new Float64Array(frame.length);
    const told = stages.map(() => ({
      expected: column(),
      residual: column(),
      variance: column(),
      innovation: column(),
    }));
    const quantities = filter === undefined ? [] : this.#kept;
    const states = quantities.map(() => ({ mean: column(), sd: column() }));
    for (let row = 0; row < frame.length; row++) {
      for (let c = 0; c < channels.length; c++) engine.row[c] = channels[c]?.[row] ?? Number.NaN;
      engine.complete();
      this.#take(frame.time[row] as number);
      stages.forEach(({ s }, k) => {
        const out = told[k] as (typeof told)[number];
        out.expected[row] = engine.expected[s] as number;
        out.residual[row] = (engine.measured[s] as number) - (engine.expected[s] as number);
        out.variance[row] = engine.variance[s] as number;
        out.innovation[row] = engine.innovation[s] as number;
      });
      quantities.forEach((q, k) => {
        filter?.estimate(this.#state, q, this.#estimate);
        (states[k] as (typeof states)[number]).mean[row] = this.#estimate.mean;
        (states[k] as (typeof states)[number]).sd[row] = this.#estimate.sd;
      });
    }
    const columns: Record<string, Column> = {};
    stages.forEach(({ name, s }, k) => {
      const unit = units[s] as string;
      const { expected, residual, variance, innovation } = told[k] as (typeof told)[number];
      columns[name] = { data: frame.column(name), unit };
      columns[`${name}.expected`] = { data: expected, unit };
      columns[`${name}.residual`] = { data: residual, unit };
      columns[`${name}.variance`] = { data: variance, unit: `(${unit})²` };
      columns[`${name}.innovation`] = { data: innovation, unit: '1' };
    });
    quantities.forEach((q, k) => {
      const { name, unit } = filter?.quantities[q] ?? { name: '', unit: '1' };
      const { mean, sd } = states[k] as (typeof states)[number];
      columns[`state.${name}`] = { data: mean, unit };
      columns[`state.${name}.sd`] = { data: sd, unit };
    });
    return new Frame(frame.time, columns);
  }

  /** The state for JSON, from which `fromJSON` goes on to the bit. */
  toJSON(): LiveStateData {
    return {
      state: plain(this.#state),
      past: this.#past.map(({ time, row, state }) => ({ time, row: plain(row), state: plain(state) })),
      history: this.#history.map(plain),
    };
  }

  /** @throws TwinergyError `TWIN_BAD_STATE` where the state is not of this model */
  static fromJSON(model: AssetModel, data: LiveStateData): LiveState {
    const live = new LiveState(model);
    if (data.state.length !== live.#engine.size) {
      throw new TwinergyError(
        'TWIN_BAD_STATE',
        `This live state has ${quote(data.state.length)} numbers; the asset's has ${live.#engine.size}.`,
        { path: 'estimate.state', value: data.state.length },
      );
    }
    live.#state = filled(data.state);
    for (const { time, row, state } of data.past) live.#past.push({ time, row: filled(row), state: filled(state) });
    for (const row of data.history) live.#history.push(filled(row));
    return live;
  }
}

const DAY = 86_400_000;
