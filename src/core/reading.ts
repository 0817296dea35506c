/** One sample of one asset. */
export interface Reading {
  /** Which asset was measured. */
  readonly assetId: string;
  /** When, in ms since the epoch, UTC. */
  readonly time: number;
  /** What: channel name → value, in the unit that the channel declares. A channel that is absent was not measured. */
  readonly values: Readonly<Record<string, number>>;
  /** Quality flags per channel (bits, see the quality checks), where the source gives them. */
  readonly quality?: Readonly<Record<string, number>>;
}

/** What a channel is: its unit and the range that is physically possible. */
export interface ChannelDefinition {
  /** Name in TypeScript, camelCase. */
  readonly name: string;
  /** Unit, as `units.ts` knows it: `W`, `°C`, `V`, `W/m²`, `1` for a fraction, `%`. */
  readonly unit: string;
  /** Name at the REST API, snake_case. */
  readonly restName: string;
  /** What it is, for people. */
  readonly title: string;
  /** Least value that is physically possible. */
  readonly min?: number;
  /** Greatest value that is physically possible. */
  readonly max?: number;
}

/** The standard channels of a solar asset; the REST names are those of the original design. */
export const solarChannels = [
  { name: 'solarPower', restName: 'solar_power', unit: 'W', title: 'AC power', min: -1e9, max: 1e10 },
  { name: 'temperature', restName: 'temperature', unit: '°C', title: 'Equipment temperature', min: -60, max: 150 },
  { name: 'batteryLevel', restName: 'battery_level', unit: '%', title: 'Battery level', min: 0, max: 100 },
  { name: 'voltage', restName: 'voltage', unit: 'V', title: 'Voltage', min: 0, max: 2000 },
  { name: 'current', restName: 'current', unit: 'A', title: 'Current', min: -1e6, max: 1e6 },
  { name: 'irradiance', restName: 'irradiance', unit: 'W/m²', title: 'Plane-of-array irradiance', min: -20, max: 2000 },
  {
    name: 'inverterEfficiency',
    restName: 'inverter_efficiency',
    unit: '%',
    title: 'Inverter efficiency',
    min: 0,
    max: 100,
  },
  { name: 'panelHealth', restName: 'panel_health', unit: '%', title: 'Panel health', min: 0, max: 100 },
  { name: 'windSpeed', restName: 'wind_speed', unit: 'm/s', title: 'Wind speed', min: 0, max: 120 },
  { name: 'humidity', restName: 'humidity', unit: '%', title: 'Relative humidity', min: 0, max: 100 },
] as const satisfies readonly ChannelDefinition[];
