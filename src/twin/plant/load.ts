import { Random } from '../../core/index.js';
import type { PlantLoad } from '../description/plant.js';

const HOUR = 3_600_000;

/** Share of the mean power by the hour of the day; each list has the mean 1. */
const shapes: Readonly<Record<PlantLoad['profile'], readonly number[]>> = {
  // After the German standard load profiles H0 and G0 (VDEW 1999), coarsely.
  household: [
    0.55, 0.45, 0.4, 0.4, 0.4, 0.5, 0.8, 1.1, 1.15, 1.1, 1.1, 1.2, 1.3, 1.2, 1.05, 1, 1.05, 1.25, 1.6, 1.75, 1.6, 1.3,
    1.05, 0.7,
  ],
  office: [
    0.45, 0.42, 0.4, 0.4, 0.42, 0.5, 0.75, 1.1, 1.6, 1.9, 2, 2, 1.85, 1.8, 1.75, 1.6, 1.4, 1.15, 0.85, 0.65, 0.55, 0.5,
    0.48, 0.48,
  ],
  constant: new Array<number>(24).fill(1),
};

/** Power of a load at a time, W: its profile with the ups and downs of a quarter of an hour. */
export function loadPower(load: PlantLoad, hour: number, time: number, seed: number): number {
  const shape = shapes[load.profile];
  const index = Math.min(23, Math.floor(hour));
  const x = hour - index;
  const level = (shape[index] as number) * (1 - x) + (shape[(index + 1) % 24] as number) * x;
  const mean = (load.annualEnergy * 1000) / 8766;
  if (load.profile === 'constant') return mean;
  const swing = new Random(seed + Math.floor(time / (HOUR / 4))).split(load.id).uniform(0.6, 1.4);
  return mean * level * swing;
}
