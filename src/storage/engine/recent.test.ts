import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Frame } from '../../core/frame.js';
import type { HourMark } from '../contract/engine.js';
import type { Storage } from '../contract.js';
import { sqliteStorage } from '../sqlite/index.js';
import { newStamp, RecentFrames } from './recent.js';

const hour = 3_600_000;
const step = 10_000;

/** `hours` hours at 10 s. */
function frameOf(from: number, hours: number, level: number): Frame {
  const time = Float64Array.from({ length: (hours * hour) / step }, (_, i) => from + i * step);
  return new Frame(time, { voltage: { data: time.map((t) => level + Math.sin(t)), unit: 'V' } });
}

const rows = (from: number, count: number) => ({
  assetIds: new Array<string>(count).fill('a'),
  time: Array.from({ length: count }, (_, i) => from + i * step),
  channels: ['voltage'],
  columns: [Float64Array.from({ length: count }, (_, i) => i)],
  quality: undefined,
});
const marks = (from: number, count: number, version: number): HourMark[] =>
  Array.from({ length: count }, (_, i) => ({ assetId: 'a', hour: from + i, version }));

describe('frames written last', () => {
  it('are found by the hours of which they are all that was ever written', () => {
    const recent = new RecentFrames();
    const stamp = newStamp();
    recent.remember('t', stamp, rows(0, 720));
    const block = recent.find('t', 'a', marks(1, 1, stamp), ['none', 'voltage']);
    expect(block?.time).toEqual(Float64Array.from({ length: 360 }, (_, i) => hour + i * step));
    expect(block?.columns[1]?.[0]).toBe(360);
    expect(block?.columns[0]?.every(Number.isNaN)).toBe(true);
    expect(recent.find('other', 'a', marks(0, 2, stamp), ['voltage'])).toBeUndefined();
    expect(recent.find('t', 'b', marks(0, 2, stamp), ['voltage'])).toBeUndefined();
    expect(recent.find('t', 'a', marks(0, 2, stamp + 1), ['voltage'])).toBeUndefined();
    expect(recent.find('t', 'a', [...marks(0, 1, stamp), ...marks(2, 1, stamp)], ['voltage'])).toBeUndefined();
    expect(recent.find('t', 'a', [], ['voltage'])).toBeUndefined();
  });

  it('are let go, the oldest first, when they are many', () => {
    const recent = new RecentFrames();
    for (let stamp = 1; stamp <= 3; stamp++) recent.remember('t', stamp, rows(0, 200_000));
    expect(recent.find('t', 'a', marks(0, 1, 1), ['voltage'])).toBeUndefined();
    expect(recent.find('t', 'a', marks(0, 1, 3), ['voltage'])?.time.length).toBe(360);
    recent.remember('t', 4, rows(0, 600_000));
    expect(recent.find('t', 'a', marks(0, 1, 4), ['voltage'])).toBeUndefined();
  });

  it('have stamps of their own', () => {
    const stamps = Array.from({ length: 1_000 }, newStamp);
    expect(new Set(stamps).size).toBe(1_000);
    expect(stamps.every((stamp) => stamp > 0 && Number.isSafeInteger(stamp + 2 ** 40))).toBe(true);
  });
});

describe('roll-ups of frames written last', () => {
  let folder = '';
  let ours: Storage;
  /** Another store on the same file, which remembers nothing of what the first one wrote. */
  let other: Storage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinergy-recent-'));
    ours = await sqliteStorage(join(folder, 'plant.db'));
    other = await sqliteStorage(join(folder, 'plant.db'));
  });
  afterAll(async () => {
    await Promise.all([ours.close(), other.close()]);
    await rm(folder, { recursive: true });
  });

  async function expectRight(assetId: string): Promise<void> {
    const rolled = await ours.rollup({ assetId, channel: 'voltage', step: '1h' });
    // The same rows again, as another asset, rolled up by the store that has to read them.
    await ours.writeFrame(`${assetId} again`, await ours.read({ assetId }));
    const read = await other.rollup({ assetId: `${assetId} again`, channel: 'voltage', step: '1h' });
    expect(rolled.toCsv()).toBe(read.toCsv());
  }

  it('are those of the rows that are stored', async () => {
    await ours.writeFrame('plain', frameOf(0, 30, 100));
    await expectRight('plain');
  });

  it('know of readings that came later, from here or from another process', async () => {
    await ours.writeFrame('late', frameOf(0, 3, 100));
    await ours.write([{ assetId: 'late', time: hour + 1, values: { voltage: 900 } }]);
    await other.write([{ assetId: 'late', time: 2 * hour + 1, values: { voltage: -900 } }]);
    await expectRight('late');
    const rolled = await ours.rollup({ assetId: 'late', channel: 'voltage', step: '1h' });
    expect([rolled.column('max')[1], rolled.column('min')[2]]).toEqual([900, -900]);
  });

  it('know of what was there before', async () => {
    await other.write([{ assetId: 'before', time: hour + 1, values: { voltage: 900 } }]);
    await ours.writeFrame('before', frameOf(0, 3, 100));
    await expectRight('before');
    await ours.writeFrame('before', frameOf(hour + 5_000, 2, 50));
    await expectRight('before');
  });

  it('know of hours that were deleted and written anew by another process', async () => {
    await ours.writeFrame('anew', frameOf(0, 2, 100));
    await other.retain({ telemetry: 0 }, { now: 10 * hour });
    await other.writeFrame('anew', frameOf(0, 2, 500));
    await expectRight('anew');
    expect((await ours.rollup({ assetId: 'anew', channel: 'voltage', step: '1h' })).column('min')[0]).toBeGreaterThan(
      400,
    );
  });
});
