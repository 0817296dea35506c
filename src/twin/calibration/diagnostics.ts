/** Residuals of a group of rows. */
export interface ResidualGroup {
  /** What the rows have in common: `hour 9`, `month 3`, `10…20 °C`. */
  readonly label: string;
  readonly rows: number;
  /** Mean of measured − expected and its root mean square, W. */
  readonly bias: number;
  readonly rmse: number;
}

/** How well the fitted model describes the history. */
export interface Diagnostics {
  /** Rows with power and light, and those that were used with more than half the weight of an ordinary one. */
  readonly rows: number;
  readonly rowsUsed: number;
  /** Of the rows used: share of the variance explained, root mean square and bias as fractions of the fitted peak. */
  readonly explained: number;
  readonly nrmse: number;
  readonly bias: number;
  /** Correlation of an error with the next one. */
  readonly persistence: number;
  readonly byHour: readonly ResidualGroup[];
  readonly byMonth: readonly ResidualGroup[];
  readonly byTemperature: readonly ResidualGroup[];
  /** Rows refused before the fit, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The diagnostics of a fit; `offset` shifts hours to the plant's solar time, ms. */
export function residualDiagnostics(
  time: Float64Array,
  measured: Float64Array,
  expected: Float64Array,
  weight: Float64Array,
  temperature: Float64Array,
  peak: number,
  persistence: number,
  refused: Readonly<Record<string, number>>,
  offset: number,
): Diagnostics {
  const all = Array.from(time.keys()).filter(
    (row) => !Number.isNaN(measured[row] as number) && !Number.isNaN(expected[row] as number),
  );
  const used = all.filter((row) => (weight[row] as number) > 0.5);
  const error = (row: number) => (measured[row] as number) - (expected[row] as number);
  const mean = used.reduce((sum, row) => sum + (measured[row] as number), 0) / Math.max(1, used.length);
  const variance = used.reduce((sum, row) => sum + ((measured[row] as number) - mean) ** 2, 0);
  const square = used.reduce((sum, row) => sum + error(row) ** 2, 0);
  const group = (labelOf: (row: number) => readonly [order: number, label: string]): ResidualGroup[] => {
    const groups = new Map<string, { order: number; rows: number; sum: number; square: number }>();
    for (const row of used) {
      const [order, label] = labelOf(row);
      const entry = groups.get(label) ?? { order, rows: 0, sum: 0, square: 0 };
      entry.rows++;
      entry.sum += error(row);
      entry.square += error(row) ** 2;
      groups.set(label, entry);
    }
    return [...groups.entries()]
      .sort(([, a], [, b]) => a.order - b.order)
      .map(([label, entry]) => ({
        label,
        rows: entry.rows,
        bias: entry.sum / entry.rows,
        rmse: Math.sqrt(entry.square / entry.rows),
      }));
  };
  return {
    rows: all.length,
    rowsUsed: used.length,
    explained: variance > 0 ? 1 - square / variance : 0,
    nrmse: Math.sqrt(square / Math.max(1, used.length)) / peak,
    bias: used.reduce((sum, row) => sum + error(row), 0) / Math.max(1, used.length) / peak,
    persistence,
    byHour: group((row) => {
      const hour = new Date((time[row] as number) + offset).getUTCHours();
      return [hour, `hour ${hour}`];
    }),
    byMonth: group((row) => {
      const month = new Date((time[row] as number) + offset).getUTCMonth() + 1;
      return [month, `month ${month}`];
    }),
    byTemperature: group((row) => {
      const low = Math.floor((temperature[row] as number) / 10) * 10;
      return Number.isNaN(low) ? [999, 'unknown'] : [low, `${low}…${low + 10} °C`];
    }),
    refused,
  };
}
