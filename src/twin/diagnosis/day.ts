import type { InverterDay } from './inverter-days.js';

/** Cells of one series on one day: values and how many rows each stands on. */
export interface DayCells {
  /** Median of the residual, by filled cell. */
  readonly value: readonly number[];
  readonly rows: readonly number[];
  /** Which cell, 0…23. */
  readonly cell: readonly number[];
  /** Mean light (W/m²), cell temperature (°C) and load (share of the rating) of its rows. */
  readonly light: readonly number[];
  readonly temperature: readonly number[];
  readonly load: readonly number[];
  /** Median step of the residual from one row to the next, ramps apart; NaN where there were too few rows. */
  readonly restless: number;
}

/** A day of a plant in numbers: all that diagnosis keeps of it. */
export interface DaySummary {
  /** Start of the solar day, ms since the epoch. */
  readonly start: number;
  /** Time of its last row. */
  readonly end: number;
  /** By series; null where nothing could be measured. */
  readonly cells: readonly (DayCells | null)[];
  readonly inverters: readonly InverterDay[];
  /** Share of the daylight rows that are absent, by channel. */
  readonly absent: readonly number[];
  /** Share of the daylight rows at which a channel repeats itself while others move, by channel. */
  readonly frozen: readonly number[];
  /** Scatter of each signal from row to row (median absolute difference of its residuals); NaN where it was not seen. */
  readonly scatter: readonly number[];
  /** Share of the rows of each signal that lie far out of their neighbours. */
  readonly spikes: readonly number[];
  /** Dawn and dusk of light and of power against the sun, minutes late; NaN where they could not be seen. */
  readonly dawn: readonly [light: number, power: number];
  readonly dusk: readonly [light: number, power: number];
  /** Rain, mm; NaN where nobody measures it. */
  readonly rain: number;
  /** Light of the day on the first array, kWh/m², and mean temperature of the air, °C (NaN where nobody measures it). */
  readonly insolation: number;
  readonly air: number;
  /** Greatest value of each channel; NaN where it was silent. */
  readonly peaks: readonly number[];
}
