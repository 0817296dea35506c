import { describe, expect, it } from 'vitest';
import { Frame } from '../core/frame.js';
import { Random } from '../core/random.js';
import { proposeChange, proposeChangeAsync, type RatedAlert } from './proposal.js';
import { replay } from './replay.js';
import type { Rule } from './rules/rule.js';

const MINUTE = 60_000;
const hot: Rule = {
  id: 'hot',
  title: 'Hot',
  when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { CRITICAL: 70, HIGH: 60 } },
};

/** A month of minutes: 40 short peaks of no meaning, and three long ones that are real. */
function history(peak: (random: Random) => number, minutes: (random: Random) => number) {
  const random = new Random(7);
  const n = 30 * 1440;
  const data = new Float64Array(n).fill(45);
  const real = [200, 15_000, 40_000];
  for (let k = 0; k < 40; k++) {
    const at = 300 + k * 1000 + Math.floor(random.next() * 100);
    data.fill(peak(random), at, at + minutes(random));
  }
  for (const at of real) data.fill(68, at, at + 90);
  const time = Float64Array.from({ length: n }, (_, i) => 1e12 + i * MINUTE);
  const frame = new Frame(time, { temperature: { data, unit: '°C' } });
  const rated: RatedAlert[] = replay(frame, [hot]).map(({ raisedAt, resolvedAt }) => ({
    raisedAt,
    resolvedAt,
    useful: real.some((at) => Math.abs((raisedAt - 1e12) / MINUTE - at) < 2),
  }));
  return { frame, rated };
}

describe('proposeChange', () => {
  it('moves the limit beyond what was not worth it, and tells the effect', async () => {
    const { frame, rated } = history(
      (random) => 60.5 + 3 * random.next(),
      () => 80,
    );
    const proposal = proposeChange(frame, hot, rated);
    expect(proposal?.before).toMatchObject({ useful: 3, notUseful: 40, alerts: 43 });
    expect(proposal?.after).toMatchObject({ useful: 3, notUseful: 0, alerts: 3 });
    expect(proposal?.delay).toBe(0);
    expect(proposal?.says).toMatch(
      /^move the HIGH limit from 60 °C to 6[34](\.\d)? °C: 40 of 40 alerts that were not useful go away, 3 of 3 useful ones stay; 1.433 alerts a day become 0.1\./,
    );
    const { limits } = (proposal?.rule ?? hot).when as { limits: { HIGH: number; CRITICAL: number } };
    expect(limits.CRITICAL - limits.HIGH).toBeCloseTo(10, 9);
    // The effect is what the proposed rule does.
    expect(replay(frame, [proposal?.rule as Rule])).toHaveLength(3);
    const seen: number[] = [];
    expect(await proposeChangeAsync(frame, hot, rated, { onProgress: ({ done }) => seen.push(done) })).toEqual(
      proposal,
    );
    expect(seen.length).toBeGreaterThan(0);
  });

  it('waits longer where peaks are short but high', () => {
    const { frame, rated } = history(
      () => 69,
      (random) => 1 + Math.floor(3 * random.next()),
    );
    const proposal = proposeChange(frame, hot, rated);
    expect(proposal?.rule).toMatchObject({ when: hot.when, raiseAfter: '5m' });
    expect(proposal?.after).toMatchObject({ useful: 3, notUseful: 0 });
    expect(proposal?.says).toContain('3 of 3 useful ones stay, 5 min later');
    expect(proposeChange(frame, hot, rated, { maxDelay: 1000 })).toBeUndefined();
  });

  it('proposes nothing where nothing would be better', () => {
    const { frame, rated } = history(
      () => 69,
      () => 90,
    );
    expect(proposeChange(frame, hot, rated)).toBeUndefined();
    expect(proposeChange(frame, hot, [])).toBeUndefined();
    // It may cost some of the useful ones where that is allowed.
    expect(proposeChange(frame, hot, rated, { keep: 0 })?.after.notUseful).toBe(0);
  });

  it('keeps limits that are attributes of assets in proportion', () => {
    const { frame, rated } = history(
      (random) => 60.5 + 3 * random.next(),
      () => 80,
    );
    const own: Rule = {
      ...hot,
      when: {
        type: 'threshold',
        channel: 'temperature',
        direction: 'above',
        limits: { HIGH: { attribute: 'max', times: 0.5, default: 50 } },
      },
    };
    const proposal = proposeChange(frame, own, rated, { asset: { id: 'a', attributes: { max: 120 } } });
    const limit = ((proposal?.rule ?? hot).when as { limits: { HIGH: { times: number; default: number } } }).limits
      .HIGH;
    expect(limit.times * 120).toBeGreaterThan(63);
    expect(limit.default / 50).toBeCloseTo(limit.times / 0.5, 9);
  });
});
