import type { MonitorEvents } from 'twinergy';
import type { DigitalTwinState } from 'twinergy/twin';

/** What makes one demonstration: with the same values the same weather and the same faults come. */
export interface DemoConfig {
  readonly plant: 'home' | 'roof' | 'field';
  readonly seed: number;
  /** Simulated time at which the live part begins, ms since the epoch. */
  readonly start: number;
  /** Simulated seconds a second. */
  readonly speed: number;
  /** Fault → severity 0…1. */
  readonly faults: Readonly<Record<string, number>>;
}

/** A frame as plain data. */
export interface PlainFrame {
  readonly time: Float64Array;
  readonly columns: Readonly<Record<string, { readonly data: Float64Array; readonly unit: string }>>;
}

/** What the page is told when the plant is there. */
export interface Begun {
  readonly name: string;
  readonly assetId: string;
  readonly timeZone: string;
  /** Rated AC power, W. */
  readonly rating: number;
  /** The last days: `acPower`, `acPower.expected`, `irradiance`. */
  readonly history: PlainFrame;
  /** Whether it goes on from what this browser had kept. */
  readonly resumed: boolean;
}

/** What the store holds. */
export interface Kept {
  readonly readings: number;
  readonly bytes: number | null;
}

/** What the worker does for the page. */
export type PlantTasks = {
  /** Begins a plant, or goes on with one that this browser had kept. */
  begin: {
    readonly input: { readonly config: DemoConfig; readonly kept: DigitalTwinState | null };
    readonly output: Begun;
  };
  /** Loads the monitor, gives it the days before, and lets time go on. */
  watch: { readonly input: null; readonly output: { readonly alerts: readonly MonitorEvents['alert'][] } };
  /** What the database holds of the last days, with what was expected. */
  recent: { readonly input: null; readonly output: PlainFrame };
  /** Makes the models of anomalies and remaining life. */
  learn: { readonly input: null; readonly output: null };
  setFaults: { readonly input: DemoConfig['faults']; readonly output: null };
  /** 0 halts. */
  setSpeed: { readonly input: number; readonly output: null };
  acknowledge: { readonly input: string; readonly output: null };
  /** A random forest on the twin's last month: the next 24 hours. */
  forecast: { readonly input: null; readonly output: PlainFrame };
  /** A year of hourly power for training networks, with the clear sky beside it. */
  year: { readonly input: null; readonly output: PlainFrame };
  kept: { readonly input: null; readonly output: Kept };
  /** Forgets what this browser has kept. */
  forget: { readonly input: null; readonly output: null };
};

/** The state of the plant, for going on after a reload. */
export interface PostedState {
  readonly kind: 'plant-state';
  readonly config: DemoConfig;
  readonly twin: DigitalTwinState;
}

/** Events of the monitor as they are posted. Frames in them are plain. */
export interface PostedEvent {
  readonly kind: 'monitor-event';
  readonly name: keyof MonitorEvents & string;
  readonly payload: unknown;
}

/** The faults that can be stirred in, with what the slider says. */
export const FAULTS: readonly { readonly id: string; readonly title: string; readonly where: 'plant' | 'sensor' }[] = [
  { id: 'soiling', title: 'Dust on the glass', where: 'plant' },
  { id: 'shading', title: 'Shade of an obstacle', where: 'plant' },
  { id: 'string-open', title: 'A string is off', where: 'plant' },
  { id: 'series-resistance', title: 'Corroded contacts', where: 'plant' },
  { id: 'inverter-efficiency', title: 'Inverter loses power', where: 'plant' },
  { id: 'inverter-derating', title: 'Inverter overheats', where: 'plant' },
  { id: 'inverter-trip', title: 'Inverter trips', where: 'plant' },
  { id: 'bias', title: 'A sensor is off', where: 'sensor' },
];
