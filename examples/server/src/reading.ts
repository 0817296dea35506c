import type { Reading } from 'twinergy';
import { z } from 'zod';
import { channelName } from './names.js';

/** A reading from outside: `{ asset_id, time, values }`, with the time as ISO text with its offset or ms since the epoch. */
export const readingSchema = z.strictObject({
  asset_id: z.string().min(1).max(200),
  time: z.iso.datetime({ offset: true }).or(z.number()).optional(),
  values: z.record(z.string().max(200), z.number()),
});

/** The library's reading of one from outside; without a time, it is of now. */
export function parseReading({ asset_id, time, values }: z.output<typeof readingSchema>): Reading {
  return {
    assetId: asset_id,
    time: time === undefined ? Date.now() : typeof time === 'number' ? time : Date.parse(time),
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [channelName(name), value])),
  };
}
