import type { Frame } from '../../core/index.js';
import type { AssetModel } from '../asset-model.js';

/** One figure of a day that tells wear. */
export interface WearChannel {
  readonly name: string;
  readonly unit: string;
  /** For people. */
  readonly title: string;
}

/** Values of a reading by channel; what was not measured is absent or NaN. */
export type WearValues = Readonly<Record<string, number | undefined>>;

/**
 * Sums readings up to figures of a day that tell wear and little else: parts of what a sound asset would have shown under the
 * same sun or load, so that they mean the same for assets of any size and at any place.
 */
export interface WearMeter {
  readonly channels: readonly WearChannel[];
  /** Takes a reading in, beside what a sound asset would show. */
  add(time: number, measured: WearValues, expected: WearValues): void;
  /** The figures since the last call, in the order of `channels`; NaN where nothing can be told. */
  take(): number[];
  /** The sums as numbers, so that a day can be gone on with. */
  save(): number[];
  /** Takes up what `save` gave. */
  load(sums: readonly number[]): void;
}

/** A figure that is a measured sum over the expected one. */
export interface WearRatio extends WearChannel {
  /** Channels that are added up. */
  readonly of: readonly string[];
  /** Channels by whose own ratio it is divided: what is left is this stage's alone. */
  readonly per?: readonly string[];
  /** Where given, the mean over readings of the ratio to `per` is told, as it is and not over the expected one; less of `per` does not count. */
  readonly least?: number;
  /**
   * What is told is how much is missing: the mean over readings of expected less measured, or with `per` the same over what is
   * expected there, as a part of this.
   */
  readonly missing?: number;
  /** What is told in place of the figure itself: one that grows with the fault's severity. */
  readonly told?: (figure: number) => number;
  /** Only readings whose expected output is in this band of the full scale. Default: 0.05…2. */
  readonly band?: readonly [low: number, high: number];
}

/** Least share of the full output that must be expected of a reading, where no band says otherwise, and of any. */
const LEAST = 0.05;
const FAINT = 0.02;
/** Readings of a day below which a ratio is not told. */
const FEWEST = 2;
/** Sums of a ratio: measured (of a mean: the ratio) and expected, the same of `per`, and the count. */
const SUMS = 5;

/** A meter of ratios. */
export class RatioMeter implements WearMeter {
  readonly channels: readonly WearChannel[];
  readonly #ratios: readonly WearRatio[];
  readonly #output: string;
  readonly #fullScale: number;
  readonly #sums: Float64Array;
  /** The sets of channels that are added up, each once; which of them each ratio is of and per (−1: none). */
  readonly #groups: readonly (readonly string[])[];
  readonly #of: Int32Array;
  readonly #per: Int32Array;
  /** Their sums in the reading at hand. */
  readonly #measured: Float64Array;
  readonly #expected: Float64Array;

  constructor(model: Pick<AssetModel, 'output' | 'channels'>, ratios: readonly WearRatio[]) {
    this.channels = ratios.map(({ name, unit, title }) => ({ name, unit, title }));
    this.#ratios = ratios;
    this.#output = model.output.name;
    this.#fullScale = model.channels.find(({ name }) => name === model.output.name)?.fullScale ?? 1;
    this.#sums = new Float64Array(SUMS * ratios.length);
    const groups = new Map<string, readonly string[]>();
    for (const names of ratios.flatMap(({ of, per }) => (per === undefined ? [of] : [of, per])))
      groups.set(String(names), names);
    const place = (names: readonly string[] | undefined) => [...groups.keys()].indexOf(String(names));
    this.#groups = [...groups.values()];
    this.#of = Int32Array.from(ratios, ({ of }) => place(of));
    this.#per = Int32Array.from(ratios, ({ per }) => (per === undefined ? -1 : place(per)));
    this.#measured = new Float64Array(groups.size);
    this.#expected = new Float64Array(groups.size);
  }

  add(_time: number, measured: WearValues, expected: WearValues): void {
    const share = Math.abs(expected[this.#output] ?? Number.NaN) / this.#fullScale;
    const sums = this.#sums;
    // At night there is nothing to see.
    if (!(share >= FAINT)) return;
    for (let g = 0; g < this.#groups.length; g++) {
      const names = this.#groups[g] as readonly string[];
      this.#measured[g] = total(measured, names);
      this.#expected[g] = total(expected, names);
    }
    for (let r = 0; r < this.#ratios.length; r++) {
      const { band, least } = this.#ratios[r] as WearRatio;
      if (!(share >= (band?.[0] ?? LEAST) && share <= (band?.[1] ?? 2))) continue;
      const of = this.#of[r] as number;
      const per = this.#per[r] as number;
      const m = this.#measured[of] as number;
      const e = this.#expected[of] as number;
      const pm = per < 0 ? 0 : (this.#measured[per] as number);
      const pe = per < 0 ? 0 : (this.#expected[per] as number);
      // Half of a pair would tilt the ratio.
      if (!Number.isFinite(m + e + pm + pe)) continue;
      const at = SUMS * r;
      if (least !== undefined) {
        if (!(pm >= least)) continue;
        sums[at] = (sums[at] as number) + m / pm;
        sums[at + 4] = (sums[at + 4] as number) + 1;
        continue;
      }
      sums[at] = (sums[at] as number) + m;
      sums[at + 1] = (sums[at + 1] as number) + e;
      sums[at + 2] = (sums[at + 2] as number) + pm;
      sums[at + 3] = (sums[at + 3] as number) + pe;
      sums[at + 4] = (sums[at + 4] as number) + 1;
    }
  }

  take(): number[] {
    const sums = this.#sums;
    const row = this.#ratios.map(({ per, least, missing, told }, r) => {
      const [m = 0, e = 0, pm = 0, pe = 0, count = 0] = sums.subarray(SUMS * r, SUMS * (r + 1));
      if (count < FEWEST) return Number.NaN;
      const stagesBefore = per === undefined ? 1 : pe / pm;
      const ratio =
        least !== undefined
          ? m / count
          : missing === undefined
            ? (m / e) * stagesBefore
            : (e - m) / missing / (per === undefined ? count : pe);
      return Number.isFinite(ratio) ? (told?.(ratio) ?? ratio) : Number.NaN;
    });
    sums.fill(0);
    return row;
  }

  save(): number[] {
    return [...this.#sums];
  }

  load(sums: readonly number[]): void {
    this.#sums.set(sums.slice(0, this.#sums.length));
  }
}

function total(values: WearValues, names: readonly string[]): number {
  let sum = 0;
  for (let i = 0; i < names.length; i++) sum += values[names[i] as string] ?? Number.NaN;
  return sum;
}

/** The meter of an asset: its model's own, or one ratio for each stage. */
export function wearMeterOf(model: AssetModel): WearMeter {
  if (model.wear !== undefined) return model.wear();
  return new RatioMeter(
    model,
    model.stages.map((stage) => {
      const title = model.channels.find(({ name }) => name === stage)?.title ?? stage;
      return { name: `${stage}.ratio`, unit: '1', title: `${title}, measured over expected`, of: [stage] };
    }),
  );
}

/** Runs a meter over telemetry and gives one row for each `day` ms, from the first row's time on. */
export function dailyWear(model: AssetModel, telemetry: Frame, day: number): number[][] {
  const meter = wearMeterOf(model);
  const expected = model.expected(telemetry);
  const names = telemetry.names;
  const columns = names.map((name) => telemetry.column(name));
  const stages = expected.names.map((name) => ({ name, values: expected.column(name) }));
  const rows: number[][] = [];
  let current = 0;
  const first = telemetry.time[0] ?? 0;
  const measuredRow: Record<string, number> = {};
  const expectedRow: Record<string, number> = {};
  for (let row = 0; row < telemetry.length; row++) {
    const now = telemetry.time[row] as number;
    for (const index = Math.floor((now - first) / day); current < index; current++) rows.push(meter.take());
    names.forEach((name, c) => {
      measuredRow[name] = columns[c]?.[row] as number;
    });
    for (const { name, values } of stages) expectedRow[name] = values[row] as number;
    meter.add(now, measuredRow, expectedRow);
  }
  if (telemetry.length > 0) rows.push(meter.take());
  return rows;
}
