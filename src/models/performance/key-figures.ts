import { TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import { optionalColumn, rowHours } from './days.js';
import { moduleTemperatures, type PerformanceColumns, type PlantRating, TEMPERATURE_COEFFICIENT } from './normalise.js';

/** Options of `keyFigures`. */
export interface KeyFigureOptions extends PerformanceColumns, PlantRating {
  /** What a sound plant would give, W, as a column; for the energy availability. Default: `expectedPower`. */
  readonly expected?: string | undefined;
  /** Irradiance from which the plant should run, W/m². Default 50. */
  readonly startIrradiance?: number | undefined;
  /** Power above which it runs, as a share of `ratedPower`. Default 0.0005. */
  readonly leastPower?: number | undefined;
  /** Weighted mean module temperature of a typical year, °C, for the annual form of the corrected ratio. Default: that of the frame. */
  readonly annualTemperature?: number | undefined;
}

/** Key figures of a period by IEC 61724-1:2021 (and 61724-3 for the energy availability). Null where a column is missing. */
export interface KeyFigures {
  /** Hours that were counted: those with both power and irradiance (for yields of energy alone: with power). */
  readonly hours: number;
  /** Share of the period's rows that had a value of power, and of power and irradiance, 0…1. */
  readonly powerCoverage: number;
  readonly coverage: number;
  /** Energy, kWh. */
  readonly energy: number;
  /** Insolation on the plane H, kWh/m². */
  readonly insolation: number | null;
  /** Reference yield Y_r = H / (1 kW/m²), h. */
  readonly referenceYield: number | null;
  /** Final yield Y_f = E / P₀, kWh/kW = h, over the rows that had power. */
  readonly finalYield: number;
  /** Y_f / Y_r over the rows that had both. */
  readonly performanceRatio: number | null;
  /** PR′ at 25 °C: the reference is corrected to the temperature of the modules. */
  readonly performanceRatio25: number | null;
  /** PR′ at the annual mean: the reference is corrected to the difference from the year's weighted mean. */
  readonly performanceRatioAnnual: number | null;
  /** Energy over that of the inverters (else the modules) at their rating all the time. */
  readonly capacityFactor: number;
  /** Share of the hours with light to run in which it ran. */
  readonly timeAvailability: number | null;
  /** Expected energy of the hours in which it was available over all expected energy. */
  readonly energyAvailability: number | null;
}

/**
 * The key figures of a photovoltaic plant over the period of a frame. Energies are sums over rows; a row with power but
 * without irradiance counts for the energy and not for the ratios, so that a gap of a sensor changes no ratio.
 * @throws TwinergyError `FRAME_UNKNOWN_COLUMN`, `PERFORMANCE_BAD_RATING`, `PERFORMANCE_NO_DATA`
 */
export function keyFigures(frame: Frame, options: KeyFigureOptions): KeyFigures {
  const { ratedPower, acLimit, temperatureCoefficient = TEMPERATURE_COEFFICIENT } = options;
  const { startIrradiance = 50, leastPower = 0.0005 } = options;
  if (!(ratedPower > 0)) {
    throw new TwinergyError('PERFORMANCE_BAD_RATING', `ratedPower must be greater than 0 W, got ${ratedPower}.`, {
      path: 'ratedPower',
      value: ratedPower,
    });
  }
  const power = frame.column(options.power ?? 'acPower');
  const light = optionalColumn(frame, options.irradiance ?? 'poaGlobal');
  const expected = optionalColumn(frame, options.expected ?? 'expectedPower');
  const hours = rowHours(frame.time);
  const temperature = light && moduleTemperatures(frame, options, light);
  const warmth = weightedTemperature(light, temperature, hours);
  const annual = options.annualTemperature ?? warmth;

  const sums = { all: 0, power: 0, both: 0, energy: 0, matched: 0, insolation: 0, due25: 0, dueAnnual: 0, warm: 0 };
  const run = { due: 0, ran: 0, expected: 0, lost: 0 };
  for (let i = 0; i < frame.length; i++) {
    const h = hours[i] as number;
    const p = power[i] as number;
    const g = light?.[i] ?? Number.NaN;
    sums.all += h;
    if (!Number.isFinite(p)) continue;
    sums.power += h;
    sums.energy += p * h;
    const shines = Number.isFinite(g) && g >= 0;
    if (shines) {
      sums.both += h;
      sums.matched += p * h;
      sums.insolation += g * h;
      const t = temperature?.[i] ?? Number.NaN;
      if (Number.isFinite(t)) {
        const due = ((ratedPower * g) / 1000) * h;
        sums.warm += p * h;
        sums.due25 += due * (1 + temperatureCoefficient * (t - 25));
        sums.dueAnnual += due * (1 + temperatureCoefficient * (t - annual));
      }
    }
    const wanted = expected?.[i] ?? Number.NaN;
    const should = light === undefined ? wanted > leastPower * ratedPower : g >= startIrradiance;
    if (!should) continue;
    const runs = p > leastPower * ratedPower;
    run.due += h;
    if (runs) run.ran += h;
    if (!Number.isFinite(wanted)) continue;
    run.expected += wanted * h;
    if (!runs) run.lost += wanted * h;
  }
  if (sums.power === 0) {
    throw new TwinergyError('PERFORMANCE_NO_DATA', 'No row has a value of power.', {
      path: options.power ?? 'acPower',
    });
  }
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  const insolation = light === undefined ? null : sums.insolation / 1000;
  return {
    hours: light === undefined ? sums.power : sums.both,
    powerCoverage: sums.power / sums.all,
    coverage: light === undefined ? 0 : sums.both / sums.all,
    energy: sums.energy / 1000,
    insolation,
    referenceYield: insolation,
    finalYield: sums.energy / ratedPower,
    performanceRatio: share(sums.matched / ratedPower, sums.insolation / 1000),
    performanceRatio25: share(sums.warm, sums.due25),
    performanceRatioAnnual: share(sums.warm, sums.dueAnnual),
    capacityFactor: sums.energy / (sums.power * (acLimit ?? ratedPower)),
    timeAvailability: share(run.ran, run.due),
    energyAvailability: share(run.expected - run.lost, run.expected),
  };
}

/** Mean module temperature weighted by light, °C. */
function weightedTemperature(
  light: Float64Array | undefined,
  temperature: Float64Array | undefined,
  hours: Float64Array,
): number {
  let sum = 0;
  let weight = 0;
  light?.forEach((g, i) => {
    const t = temperature?.[i] ?? Number.NaN;
    if (!(g > 0) || !Number.isFinite(t)) return;
    sum += t * g * (hours[i] as number);
    weight += g * (hours[i] as number);
  });
  return weight > 0 ? sum / weight : 25;
}
