import { type Column, Frame } from '../core/index.js';
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
