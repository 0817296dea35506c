import { ManualClock, type Reading } from '../../src/core/index.js';
import { examplePlant } from '../../src/twin/index.js';

/** When the readings of a campaign begin. */
export const START = Date.UTC(2026, 5, 1, 6);

/** Where a worker process works, and on what; given to it as JSON. */
export interface Place {
  readonly nats: readonly string[];
  readonly name: string;
  readonly partitions: number;
  readonly replicas: 1 | 3;
  readonly postgres: string;
  readonly schema: string;
  readonly redis?: string | undefined;
  readonly assets: number;
  /** Seconds between the readings of an asset. */
  readonly step: number;
  /** Readings of one transaction at most. */
  readonly group?: number | undefined;
  readonly beat: number;
  readonly ttl: number;
  readonly id: string;
  /** Acknowledged means on disk. */
  readonly durable: boolean;
}

/** The names of the fleet. */
export function idsOf(assets: number): string[] {
  return Array.from({ length: assets }, (_, i) => `plant-${i}`);
}

/** The fleet: one kind of plant, so that its models are made once. */
export function fleetOf(assets: number) {
  return idsOf(assets).map((id) => examplePlant('home', id));
}

/** The monitors' options: a clock that stands still, so that two runs write the same. */
export function monitorOptions() {
  return { models: { soundDays: 3, fleet: 0 }, clock: new ManualClock(START + 60 * 86_400_000) } as const;
}

/**
 * A reading that follows from asset and number alone: two runs send the same, and nothing has to be kept. It has the shape of a
 * bright day; in every seventh hour of numbers each eighth asset gives little, so that there are alerts.
 */
export function readingOf(asset: number, number: number, step: number): Reading {
  const time = START + number * step * 1_000;
  const sun = 0.55 + 0.4 * Math.sin(number / 97 + asset);
  const ripple = 1 + 0.01 * Math.sin(number * 1.7 + asset * 0.3);
  const ill = asset % 8 === 0 && Math.floor(number / 60) % 7 === 3;
  const power = 5_000 * sun * ripple * (ill ? 0.2 : 1);
  return {
    assetId: `plant-${asset}`,
    time,
    values: {
      irradiance: 1_000 * sun,
      solarPower: power,
      temperature: 25 + 25 * sun,
      voltage: 230 + Math.sin(number),
      current: power / 230,
      batteryLevel: 50 + 20 * Math.sin(number / 500),
      windSpeed: 2 + Math.sin(number / 30),
      humidity: 50,
    },
  };
}
