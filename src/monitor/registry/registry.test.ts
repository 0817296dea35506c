import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame, ManualClock, Random } from '../../core/index.js';
import { memoryStorage } from '../../storage/index.js';
import {
  accuracyByHorizon,
  cardToMarkdown,
  DriftMonitor,
  fingerprint,
  ModelRegistry,
  ShadowRun,
  settleForecasts,
  settleLives,
} from './index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function normal(rows: number, mean: number, seed = 1): Frame {
  const random = new Random(seed);
  return new Frame(
    Float64Array.from({ length: rows }, (_, i) => i * HOUR),
    { x: { data: Float64Array.from({ length: rows }, () => random.normal(mean, 1)), unit: 'W' } },
  );
}

/** The sums of a run but for the products. */
function sumsOf(run: ShadowRun) {
  const { products: _products, ...sums } = run.toJSON();
  return sums;
}

describe('ModelRegistry', () => {
  it('keeps versions, promotes, rolls back, and lets a shadow run', async () => {
    const clock = new ManualClock(0);
    const registry = new ModelRegistry(await memoryStorage(), { clock });
    expect(await registry.load('m')).toBeUndefined();
    const first = await registry.register('m', { kind: 'K', data: { a: 1 }, metrics: { error: 2 } });
    expect((await registry.line('m'))?.current).toBeNull();
    await registry.promote('m', first.version, { by: 'Ada' });
    const second = await registry.register('m', { kind: 'K', data: { a: 2 }, fingerprint: fingerprint(normal(50, 0)) });
    await registry.setShadow('m', second.version);
    expect(await registry.load('m')).toEqual({ version: 1, data: { a: 1 } });
    const line = await registry.promote('m', second.version);
    expect(line).toMatchObject({ current: 2, shadow: null });
    expect(await registry.load('m')).toEqual({ version: 2, data: { a: 2 } });
    await registry.rollback('m');
    expect((await registry.load('m'))?.version).toBe(1);
    await expect(registry.rollback('m')).rejects.toMatchObject({ code: 'REGISTRY_NO_EARLIER' });
    await expect(registry.promote('m', 9)).rejects.toMatchObject({ code: 'REGISTRY_UNKNOWN_MODEL' });
    await expect(registry.card('n')).rejects.toMatchObject({ code: 'REGISTRY_UNKNOWN_MODEL' });
  });

  it('lets go of old versions, but never of one in use or the one before it', async () => {
    const registry = new ModelRegistry(await memoryStorage(), { keep: 2 });
    for (let v = 1; v <= 2; v++) {
      await registry.register('m', { kind: 'K', data: v });
      await registry.promote('m', v);
    }
    for (let v = 3; v <= 8; v++) await registry.register('m', { kind: 'K', data: v });
    expect((await registry.line('m'))?.versions.map(({ version }) => version)).toEqual([1, 2, 6, 7, 8]);
    expect(await registry.load('m', 4)).toBeUndefined();
    expect((await registry.rollback('m')).current).toBe(1);
    expect((await registry.load('m'))?.data).toBe(1);
  });

  it('takes a version into use, or lets it run beside, with the transaction that keeps it', async () => {
    const registry = new ModelRegistry(await memoryStorage(), { clock: new ManualClock(5) });
    await registry.register('m', { kind: 'K', data: 1, place: 'current', why: 'the first' });
    await registry.register('m', { kind: 'K', data: 2, place: 'shadow' });
    expect(await registry.line('m')).toMatchObject({
      current: 1,
      shadow: 2,
      history: [{ version: 1, time: 5, why: 'the first' }],
    });
    await registry.register('m', { kind: 'K', data: 3, place: 'current' });
    expect(await registry.line('m')).toMatchObject({ current: 3, shadow: 2 });
    expect((await registry.rollback('m')).current).toBe(1);
  });

  it('writes a card in Markdown', async () => {
    const registry = new ModelRegistry(await memoryStorage(), { clock: new ManualClock(0) });
    await registry.register('m', {
      kind: 'K',
      data: null,
      fingerprint: fingerprint(normal(50, 0)),
      metrics: { coverage80: 0.8123456 },
      card: { purpose: 'Tests.', limits: ['Nothing real.'] },
    });
    const text = cardToMarkdown(await registry.card('m'));
    for (const part of ['# m, version 1', 'Tests.', '| coverage80 | 0.8123 |', '- Nothing real.', '| x | W |'])
      expect(text).toContain(part);
  });
});

describe('fingerprint', () => {
  it('is the same for the same data, and another for others', () => {
    expect(fingerprint(normal(100, 0))).toEqual(fingerprint(normal(100, 0)));
    expect(fingerprint(normal(100, 0)).hash).not.toBe(fingerprint(normal(100, 0, 2)).hash);
    const x = fingerprint(normal(5000, 3)).columns.x;
    expect(x?.mean).toBeCloseTo(3, 1);
    expect(x?.deviation).toBeCloseTo(1, 1);
    expect(fingerprint(new Frame(new Float64Array(0), {}))).toMatchObject({ rows: 0, from: null });
  });
});

describe('DriftMonitor', () => {
  const trained = fingerprint(normal(2000, 0));
  const run = (monitor: DriftMonitor, mean: number, rows: number, seed: number) => {
    const values = normal(rows, mean, seed).column('x');
    return Array.from(values).flatMap((x, i) => monitor.step(i, { x, unknown: 1 }));
  };

  it('is quiet on data like those of the training, and proposes a refit on others', () => {
    const monitor = new DriftMonitor(trained);
    expect(run(monitor, 0, 3000, 2)).toEqual([]);
    expect(run(monitor, 1.5, 300, 3)[0]).toMatchObject({ channel: 'x' });
  });

  it('goes on after a restart as if there had been none', () => {
    const whole = new DriftMonitor(trained);
    run(whole, 0, 500, 4);
    const again = new DriftMonitor(trained);
    again.restore(JSON.parse(JSON.stringify(whole)));
    expect(run(again, 0.6, 800, 5)).toEqual(run(whole, 0.6, 800, 5));
    expect(JSON.stringify(again)).toBe(JSON.stringify(whole));
  });
});

describe('ShadowRun', () => {
  // Whole numbers, so that sums do not depend on their order.
  const losses = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 40 });
  const runOver = (cases: readonly (readonly [number, number])[]) => {
    const run = new ShadowRun();
    for (const [current, shadow] of cases) run.add(current, shadow);
    return run;
  };

  it('of parts add up to one over all, but for the neighbours at their edges', () => {
    fc.assert(
      fc.property(fc.array(losses, { maxLength: 5 }), (parts) => {
        const merged = new ShadowRun();
        for (const part of parts) merged.merge(runOver(part).toJSON());
        const whole = runOver(parts.flat());
        const edges = parts.filter((part) => part.length > 0);
        let { products } = whole.toJSON();
        for (let i = 1; i < edges.length; i++) {
          const [a = 0, b = 0] = edges[i - 1]?.at(-1) ?? [];
          const [c = 0, d = 0] = edges[i]?.[0] ?? [];
          products -= (b - a) * (d - c);
        }
        const pairs = whole.toJSON().pairs - Math.max(0, edges.length - 1);
        const { products: mergedProducts, ...sums } = merged.toJSON();
        expect(sums).toEqual({ ...sumsOf(whole), pairs, last: null });
        expect(mergedProducts).toBeCloseTo(products, 9);
        const { cases, current, shadow, difference } = whole.report;
        expect(merged.report).toMatchObject({ cases, current, shadow, difference });
      }),
    );
  });

  it('goes on after a break as if there had been none', () => {
    fc.assert(
      fc.property(losses, losses, (before, after) => {
        const again = ShadowRun.fromJSON(JSON.parse(JSON.stringify(runOver(before))));
        for (const [current, shadow] of after) again.add(current, shadow);
        expect(JSON.stringify(again)).toBe(JSON.stringify(runOver([...before, ...after])));
        expect(again.report).toEqual(runOver([...before, ...after]).report);
      }),
    );
  });

  it('waits until it is sure', () => {
    const random = new Random(1);
    const shadow = new ShadowRun();
    for (let i = 0; i < 40; i++) shadow.add(random.normal(1, 0.1), random.normal(0.5, 0.1));
    expect(shadow.report.verdict).toBe('wait');
    for (let i = 0; i < 40; i++) shadow.add(random.normal(1, 0.1), random.normal(0.5, 0.1));
    shadow.add(Number.NaN, 1);
    expect(shadow.report).toMatchObject({ verdict: 'promote', cases: 80 });
  });
});

describe('accuracy', () => {
  it('is told by horizon, with calibration', () => {
    const settled = [1, 2, 30].map((horizon) => ({ horizon, predicted: 10, truth: 8, low: 9, high: 12, level: 80 }));
    expect(accuracyByHorizon(settled, [0, 7, 60])).toEqual([
      { from: 0, to: 7, count: 2, meanAbsoluteError: 2, bias: 2, rootMeanSquareError: 2, coverage: 0, promised: 0.8 },
      { from: 7, to: 60, count: 1, meanAbsoluteError: 2, bias: 2, rootMeanSquareError: 2, coverage: 0, promised: 0.8 },
    ]);
  });

  it('settles what is in storage', async () => {
    const storage = await memoryStorage();
    await storage.registerChannels([{ name: 'x', unit: 'W' }]);
    await storage.writeFrame('a', normal(48, 100));
    await storage.put('predictions', [
      { id: '1', time: 0, assetId: 'a', kind: 'power', targetTime: 3 * HOUR, value: 90, low: 80, high: 99, level: 80 },
      { id: '2', time: 0, assetId: 'a', kind: 'power', targetTime: 300 * HOUR, value: 90 },
      { id: '3', time: 2 * DAY, assetId: 'a', kind: 'rul', value: 10, low: 5, high: 20, level: 80 },
    ]);
    const forecasts = await settleForecasts(storage, { assetId: 'a', from: 0, to: DAY }, 'x');
    expect(forecasts).toMatchObject([{ horizon: 3, predicted: 90, truth: normal(48, 100).column('x')[3] }]);
    const lives = await settleLives(storage, { assetId: 'a', from: 0, to: 9 * DAY }, 9 * DAY);
    expect(lives).toMatchObject([{ truth: 7, predicted: 10 }]);
  });
});
