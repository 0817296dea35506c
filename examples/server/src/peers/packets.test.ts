import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packets, Unpacker } from './packets.js';

const message = fc.oneof(
  fc.string({ maxLength: 200, unit: 'grapheme' }).map((text) => JSON.stringify({ text })),
  fc.integer({ min: 7000, max: 30_000 }).map((n) => JSON.stringify({ long: 'ü'.repeat(n) })),
);

describe('packets', () => {
  it('bring every message over in their order, none of them too large', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
        const payloads = packets('a', 1, messages);
        for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
        const other = new Unpacker('b');
        expect(payloads.flatMap((payload) => other.take(payload))).toEqual(messages);
        const own = new Unpacker('a');
        expect(payloads.flatMap((payload) => own.take(payload))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
