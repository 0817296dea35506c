import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeZone } from './zone.js';

describe('TimeZone', () => {
  it('reads what it writes, apart from hours that stand twice', () => {
    const zones = [
      'Europe/Berlin',
      'America/Denver',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'UTC',
    ].map((name) => new TimeZone(name));
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2_000_000_000 }), (zone, seconds) => {
        const time = seconds * 1000;
        const match = zone.fromLocal(time + zone.offsetAt(time));
        if (match.kind === 'unique') expect(match.time).toBe(time);
        else if (match.kind === 'ambiguous') expect([match.earlier, match.later]).toContain(time);
        else expect.fail('a time that is on the clocks is not missing');
        expect(Date.parse(zone.toLocalIso(time))).toBe(time);
      }),
      { numRuns: 300 },
    );
  });

  it('tells hours that clocks skip or show twice, also half hours and whole days', () => {
    const at = (zone: string, text: string) => new TimeZone(zone).fromLocal(Date.parse(`${text}Z`)).kind;
    expect(at('Europe/Berlin', '2026-03-29T02:00:00')).toBe('missing');
    expect(at('Europe/Berlin', '2026-03-29T03:00:00')).toBe('unique');
    expect(at('Europe/Berlin', '2026-10-25T02:59:59')).toBe('ambiguous');
    expect(at('Europe/Berlin', '2026-10-25T03:00:00')).toBe('unique');
    expect(at('Australia/Lord_Howe', '2026-10-04T02:15:00')).toBe('missing');
    expect(at('Pacific/Apia', '2011-12-30T12:00:00')).toBe('missing');
    expect(new TimeZone('America/Denver').toLocalIso(0)).toBe('1969-12-31T17:00:00-07:00');
    expect(() => new TimeZone('Mars/Base')).toThrow(expect.objectContaining({ code: 'ZONE_UNKNOWN' }));
  });
});
