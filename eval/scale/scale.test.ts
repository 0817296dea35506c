import { expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { EventHeap } from './heap.js';
import { simulate } from './simulate.js';
import { BUSY, sized } from './size.js';

const times = {
  workerReading: 1e-4,
  workerGroup: 0,
  waitReading: 0,
  waitGroup: 0,
  databaseReading: 5e-5,
  databaseGroup: 0,
  natsReading: 0,
};
const base = {
  times,
  partitions: 16,
  connections: 10,
  group: 1_000,
  message: 100,
  duration: 20,
  seed: 1,
  load: Number.POSITIVE_INFINITY,
};

it('a heap gives events in the order of their time', () => {
  const random = new Random(1);
  const heap = new EventHeap<number>();
  const list = Array.from({ length: 500 }, () => random.next());
  for (const time of list) heap.push(time, time);
  const out: number[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next.event);
  expect(out).toEqual([...list].sort((a, b) => a - b));
});

it('plays what can be worked out by hand', () => {
  // The slower of two stages side by side sets the pace.
  expect(simulate({ ...base, workers: 1, cores: 4, shared: false }).rate / 10_000).toBeCloseTo(1, 1);
  expect(simulate({ ...base, workers: 3, cores: 4, shared: false }).rate / 30_000).toBeCloseTo(1, 1);
  // Two processors for all: 1 / (1e-4 + 5e-5) readings of each.
  expect(simulate({ ...base, workers: 4, cores: 2, shared: true }).rate / (2 / 1.5e-4)).toBeCloseTo(1, 1);
  // What a worker is held up takes its time, but none of a processor: four workers still fill two of them.
  const waiting = { ...times, waitReading: 1e-4 };
  expect(simulate({ ...base, times: waiting, workers: 1, cores: 2, shared: true }).rate / 5_000).toBeCloseTo(1, 1);
  expect(simulate({ ...base, times: waiting, workers: 4, cores: 2, shared: true }).rate / (2 / 1.5e-4)).toBeCloseTo(
    1,
    1,
  );
  // What NATS takes comes on top.
  const natsReading = 5e-5;
  expect(
    simulate({ ...base, times: { ...times, natsReading }, workers: 4, cores: 2, shared: true }).rate / (2 / 2e-4),
  ).toBeCloseTo(1, 1);
  // A database of one processor holds eight workers up.
  const held = simulate({ ...base, workers: 8, cores: 1, shared: false });
  expect(held.rate / 20_000).toBeCloseTo(1, 1);
  expect(held.databaseBusy).toBeGreaterThan(0.98);
});

it('at half load takes what comes and waits little; beyond it, the backlog grows', () => {
  const half = simulate({ ...base, workers: 2, cores: 2, shared: false, load: 10_000, message: 20 });
  expect(half.rate / 10_000).toBeCloseTo(1, 1);
  expect(half.workerBusy).toBeCloseTo(0.5, 1);
  expect(half.p99).toBeLessThan(0.1);
  const over = simulate({ ...base, workers: 2, cores: 2, shared: false, load: 30_000, message: 20 });
  expect(over.rate / 20_000).toBeCloseTo(1, 1);
  expect(over.backlog).toBeGreaterThan(100_000);
});

it('a size keeps to the rule of how busy anything may be, and is not much greater', () => {
  const small = {
    workerReading: 1e-4,
    workerGroup: 2e-3,
    waitReading: 0,
    waitGroup: 0,
    databaseReading: 5e-5,
    databaseGroup: 2e-3,
    natsReading: 1e-5,
  };
  const { regions, workers, within } = sized({ times: small, serverCores: 4, load: 20_000 });
  expect(within.rate * regions).toBeGreaterThan(19_000);
  expect(within.workerBusy).toBeLessThanOrEqual(BUSY);
  expect(within.databaseBusy).toBeLessThanOrEqual(BUSY);
  // What the readings alone take of a worker is the least there can be.
  expect(regions * workers).toBeGreaterThanOrEqual(Math.ceil((20_000 * 1e-4) / BUSY));
  expect(within.workerBusy).toBeGreaterThan(0.4);
  expect(regions).toBe(2);
});
