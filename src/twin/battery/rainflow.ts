/** A counted cycle. */
export interface RainflowCycle {
  /** Difference of its two turning points. */
  readonly range: number;
  /** Middle between them. */
  readonly mean: number;
  /** 1 for a full cycle, 0.5 for a half. */
  readonly count: 0.5 | 1;
  /** Row numbers of the earlier and the later turning point, counted from 0 at the first sample. */
  readonly first: number;
  readonly second: number;
}

/** The state of a `RainflowCounter` as JSON. */
export interface RainflowState {
  readonly values: readonly number[];
  readonly rows: readonly number[];
  readonly last: number | null;
  readonly lastRow: number;
  readonly direction: number;
  readonly samples: number;
}

/**
 * Rainflow counting sample by sample: a cycle is told as soon as it closes, and what is kept is only the turning points
 * that are still open. The first and the last sample count as turning points; of a flat stretch the first sample does; a
 * range that equals the one before it closes it.
 * Source: ASTM E1049-85, Standard practices for cycle counting in fatigue analysis, section 5.4.4.
 */
export class RainflowCounter {
  private values: number[] = [];
  private rows: number[] = [];
  private last: number | null = null;
  private lastRow = 0;
  private direction = 0;
  private samples = 0;

  /** Takes the next sample; returns the cycles that it closes. A NaN is passed over. */
  push(value: number): RainflowCycle[] {
    const row = this.samples++;
    if (Number.isNaN(value) || value === this.last) return [];
    if (this.last === null) {
      this.last = value;
      this.lastRow = row;
      return [];
    }
    const direction = value > this.last ? 1 : -1;
    const closed = direction === this.direction ? [] : this.turn(this.last, this.lastRow);
    this.direction = direction;
    this.last = value;
    this.lastRow = row;
    return closed;
  }

  /** The half cycles that would be left if the series ended here, closing ones first. The counter is not changed. */
  residue(): RainflowCycle[] {
    if (this.last === null || this.direction === 0) return [];
    const copy = RainflowCounter.fromJSON(this.toJSON());
    const cycles = copy.turn(this.last, this.lastRow);
    for (let k = 0; k + 1 < copy.values.length; k++) cycles.push(copy.cycle(k, 0.5));
    return cycles;
  }

  /** Takes a turning point and counts what it closes. */
  private turn(value: number, row: number): RainflowCycle[] {
    this.values.push(value);
    this.rows.push(row);
    const cycles: RainflowCycle[] = [];
    while (this.values.length >= 3) {
      const n = this.values.length;
      const [a, b, c] = this.values.slice(n - 3) as [number, number, number];
      if (Math.abs(c - b) < Math.abs(b - a)) break;
      if (n === 3) {
        // The range holds the starting point: a half cycle, and the start moves on.
        cycles.push(this.cycle(0, 0.5));
        this.values.shift();
        this.rows.shift();
      } else {
        cycles.push(this.cycle(n - 3, 1));
        this.values.splice(n - 3, 2);
        this.rows.splice(n - 3, 2);
      }
    }
    return cycles;
  }

  private cycle(at: number, count: 0.5 | 1): RainflowCycle {
    const [a, b] = [this.values[at] as number, this.values[at + 1] as number];
    return {
      range: Math.abs(b - a),
      mean: 0.5 * (a + b),
      count,
      first: this.rows[at] as number,
      second: this.rows[at + 1] as number,
    };
  }

  /** The open turning points, to go on later. */
  toJSON(): RainflowState {
    const { last, lastRow, direction, samples } = this;
    return { values: [...this.values], rows: [...this.rows], last, lastRow, direction, samples };
  }

  /** A counter that goes on from a state. */
  static fromJSON(state: RainflowState): RainflowCounter {
    const counter = new RainflowCounter();
    counter.values = [...state.values];
    counter.rows = [...state.rows];
    counter.last = state.last;
    counter.lastRow = state.lastRow;
    counter.direction = state.direction;
    counter.samples = state.samples;
    return counter;
  }
}

/** Counts a whole series at once, the left-over half cycles last. */
export function rainflowCycles(series: ArrayLike<number>): RainflowCycle[] {
  const counter = new RainflowCounter();
  const cycles: RainflowCycle[] = [];
  for (let row = 0; row < series.length; row++) cycles.push(...counter.push(series[row] as number));
  cycles.push(...counter.residue());
  return cycles;
}
