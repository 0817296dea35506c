import { TwinergyError } from '../../core/errors.js';
import { exp, tanh } from '../../core/math/index.js';

/** What a stretch of use (usually a day) did to a battery. */
export interface BatteryStress {
  /** Days from the first to the last sample. */
  readonly days: number;
  /** Depth: highest minus lowest state of charge. */
  readonly depth: number;
  /** Mean state of charge over time. */
  readonly meanSoc: number;
  /** Equivalent full cycles. */
  readonly fullCycles: number;
  /** Mean rate of charge and discharge, 1/h; rates below 0.01 count as rest. */
  readonly cRate: number;
  /** Mean over time of a function of the temperature (°C) and the state of charge. */
  readonly average: (rate: (temperature: number, soc: number) => number) => number;
}

/**
 * Sums up a stretch of samples.
 *
 * @param time ms, at least two, strictly increasing; the last sample of a stretch is the first of the next
 * @param soc state of charge as a fraction
 * @param temperature °C
 * @param capacity relative capacity before the stretch: charge moved is a fraction of it
 * @throws TwinergyError `BATTERY_STRESS_SHORT` with fewer than two samples
 */
export function batteryStress(
  time: ArrayLike<number>,
  soc: ArrayLike<number>,
  temperature: ArrayLike<number>,
  capacity: number,
): BatteryStress {
  const n = time.length;
  if (n < 2) throw new TwinergyError('BATTERY_STRESS_SHORT', 'A stretch of battery use needs at least two samples.');
  const span = (time[n - 1] as number) - (time[0] as number);
  const average = (rate: (temperature: number, soc: number) => number): number => {
    let sum = 0;
    let before = rate(temperature[0] as number, soc[0] as number);
    for (let k = 1; k < n; k++) {
      const next = rate(temperature[k] as number, soc[k] as number);
      sum += 0.5 * (before + next) * ((time[k] as number) - (time[k - 1] as number));
      before = next;
    }
    return sum / span;
  };
  let moved = 0;
  let low = soc[0] as number;
  let high = low;
  let rateIntegral = 0;
  let before = Number.NaN;
  for (let k = 1; k < n; k++) {
    const change = Math.abs((soc[k] as number) - (soc[k - 1] as number));
    const step = (time[k] as number) - (time[k - 1] as number);
    const gross = change / (step / 3_600_000);
    const rate = gross < 0.01 ? 0 : gross;
    moved += change;
    low = Math.min(low, soc[k] as number);
    high = Math.max(high, soc[k] as number);
    if (k > 1) rateIntegral += 0.5 * (before + rate) * step;
    before = rate;
  }
  return {
    days: span / 86_400_000,
    depth: high - low,
    meanSoc: average((_temperature, charge) => charge),
    fullCycles: (capacity * moved) / 2,
    cRate: (capacity * rateIntegral) / span,
    average,
  };
}

/**
 * Potential of the graphite anode against lithium, V, by state of charge: what drives ageing at rest.
 * Source: M. Safari, C. Delacourt, J. Electrochem. Soc. 158, A562, 2011.
 */
export function anodePotential(soc: number): number {
  const x = 0.0085 + soc * (0.78 - 0.0085);
  return (
    0.6379 +
    0.5416 * exp(-305.5309 * x) +
    0.044 * tanh(-(x - 0.1958) / 0.1088) -
    0.1978 * tanh((x - 1.0571) / 0.0854) -
    0.6875 * tanh((x + 0.0117) / 0.0529) -
    0.0175 * tanh((x - 0.5692) / 0.0875)
  );
}
