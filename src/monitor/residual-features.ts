import { type Column, Frame } from '../core/index.js';
import type { AssetModel, DigitalTwin } from '../twin/index.js';

/** Share of a channel's full scale that keeps small expectations from blowing a ratio up. */
const FLOOR = 0.02;

/** Least share of the full output that must be expected before a row is judged: at night there is nothing to see. */
const LEAST_OUTPUT = 0.03;

/**
 * What the anomaly detector looks at: for each stage that was measured, how far it lies from what the twin expects,
 * relative to the expectation (and a little of the full scale). Nothing where hardly any output is expected.
 */
export class ResidualRows {
  readonly #stages: readonly string[];
  readonly #floors: Float64Array;
  readonly #output: string;
  readonly #least: number;

  constructor({ stages, channels, output }: AssetModel) {
    // What the model does not know the full scale of counts as of 1.
    const scales = new Map(channels.map(({ name, fullScale }) => [name, fullScale]));
    this.#stages = stages;
    this.#floors = Float64Array.from(stages, (stage) => FLOOR * (scales.get(stage) ?? 1));
    this.#output = output.name;
    this.#least = LEAST_OUTPUT * (scales.get(output.name) ?? 1);
  }

  /** The row of a reading; undefined where there is nothing to judge. */
  row(
    measured: Readonly<Record<string, number>>,
    expected: Readonly<Record<string, number>>,
  ): Record<string, number> | undefined {
    const output = expected[this.#output];
    if (output !== undefined && Math.abs(output) < this.#least) return undefined;
    let row: Record<string, number> | undefined;
    for (let s = 0; s < this.#stages.length; s++) {
      const stage = this.#stages[s] as string;
      const m = measured[stage];
      const e = expected[stage];
      if (m === undefined || e === undefined) continue;
      row ??= {};
      row[stage] = (m - e) / (Math.abs(e) + (this.#floors[s] as number));
    }
    return row;
  }
}

/** The same for a whole frame of telemetry, for training. */
export function residualFrame(twin: DigitalTwin, telemetry: Frame): Frame {
  const { model } = twin;
  const expected = twin.expected(telemetry);
  const stages = model.stages.filter((stage) => telemetry.has(stage) && expected.has(stage));
  const columns = new Map<string, Column>(
    stages.map((stage) => [stage, { data: new Float64Array(telemetry.length).fill(Number.NaN), unit: '1' }]),
  );
  const measuredColumns = stages.map((stage) => telemetry.column(stage));
  const expectedColumns = stages.map((stage) => expected.column(stage));
  const rows = new ResidualRows(model);
  for (let row = 0; row < telemetry.length; row++) {
    const measured: Record<string, number> = {};
    const wanted: Record<string, number> = {};
    stages.forEach((stage, s) => {
      const m = measuredColumns[s]?.[row] as number;
      const e = expectedColumns[s]?.[row] as number;
      if (!Number.isNaN(m)) measured[stage] = m;
      if (!Number.isNaN(e)) wanted[stage] = e;
    });
    for (const [stage, value] of Object.entries(rows.row(measured, wanted) ?? {}))
      (columns.get(stage) as Column).data[row] = value;
  }
  return new Frame(telemetry.time, columns);
}

/** What tells most about an unusual row, as people say it: `Current of string2 is 98 % below what the twin expects.` */
export function residualSentence(
  model: AssetModel,
  contributions: readonly { readonly channel: string; readonly share: number; readonly value?: number | undefined }[],
): string {
  // What shares the blame nearly equally is named too: an open string shows in its current and in the power alike.
  const [first] = contributions;
  if (first === undefined) return 'Nothing stands out.';
  const parts = contributions
    .filter(({ share }) => share >= 0.5 * first.share)
    .slice(0, 3)
    .map(({ channel, value }) => {
      const title = model.channels.find(({ name }) => name === channel)?.title ?? channel;
      if (value === undefined) return `${title} is missing`;
      return `${title} is ${Math.round(Math.abs(value) * 100)} % ${value < 0 ? 'below' : 'above'} what the twin expects`;
    });
  return `${parts.join('; ')}.`;
}
