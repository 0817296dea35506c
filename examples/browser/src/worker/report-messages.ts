import type { Mapping } from '../csv/guess.js';

/** What a visitor says of a file of their own. */
export interface ReportRequest {
  readonly text: string;
  readonly time: { readonly column: string; readonly zone: string };
  readonly mapping: Mapping;
  readonly latitude: number;
  readonly longitude: number;
  /** Rated AC power of the inverters, W. */
  readonly rating: number;
  /** Degrees, where they are known. */
  readonly tilt: number | null;
  readonly azimuth: number | null;
}

/** What the report shows. */
export interface Report {
  readonly sentence: string;
  readonly rows: number;
  readonly setAside: number;
  /** A day a row: measured and expected energy, kWh. */
  readonly days: { readonly time: readonly number[]; readonly measured: number[]; readonly expected: number[] };
  readonly parameters: readonly { readonly title: string; readonly value: string; readonly told: number }[];
  readonly notes: readonly string[];
  readonly outages: readonly { readonly from: number; readonly to: number }[];
}

/** What the worker of the report does. */
export type ReportTasks = { report: { readonly input: ReportRequest; readonly output: Report } };
