import type { ModelChannel } from '../asset-model.js';

/** Finds channels in the row of an instant, and their instruments' noise. */
export class Wiring {
  readonly #index: ReadonlyMap<string, number>;
  readonly #channels: readonly ModelChannel[];

  constructor(channels: readonly ModelChannel[]) {
    this.#channels = channels;
    this.#index = new Map(channels.map(({ name }, c) => [name, c]));
  }

  /** Where a channel stands in the row; −1 where the asset has none of that name. */
  of(name: string): number {
    return this.#index.get(name) ?? -1;
  }

  /** Standard deviation of a channel's instrument at a value. */
  noise(channel: number, value: number): number {
    const noise = this.#channels[channel]?.noise;
    return noise === undefined ? 0 : (noise.absolute ?? 0) + (noise.relative ?? 0) * Math.abs(value);
  }
}

/** The value of a channel in a row; NaN where there is none. */
export const readChannel = (row: Float64Array, channel: number) =>
  channel < 0 ? Number.NaN : (row[channel] as number);
