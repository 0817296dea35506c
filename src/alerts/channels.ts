import { type ChannelDefinition, solarChannels } from '../core/reading.js';

/** Signals that models derive and rules judge beside the standard channels. */
export const derivedChannels = [
  { name: 'expectedPower', restName: 'expected_power', unit: 'W', title: 'Expected power' },
  { name: 'powerRatio', restName: 'power_ratio', unit: '1', title: 'Measured divided by expected power', min: 0 },
  { name: 'anomalyScore', restName: 'anomaly_score', unit: '1', title: 'Anomaly score', min: 0, max: 1 },
  { name: 'anomalyPValue', restName: 'anomaly_p_value', unit: '1', title: 'Anomaly p-value', min: 0, max: 1 },
  { name: 'rulDays', restName: 'rul_days', unit: 'd', title: 'Remaining useful life', min: 0 },
  { name: 'rulLow', restName: 'rul_low', unit: 'd', title: 'Lower bound of the remaining life', min: 0 },
  { name: 'rulHigh', restName: 'rul_high', unit: 'd', title: 'Upper bound of the remaining life', min: 0 },
  { name: 'curtailment', restName: 'curtailment', unit: '1', title: 'Curtailment', min: 0, max: 1 },
  { name: 'health', restName: 'health', unit: '%', title: 'Health', min: 0, max: 100 },
] as const satisfies readonly ChannelDefinition[];

/** What is known of a channel that nobody declared. */
function undeclared(name: string): ChannelDefinition {
  return { name, restName: name, unit: '1', title: name };
}

/**
 * Gives each channel that a rule names a place (slot) in a `Float64Array`, so that conditions compile to reads of numbered
 * slots. Slots are filled per reading; a channel that was not measured is NaN there.
 */
export class ChannelTable {
  readonly #definitions = new Map<string, ChannelDefinition>();
  readonly #slots = new Map<string, number>();
  /** Names in the order of their slots. */
  readonly names: string[] = [];

  constructor(channels: readonly ChannelDefinition[] = []) {
    for (const channel of [...solarChannels, ...derivedChannels, ...channels])
      this.#definitions.set(channel.name, channel);
  }

  /** The slot of a channel; it gets one where it has none yet. */
  slot(name: string): number {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.names.length;
      this.#slots.set(name, slot);
      this.names.push(name);
    }
    return slot;
  }

  /** What is declared of a channel. */
  definition(name: string): ChannelDefinition {
    return this.#definitions.get(name) ?? undeclared(name);
  }

  /** Whether the channel was declared. */
  has(name: string): boolean {
    return this.#definitions.has(name);
  }
}
