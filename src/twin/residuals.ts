import { type Column, Frame, type Reading } from '../core/index.js';
import type { AssetModel } from './asset-model.js';

/** Measured, expected and residual columns of every stage that `telemetry` holds. */
export function residuals(model: AssetModel, telemetry: Frame): Frame {
  const expected = model.expected(telemetry);
  const columns: Record<string, Column> = {};
  for (const [name, { data, unit }] of expected.columns()) {
    if (!telemetry.has(name)) continue;
    const measured = telemetry.column(name);
    columns[name] = { data: measured, unit };
    columns[`${name}.expected`] = { data, unit };
    columns[`${name}.residual`] = { data: data.map((value, row) => (measured[row] as number) - value), unit };
  }
  return new Frame(telemetry.time, columns);
}

/** The expected values for one reading, without those that cannot be told. */
export function expectedReading(model: AssetModel, reading: Reading): Record<string, number> {
  const columns: Record<string, Column> = {};
  for (const [name, value] of Object.entries(reading.values)) {
    columns[name] = { data: Float64Array.of(value), unit: '1' };
  }
  const values: Record<string, number> = {};
  for (const [name, { data }] of model.expected(new Frame(Float64Array.of(reading.time), columns)).columns()) {
    const value = data[0] as number;
    if (!Number.isNaN(value)) values[name] = value;
  }
  return values;
}
