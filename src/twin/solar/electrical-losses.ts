import { TwinergyError } from '../../core/errors.js';

/** An inverter known by its data sheet. */
export interface DatasheetInverter {
  /** AC rating, W. */
  readonly pAc0: number;
  /** Loads as fractions of the rating, rising, and the efficiency at each: `[[0.05, 0.91], [0.1, 0.95], …]`. */
  readonly efficiency: readonly (readonly [load: number, efficiency: number])[];
  /** DC power, W, from which it works; default 0.5 % of the rating. */
  readonly pStart?: number;
  /** W drawn at night; default 0. */
  readonly pNight?: number;
}

/**
 * AC power, W, of an inverter from its data sheet's efficiencies: losses are interpolated in the DC power (which keeps AC
 * power rising), the output is cut at the rating, and below the start it draws its night power.
 *
 * @throws TwinergyError `INVERTER_CURVE` when the curve is empty, its loads do not rise, or an efficiency is not in (0, 1]
 */
export function inverterDatasheet(inverter: DatasheetInverter, power: number): number {
  const { pAc0, efficiency, pStart = 0.005 * pAc0, pNight = 0 } = inverter;
  efficiency.forEach(([load, value], k) => {
    const before = efficiency[k - 1]?.[0] ?? 0;
    if (!(load > before) || !(value > 0 && value <= 1))
      throw new TwinergyError('INVERTER_CURVE', 'Loads must rise from above 0, and efficiencies lie in (0, 1].', {
        path: `efficiency[${k}]`,
        value: efficiency[k],
      });
  });
  const last = efficiency.at(-1);
  if (last === undefined) throw new TwinergyError('INVERTER_CURVE', 'The efficiency curve has no point.');
  if (power < pStart) return -Math.abs(pNight);
  // The points as DC power and loss, both W.
  const dc = ([load, value]: readonly [number, number]): number => (load * pAc0) / value;
  const loss = (point: readonly [number, number]): number => dc(point) * (1 - point[1]);
  let upper = efficiency.findIndex((point) => dc(point) >= power);
  if (upper === -1) upper = efficiency.length - 1;
  const high = efficiency[upper] ?? last;
  const low = efficiency[upper - 1];
  // Below the first point the loss stays what it is there, above the last it grows in proportion.
  let lost = loss(high);
  if (power > dc(high)) lost *= power / dc(high);
  else if (low !== undefined) lost = loss(low) + ((loss(high) - loss(low)) * (power - dc(low))) / (dc(high) - dc(low));
  return Math.min(Math.max(power - lost, -Math.abs(pNight)), pAc0);
}

/** Range of DC voltage in which an inverter can follow the maximum power point, V. */
export interface MpptWindow {
  readonly low: number;
  readonly high: number;
}

/** Operating voltage: the maximum power point's, held inside the window. Outside it the array runs off its best. */
export function voltageInWindow(vMp: number, { low, high }: MpptWindow): number {
  return Math.min(Math.max(vMp, low), high);
}

/**
 * Part of the power that tracking keeps when its voltage is off by a fraction `error` of vMp: power is flat at its top, so
 * that the loss grows with the square. The curvature (default 14, of crystalline silicon near its knee) is −vMp²/2 · P''/P.
 */
export function trackingEfficiency(error: number, curvature = 14): number {
  return Math.max(0, 1 - curvature * error * error);
}

/** How far heat forces an inverter down. */
export interface ThermalDerating {
  /** °C from which the limit falls. */
  readonly start: number;
  /** Fraction of the rating lost per K above. */
  readonly slope: number;
  /** °C at which it switches off; default never. */
  readonly off?: number;
}

/** Highest AC power, W, at an air or heat-sink temperature, °C: the rating, less the derating. */
export function deratedLimit(pAc0: number, temperature: number, { start, slope, off }: ThermalDerating): number {
  if (off !== undefined && temperature >= off) return 0;
  return pAc0 * Math.min(1, Math.max(0, 1 - slope * (temperature - start)));
}

/** What limits the AC side, W. */
export interface AcLimits {
  /** Rating or derated limit of the inverter. */
  readonly rating: number;
  /** What the grid or its operator allows; default no limit. */
  readonly curtailment?: number;
}

/** AC power after the limits, and what each of them took, W. Nothing is taken from a night's draw. */
export function limitAc(
  power: number,
  { rating, curtailment = Number.POSITIVE_INFINITY }: AcLimits,
): { power: number; clipped: number; curtailed: number } {
  const rated = Math.min(power, Math.max(rating, 0));
  const allowed = Math.min(rated, Math.max(curtailment, 0));
  return { power: allowed, clipped: power - rated, curtailed: rated - allowed };
}

/** Loss of a line, W, from the power through it and its loss as a fraction of the nominal power there: it grows as the square. */
export function lineLoss(power: number, nominal: number, lossAtNominal: number): number {
  return (lossAtNominal * power * power) / nominal;
}

/** A transformer. */
export interface Transformer {
  /** W. */
  readonly rating: number;
  /** Loss of the iron, always there, as a fraction of the rating. */
  readonly noLoad: number;
  /** Loss of the windings at the rating, as a fraction of it. */
  readonly fullLoad: number;
}

/**
 * Power, W, behind a transformer fed with `power`: the iron takes its share day and night, the windings with the square of
 * what leaves. The balance `power = out + iron + windings(out)` is solved exactly.
 * Source: IEC 60076-1; its use in yearly sums in P. Gilman et al., NREL/TP-6A20-67399, 2018.
 */
export function transformerOutput({ rating, noLoad, fullLoad }: Transformer, power: number): number {
  const left = power - noLoad * rating;
  if (fullLoad === 0) return left;
  const k = fullLoad / rating;
  // k out² + out − left = 0; the form without cancellation.
  const discriminant = 1 + 4 * k * left;
  return discriminant <= 0 ? left : (2 * left) / (1 + Math.sqrt(discriminant));
}
