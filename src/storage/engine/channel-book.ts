import { quote, TwinergyError } from '../../core/errors.js';
import { solarChannels } from '../../core/reading.js';
import { cellOf, checkChannelName } from '../contract/check.js';
import type { StorageEngine } from '../contract/engine.js';
import type { StoredChannel } from '../contract.js';

/** Channels that need no registration. */
const standardChannels: ReadonlyMap<string, StoredChannel> = new Map(
  solarChannels.map((channel) => [channel.name, channel]),
);

/** The channels of one tenant, remembered until one is asked for that is not among them. */
export class ChannelBook {
  readonly #engine: StorageEngine;
  readonly #tenantId: string;
  #known: ReadonlyMap<string, StoredChannel> | undefined;

  constructor(engine: StorageEngine, tenantId: string) {
    this.#engine = engine;
    this.#tenantId = tenantId;
  }

  /** All registered channels, read anew. */
  async all(): Promise<StoredChannel[]> {
    const channels = await this.#engine.channels(this.#tenantId);
    this.#known = new Map(channels.map((channel) => [channel.name, channel]));
    return channels;
  }

  /** After channels were declared. */
  forget(): void {
    this.#known = undefined;
  }

  /** The registered channels; read again if one of `names` is not among those known here. */
  async registered(names: readonly string[]): Promise<ReadonlyMap<string, StoredChannel>> {
    const known = this.#known;
    if (known === undefined || names.some((name) => !known.has(name))) await this.all();
    return this.#known ?? new Map();
  }

  /** Which of `names` register themselves with the next write. @throws TwinergyError `STORAGE_UNKNOWN_CHANNEL` */
  async undeclared(names: readonly string[]): Promise<StoredChannel[]> {
    const known = await this.registered(names);
    return names.filter((name) => !known.has(name)).map((name) => standardChannels.get(name) ?? unknownChannel(name));
  }

  /** Each of `names` with its unit. @throws TwinergyError `STORAGE_UNKNOWN_CHANNEL` */
  async find(names: readonly string[]): Promise<StoredChannel[]> {
    const known = await this.registered(names.filter((name) => !standardChannels.has(name)));
    return names.map((name) => known.get(name) ?? standardChannels.get(name) ?? unknownChannel(name));
  }

  /** A channel as it is registered, as the standard says, or new with that unit. */
  async orNew(name: string, unit: string): Promise<{ channel: StoredChannel; isNew: boolean }> {
    const registered = (await this.registered([name])).get(name);
    if (registered !== undefined) return { channel: registered, isNew: false };
    return { channel: standardChannels.get(name) ?? { name: checkChannelName(name, 'channel'), unit }, isNew: true };
  }
}

function unknownChannel(name: string): never {
  throw new TwinergyError('STORAGE_UNKNOWN_CHANNEL', `Channel ${quote(name)} is not registered.`, {
    path: name,
    value: name,
    hint: 'Declare it and its unit with registerChannels() first.',
  });
}

/** A channel as it is kept. @throws TwinergyError `STORAGE_BAD_CHANNEL`, `STORAGE_BAD_VALUE` */
export function checkedChannel(channel: StoredChannel, path: string): StoredChannel {
  checkChannelName(channel.name, `${path}.name`);
  const text = (value: unknown, name: string) => cellOf('text?', value, `${path}.${name}`) as string | null;
  const number = (value: unknown, name: string) => cellOf('number?', value, `${path}.${name}`) as number | null;
  const unit = text(channel.unit, 'unit');
  if (unit === null || unit.length > 64) {
    throw new TwinergyError('STORAGE_BAD_CHANNEL', `${path}.unit is ${quote(channel.unit)}.`, {
      path: `${path}.unit`,
      value: channel.unit,
    });
  }
  const [restName, title, min, max] = [
    text(channel.restName, 'restName'),
    text(channel.title, 'title'),
    number(channel.min, 'min'),
    number(channel.max, 'max'),
  ];
  return {
    name: channel.name,
    unit,
    ...(restName === null ? {} : { restName }),
    ...(title === null ? {} : { title }),
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
  };
}
