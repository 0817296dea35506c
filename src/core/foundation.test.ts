import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acceleratedClock, ManualClock, systemClock } from './clock.js';
import { durationMs } from './duration.js';
import { MissingPeerError, quote, TwinergyError } from './errors.js';
import { TypedEvents } from './events.js';
import { runAsync, runSync, type Work } from './work.js';

describe('clocks', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('the manual clock fires timers in order, each at its own time', () => {
    const clock = new ManualClock(100);
    const fired: [string, number][] = [];
    clock.schedule(20, () => fired.push(['late', clock.now()]));
    clock.schedule(10, () => {
      fired.push(['early', clock.now()]);
      clock.schedule(5, () => fired.push(['nested', clock.now()]));
    });
    clock.schedule(10, () => fired.push(['second', clock.now()]));
    clock.schedule(12, () => fired.push(['cancelled', 0]))();
    clock.advance(30);
    expect(fired).toStrictEqual([
      ['early', 110],
      ['second', 110],
      ['nested', 115],
      ['late', 120],
    ]);
    expect(clock.now()).toBe(130);
    clock.set(50);
    expect(clock.now()).toBe(50);
  });

  it('waits longer than hosts can, and not after being cancelled', () => {
    const fired = vi.fn();
    systemClock.schedule(40 * 86_400_000, fired);
    const cancel = systemClock.schedule(30 * 86_400_000, fired);
    vi.advanceTimersByTime(26 * 86_400_000);
    cancel();
    vi.advanceTimersByTime(13 * 86_400_000);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2 * 86_400_000);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('runs faster', () => {
    const clock = acceleratedClock(3600, 0);
    const fired = vi.fn();
    clock.schedule(3_600_000, fired);
    vi.advanceTimersByTime(1000);
    expect(fired).toHaveBeenCalledOnce();
    expect(clock.now()).toBe(3_600_000);
    expect(() => acceleratedClock(0)).toThrow(/positive speed/);
  });
});

describe('TypedEvents', () => {
  it('tells listeners, once or always, until they are taken off', () => {
    const events = new TypedEvents<{ a: number }>();
    const seen: string[] = [];
    const listener = (n: number) => seen.push(`on ${n}`);
    const other = (n: number) => seen.push(`never ${n}`);
    events.on('a', listener);
    events.once('a', (n) => seen.push(`once ${n}`));
    events.once('a', other);
    events.off('a', other);
    events.emit('a', 1);
    events.emit('a', 2);
    events.off('a', listener);
    events.emit('a', 3);
    expect(seen).toStrictEqual(['on 1', 'once 1', 'on 2']);
    expect(events.listenerCount('a')).toBe(0);
  });

  it('a listener that throws stops no other', () => {
    const events = new TypedEvents<{ a: number }>();
    const errors: unknown[] = [];
    events.onListenerError = (error) => errors.push(error);
    const second = vi.fn();
    events.on('a', () => {
      throw new Error('no');
    });
    events.on('a', second);
    events.emit('a', 1);
    expect(second).toHaveBeenCalledWith(1);
    expect(errors).toHaveLength(1);
  });
});

describe('work', () => {
  function* counting(cleaned: () => void): Work<number> {
    try {
      for (let done = 1; done <= 5; done++) yield { phase: 'counting', done, total: 5 };
      return 5;
    } finally {
      cleaned();
    }
  }

  it('runs to its result both ways, telling its progress', async () => {
    const done: number[] = [];
    const options = { onProgress: (progress: { done: number }) => void done.push(progress.done) };
    expect(
      runSync(
        counting(() => {}),
        options,
      ),
    ).toBe(5);
    expect(
      await runAsync(
        counting(() => {}),
        { ...options, slice: 0 },
      ),
    ).toBe(5);
    expect(done).toStrictEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });

  it('cleans up when aborted, or when its listener throws', async () => {
    const cleaned = vi.fn();
    const abort = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 2 && abort.abort('enough');
    expect(() => runSync(counting(cleaned), { signal: abort.signal, onProgress: (p) => void onProgress(p) })).toThrow(
      'aborted',
    );
    const late = new AbortController();
    setTimeout(() => late.abort(), 0);
    await expect(runAsync(counting(cleaned), { signal: late.signal, slice: 0 })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    const failing = () => {
      throw new Error('listener');
    };
    expect(() => runSync(counting(cleaned), { onProgress: failing })).toThrow('listener');
    expect(cleaned).toHaveBeenCalledTimes(3);
  });
});

describe('errors and durations', () => {
  it('say what is wrong and what to do', () => {
    const error = new TwinergyError('X_BAD', 'It is bad.', { path: 'a[1]', value: 2, hint: 'Mend it.', cause: 'why' });
    expect(error).toMatchObject({
      code: 'X_BAD',
      path: 'a[1]',
      value: 2,
      message: 'It is bad. Mend it.',
      cause: 'why',
    });
    expect(new MissingPeerError('hyparquet', 'Parquet').message).toContain('npm install hyparquet');
    expect(quote('a\nb')).toBe('"a\\nb"');
    expect(quote('x'.repeat(99))).toHaveLength(60);
    expect([quote({ a: 1 }), quote(undefined), quote(2n), quote(Symbol('s'))]).toStrictEqual([
      '{"a":1}',
      'undefined',
      '2n',
      'symbol',
    ]);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(quote(circular)).toBe('object');
  });

  it('read durations', () => {
    expect(['15m', '1.5h', '1d', '2w', '250ms', '10s', '5min', 42].map((text) => durationMs(text))).toStrictEqual([
      900_000, 5_400_000, 86_400_000, 1_209_600_000, 250, 10_000, 300_000, 42,
    ]);
    for (const bad of ['', 'm', '-5m', '0h', '5 years', Number.NaN, -1])
      expect(() => durationMs(bad)).toThrow(/length of time/);
  });
});
