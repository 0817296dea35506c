import { type DemoConfig, FAULTS } from './worker/messages.js';

/** A summer's day of this year: there is something to see. */
const START = Date.UTC(new Date().getUTCFullYear(), 5, 15, 8);

const PLANTS = ['home', 'roof', 'field'] as const;

/** What a visitor begins with. */
const initial: DemoConfig = { plant: 'home', seed: 1, start: START, speed: 1000, faults: {} };

/** The part of the address that says what is shown, so that it can be shared. */
export function toHash({ plant, seed, start, speed, faults }: DemoConfig): string {
  const query = new URLSearchParams({
    plant,
    seed: String(seed),
    start: new Date(start).toISOString().slice(0, 16),
    speed: String(speed),
  });
  for (const [id, severity] of Object.entries(faults)) if (severity > 0) query.set(`fault.${id}`, severity.toFixed(2));
  return `#${query}`;
}

/** What an address says; what it does not say, or says wrongly, is as at first. */
export function fromHash(hash: string): DemoConfig {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const number = (name: string, otherwise: number, least: number, most: number) => {
    const value = Number(query.get(name) ?? Number.NaN);
    return Number.isFinite(value) && value >= least && value <= most ? value : otherwise;
  };
  const start = Date.parse(`${query.get('start')}Z`);
  const faults = Object.fromEntries(
    FAULTS.map(({ id }) => [id, number(`fault.${id}`, 0, 0, 1)] as const).filter(([, severity]) => severity > 0),
  );
  return {
    plant: PLANTS.find((name) => name === query.get('plant')) ?? initial.plant,
    seed: Math.floor(number('seed', initial.seed, 0, 1e9)),
    start: Number.isFinite(start) ? start : initial.start,
    speed: number('speed', initial.speed, 0, 100_000),
    faults,
  };
}
