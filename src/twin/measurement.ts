import { quote, type Random, TwinergyError } from '../core/index.js';
import type { AssetModel } from './asset-model.js';
import type { ActiveFault } from './faults/index.js';

const HOUR = 3_600_000;
/** Greatest delay of a shifted clock. */
const LONGEST_SHIFT = 3 * HOUR;

/** Standard deviation of the sum of four uniform numbers of 16 bits each. */
const SPREAD = 65536 / Math.sqrt(3);

/**
 * A bell-shaped number of mean 0 and variance 1, within ±3.46: the sum of four uniform ones (Irwin–Hall). Instruments
 * have no tails beyond that, and a channel of a year costs a tenth of what normal deviates cost.
 */
function bell(random: Random): number {
  const a = random.uint32();
  const b = random.uint32();
  return ((a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff) - 131070) / SPREAD;
}

interface Hit {
  readonly fault: ActiveFault;
  readonly channel: number;
  readonly other: number;
  /** Value at the onset, for a stuck sensor. */
  held: number;
  /** The last hours' values, for a shifted clock. */
  readonly past: { time: number; value: number }[];
}

/** The state of the sensors, as plain data. */
export interface MeasurementState {
  readonly held: readonly (number | null)[];
  readonly past: readonly (readonly { time: number; value: number }[])[];
}

/**
 * The instruments: take the true values of a model's channels and give what is measured, with noise and sensor faults.
 * The plant does not notice.
 */
export class Measurement {
  readonly #model: AssetModel;
  readonly #absolute: Float64Array;
  readonly #relative: Float64Array;
  readonly #alias: Int32Array;
  readonly #limited: readonly { readonly channel: number; readonly least: number; readonly greatest: number }[];
  readonly #hits: readonly Hit[];

  /** @throws TwinergyError `TWIN_BAD_FAULT` where a sensor fault names a channel that there is not */
  constructor(model: AssetModel, faults: readonly ActiveFault[]) {
    const index = (name: string, path: string) => {
      const found = model.channels.findIndex((channel) => channel.name === name);
      if (found < 0) {
        throw new TwinergyError(
          'TWIN_BAD_FAULT',
          `A sensor fault names the channel ${quote(name)}, which there is not.`,
          {
            path,
            value: name,
            hint: `Channels: ${model.channels.map((channel) => channel.name).join(', ')}.`,
          },
        );
      }
      return found;
    };
    this.#model = model;
    this.#absolute = Float64Array.from(model.channels, (channel) => channel.noise?.absolute ?? 0);
    this.#relative = Float64Array.from(model.channels, (channel) => channel.noise?.relative ?? 0);
    this.#limited = model.channels.flatMap(({ limits }, channel) =>
      limits === undefined ? [] : [{ channel, least: limits[0], greatest: limits[1] }],
    );
    this.#alias = Int32Array.from(model.channels, (channel) =>
      channel.aliasOf === undefined ? -1 : model.channels.findIndex((other) => other.name === channel.aliasOf),
    );
    this.#hits = faults.map((fault) => {
      const target = index(fault.request.target ?? model.mainSensor, 'target');
      const alias = this.#alias[target] as number;
      const swap = fault.definition.id === 'swapped-channels';
      if (swap && fault.request.other === undefined) {
        throw new TwinergyError('TWIN_BAD_FAULT', 'swapped-channels needs `other`, the second channel.', {
          path: 'other',
        });
      }
      const other = swap ? index(fault.request.other as string, 'other') : -1;
      return {
        fault,
        channel: alias >= 0 ? alias : target,
        // A second name of a channel is written from the first at the end: the swap is with the first.
        other: other >= 0 && (this.#alias[other] as number) >= 0 ? (this.#alias[other] as number) : other,
        held: Number.NaN,
        past: [],
      };
    });
  }

  /** Writes to `measured` what the instruments show of `truth`. Both are ordered as the model's channels. */
  read(time: number, truth: Float64Array, inputs: Float64Array, random: Random, measured: Float64Array): void {
    const count = this.#absolute.length;
    for (let c = 0; c < count; c++) {
      const value = truth[c] as number;
      const absolute = this.#absolute[c] as number;
      const relative = this.#relative[c] as number;
      measured[c] =
        absolute === 0 && relative === 0 ? value : value + (absolute + relative * Math.abs(value)) * bell(random);
    }
    for (const { channel, least, greatest } of this.#limited) {
      const value = measured[channel] as number;
      if (value < least) measured[channel] = least;
      else if (value > greatest) measured[channel] = greatest;
    }
    for (const hit of this.#hits) this.#strike(hit, time, inputs, measured);
    for (let c = 0; c < count; c++) {
      const alias = this.#alias[c] as number;
      if (alias >= 0) measured[c] = measured[alias] as number;
    }
  }

  #strike(hit: Hit, time: number, inputs: Float64Array, measured: Float64Array): void {
    const { fault, channel } = hit;
    const definition = this.#model.channels[channel];
    if (definition === undefined) return;
    const value = measured[channel] as number;
    const s = fault.severity;
    if (fault.definition.id === 'clock-shift') {
      hit.past.push({ time, value });
      while (hit.past.length > 1 && (hit.past[1]?.time ?? time) <= time - LONGEST_SHIFT) hit.past.shift();
    }
    if (s <= 0) {
      hit.held = Number.NaN;
      return;
    }
    const scale = definition.fullScale;
    switch (fault.definition.id) {
      case 'bias':
      case 'drift':
        measured[channel] = value + 0.1 * s * scale;
        break;
      case 'gain':
      case 'irradiance-sensor-soiling':
        measured[channel] = value * (1 - 0.3 * s);
        break;
      case 'stuck':
        if (Number.isNaN(hit.held)) hit.held = value;
        measured[channel] = hit.held;
        break;
      case 'spike': {
        const stream = fault.random.split(time);
        if (stream.next() < 0.05 * s) measured[channel] = value + scale * stream.uniform(-1, 1);
        break;
      }
      case 'noise':
        measured[channel] = value + 0.1 * s * scale * fault.random.split(time).normal();
        break;
      case 'dropout':
        if (fault.random.split(Math.floor(time / HOUR)).next() < 0.8 * s) measured[channel] = Number.NaN;
        break;
      case 'clock-shift':
        measured[channel] = this.#delayed(hit.past, time - s * LONGEST_SHIFT);
        break;
      case 'unit-mix-up':
        measured[channel] = definition.unit === '°C' ? value * 1.8 + 32 : value / 1000;
        break;
      case 'irradiance-sensor-misaligned': {
        const seen = this.#model.misread?.(fault, definition.name, time, inputs);
        if (seen !== undefined) measured[channel] = seen;
        break;
      }
      case 'swapped-channels':
        measured[channel] = measured[hit.other] as number;
        measured[hit.other] = value;
        break;
    }
  }

  /** The value at `time` among the remembered ones; the oldest where memory does not reach so far. */
  #delayed(past: readonly { time: number; value: number }[], time: number): number {
    let found = past[0]?.value ?? Number.NaN;
    for (const entry of past) {
      if (entry.time > time) break;
      found = entry.value;
    }
    return found;
  }

  /** The state of the sensors. */
  save(): MeasurementState {
    return {
      held: this.#hits.map(({ held }) => (Number.isNaN(held) ? null : held)),
      past: this.#hits.map(({ past }) => past.map((entry) => ({ ...entry }))),
    };
  }

  /** Takes up what `save` gave. */
  load(state: MeasurementState): void {
    this.#hits.forEach((hit, i) => {
      hit.held = state.held[i] ?? Number.NaN;
      hit.past.splice(0, hit.past.length, ...(state.past[i] ?? []).map((entry) => ({ ...entry })));
    });
  }
}
