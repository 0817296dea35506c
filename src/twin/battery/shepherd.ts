import { exp } from '../../core/math/index.js';
import type { Chemistry } from '../library/batteries.js';

/** Constants of the modified Shepherd equation for one cell. */
export interface ShepherdCell {
  /** Voltage constant, V. */
  readonly e0: number;
  /** Polarisation constant, V/Ah, for a cell of `capacity`. */
  readonly k: number;
  /** Amplitude of the exponential zone, V. */
  readonly a: number;
  /** Inverse of the charge of the exponential zone, 1/Ah, for a cell of `capacity`. */
  readonly b: number;
  /** Internal resistance, Ω, for a cell of `capacity`. */
  readonly r: number;
  /** Capacity the constants belong to, Ah. */
  readonly capacity: number;
  /** Change of the voltage constant with temperature, V/K. */
  readonly e0Slope: number;
  /** Relative change of the capacity with temperature, 1/K. */
  readonly capacitySlope: number;
  /** Arrhenius constant of resistance and polarisation, K. */
  readonly arrhenius: number;
}

/** Points of a discharge curve on a data sheet. */
export interface DischargeCurve {
  /** Voltage when full, V. */
  readonly full: number;
  /** Voltage and charge at the end of the exponential zone, V, Ah. */
  readonly exponential: readonly [voltage: number, charge: number];
  /** Voltage and charge at the end of the nominal zone, V, Ah. */
  readonly nominal: readonly [voltage: number, charge: number];
  /** Capacity, Ah. */
  readonly capacity: number;
  /** Internal resistance, Ω. */
  readonly resistance: number;
  /** Current of the curve, A. */
  readonly current: number;
}

/** The constants of a cell from three points of its discharge curve (Tremblay & Dessaint 2009, section 3). */
export function shepherdFromCurve(
  curve: DischargeCurve,
): Pick<ShepherdCell, 'e0' | 'k' | 'a' | 'b' | 'r' | 'capacity'> {
  const { full, exponential, nominal, capacity, resistance, current } = curve;
  const a = full - exponential[0];
  const b = 3 / exponential[1];
  const k =
    ((full - nominal[0] + a * (exp(-b * nominal[1]) - 1)) * (capacity - nominal[1])) /
    (capacity * (nominal[1] + current));
  return { e0: full + k * current + resistance * current - a, k, a, b, r: resistance, capacity };
}

/**
 * Cells by chemistry. LFP: the 3.3 V, 2.3 Ah cell of Tremblay & Dessaint (2009, table 3). NMC: from the discharge curve
 * that is usual on data sheets of 3.6 V cells (4.18 V full, 4.0 V after 7 %, 3.5 V after 88 % at a fifth of the
 * capacity an hour). Temperature terms after Zhu et al. (2019): a few tenths of a mV per K, and resistance that doubles
 * from 25 °C to about 5 °C.
 */
export const shepherdCells: Readonly<Record<Chemistry, ShepherdCell>> = {
  LFP: {
    e0: 3.366,
    k: 0.0076,
    a: 0.26422,
    b: 26.5487,
    r: 0.01,
    capacity: 2.3,
    e0Slope: 0.0002,
    capacitySlope: 0.004,
    arrhenius: 2800,
  },
  NMC: {
    ...shepherdFromCurve({
      full: 4.18,
      exponential: [4.0, 0.182],
      nominal: [3.5, 2.29],
      capacity: 2.6,
      resistance: 0.03,
      current: 0.52,
    }),
    e0Slope: 0.0003,
    capacitySlope: 0.0045,
    arrhenius: 2800,
  },
};
