import { quote, TwinergyError } from '../../core/errors.js';
import type { StoredChannel } from '../contract.js';

/**
 * The channels there are with those declared now.
 * @throws TwinergyError `STORAGE_CHANNEL_UNIT` if one is there with another unit
 */
export function mergeChannels(
  known: ReadonlyMap<string, StoredChannel>,
  declared: readonly StoredChannel[],
): Map<string, StoredChannel> {
  const merged = new Map(known);
  for (const channel of declared) {
    const before = merged.get(channel.name);
    if (before !== undefined && before.unit !== channel.unit) {
      throw new TwinergyError(
        'STORAGE_CHANNEL_UNIT',
        `Channel ${quote(channel.name)} is kept in ${quote(before.unit)}, not ${quote(channel.unit)}.`,
        { path: channel.name, value: channel.unit, hint: 'Convert the values, or use another channel name.' },
      );
    }
    merged.set(channel.name, inOrder({ ...before, ...channel }));
  }
  return merged;
}

/** The members in a fixed order, so that the same channel is the same text everywhere. */
function inOrder({ name, unit, restName, title, min, max }: StoredChannel): StoredChannel {
  return {
    name,
    unit,
    ...(restName === undefined ? {} : { restName }),
    ...(title === undefined ? {} : { title }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}
