import type { DaySummary } from './day.js';

/** Something that shows in what the plant and its instruments did, not in how much. */
export interface EventSign {
  readonly kind: string;
  readonly layer: 'plant' | 'measurement' | 'none';
  readonly target: string | undefined;
  /** The other channel that the same fault has put wrong, where there is one. */
  readonly other?: string;
  readonly severity: number;
  /** Index of the day on which it began, among the days looked at. */
  readonly from: number;
  readonly strength: number;
  readonly words: string;
  /** kWh that it cost on a day; undefined where the plant is well. */
  readonly lost: ((day: DaySummary) => number) | undefined;
}

/** What a healthy period shows of the instruments. */
export interface EventBaseline {
  readonly absent: readonly number[];
  readonly frozen: readonly number[];
  readonly dawn: readonly [number, number];
  readonly dusk: readonly [number, number];
  /** Spread of dawn and dusk, minutes. */
  readonly twilight: number;
  /** Trips a day. */
  readonly trips: number;
  /** Median scatter of each signal from row to row. */
  readonly scatter: readonly number[];
  /** How restless each series is on its worst days but a few; 0 where it was not seen. */
  readonly restless: readonly number[];
  /** Share of the rows of each signal that are spikes: on the worst days but a few, and in the mean. */
  readonly spikes: readonly number[];
  readonly usualSpikes: readonly number[];
  /** Least and greatest daily peak of each channel. */
  readonly peaks: readonly (readonly [least: number, most: number])[];
}

/** Days that an event may reach back. */
export const REACH = 14;

/** A share in words. */
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
