import type { Plant } from '../description/plant.js';
import { type CalibrationState, type FittedParameter, toldValue } from './calibration.js';
import type { ConversionFit } from './conversion.js';
import { fittedPeak } from './describe.js';
import type { Asked, Layout, Parameter } from './parameters.js';
import type { Fitted } from './robust-fit.js';
import type { SummerClock } from './summer-clock.js';

/** The parameters as they are told. */
export function tellParameters(parameters: readonly Parameter[], fitted: Fitted): FittedParameter[] {
  const size = parameters.length;
  return parameters.map(({ name, title, unit, prior, priorSd, scale }, i) => {
    const variance = fitted.covariance[i * size + i] as number;
    const value = toldValue(fitted.theta[i] as number, scale);
    const sd = Math.sqrt(Math.max(0, variance)) * (scale === 'log' ? value : 1);
    const told = Number.isFinite(priorSd) ? Math.min(1, Math.max(0, 1 - variance / (priorSd * priorSd))) : 1;
    return { name, title, unit, value, sd, prior: toldValue(prior, scale), told };
  });
}

/** Standard deviation of the fitted peak power by the linear law of errors. */
export function peakDeviation(plant: Plant, layout: Layout, fitted: Fitted): number {
  const size = layout.parameters.length;
  const base = fittedPeak(plant, layout, fitted.theta);
  const gradient = Float64Array.from(layout.parameters, ({ step }, i) => {
    const matters = [...layout.peak, layout.seriesResistance].includes(i);
    if (!matters) return 0;
    const moved = Float64Array.from(fitted.theta);
    moved[i] = (moved[i] as number) + step;
    return (fittedPeak(plant, layout, moved) - base) / step;
  });
  let variance = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      variance += (gradient[i] as number) * (gradient[j] as number) * (fitted.covariance[i * size + j] as number);
    }
  }
  return Math.sqrt(Math.max(0, variance));
}

/** What a reader should know, in sentences. */
export function notesOf(
  clockError: number,
  clock: SummerClock | undefined,
  conversion: ConversionFit,
  parameters: readonly FittedParameter[],
  condition: CalibrationState['condition'],
  source: Asked['source'],
): string[] {
  const notes: string[] = [];
  if (clock !== undefined) {
    notes.push(
      `The clock of the power changes with the seasons: in summer its labels are an hour ${clock.sign > 0 ? 'late' : 'early'}.`,
    );
  }
  if (clockError !== 0) {
    notes.push(
      `The clock of the power is off by about ${Math.abs(clockError)} minutes (${clockError > 0 ? 'slow' : 'fast'}): look at the time zone.`,
    );
  }
  notes.push(
    conversion.limitSeen
      ? `The output is cut off at ${(conversion.limit / 1000).toFixed(2)} kW.`
      : 'No cut-off of the output is seen; the limit is the description’s.',
  );
  const kept = parameters.filter(({ told }) => told < 0.5).map(({ name }) => name);
  if (kept.length > 0) notes.push(`The data say little of ${kept.join(', ')}: the description decides.`);
  if (source === 'clear-sky') {
    notes.push('Without irradiance only clear moments count: the fit is the plant’s clear-sky envelope.');
  }
  if (condition.departed) {
    notes.push(
      `At the end of the history the plant gives ${(100 * condition.recent).toFixed(0)} % of what is usual for it.`,
    );
  }
  return notes;
}
