import { solarChannels } from 'twinergy';

const restNames = new Map<string, string>(solarChannels.map(({ name, restName }) => [name, restName]));
const channelNames = new Map<string, string>(solarChannels.map(({ name, restName }) => [restName, name]));

/** Channel → its name at the API: `solarPower` → `solar_power`, `string1.dcCurrent` → `string1.dc_current`. */
export function restName(channel: string): string {
  return restNames.get(channel) ?? channel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Name at the API → channel; names in camelCase are taken too. */
export function channelName(name: string): string {
  return channelNames.get(name) ?? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Values by channel → values by API name. */
export function restValues(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [restName(name), value]));
}
