import type { Reading } from '../core/index.js';
import type { AssetModel } from '../twin/index.js';

/** Channels that are another one under a second name: `solarPower` is `acPower`, whichever was sent. */
export class Aliases {
  readonly #pairs: readonly (readonly [name: string, of: string])[];

  constructor(channels: AssetModel['channels']) {
    this.#pairs = channels.flatMap(({ name, aliasOf }) => (aliasOf === undefined ? [] : [[name, aliasOf] as const]));
  }

  /** A reading with both names of what it has under one. */
  complete(reading: Reading): Reading {
    const { values } = reading;
    let added: Record<string, number> | undefined;
    for (const [name, of] of this.#pairs) {
      const own = values[name];
      const other = values[of];
      if (own === undefined && other !== undefined) {
        added ??= {};
        added[name] = other;
      }
      if (own !== undefined && other === undefined) {
        added ??= {};
        added[of] = own;
      }
    }
    return added === undefined ? reading : { ...reading, values: { ...values, ...added } };
  }
}
