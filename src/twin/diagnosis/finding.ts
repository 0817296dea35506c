import type { FaultLayer } from '../faults/index.js';

/** A cause that may stand behind what was seen. */
export interface Candidate {
  /** Id of the catalogue. */
  readonly kind: string;
  readonly layer: FaultLayer;
  /** String, array, inverter or channel; undefined for the whole plant. */
  readonly target: string | undefined;
  readonly probability: number;
}

/** What diagnosis found at the end of a day. */
export interface Finding extends Candidate {
  /** On the catalogue's scale, 0…1. */
  readonly severity: number;
  /** Onset, when it was first reported and when evidence for it was last seen, ms since the epoch. */
  readonly since: number;
  readonly reported: number;
  readonly seen: number;
  /** Energy lost since the onset, kWh, and a day of late. 0 where the plant is well. */
  readonly lostEnergyKwh: number;
  readonly lostPerDayKwh: number;
  /** How far the residuals stand from a sound plant's along this cause, standard deviations. */
  readonly strength: number;
  /** Every cause that was thought of, the likeliest first, with this one at its head. */
  readonly candidates: readonly Candidate[];
  /** Other kinds, or the same in another place, that the channels cannot tell from this one. */
  readonly indistinct: readonly Candidate[];
  /** In words and numbers. */
  readonly evidence: readonly string[];
}

/** What was held at the end of a day. */
export interface DayReport {
  /** Start of the solar day and time of its last row, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** Ranked: what costs most certainty first. Empty when all is well. */
  readonly findings: readonly Finding[];
}
