import { TwinergyError } from '../../core/index.js';
import { Adwin, type DriftDetector } from '../../models/index.js';
import type { DataFingerprint } from './fingerprint.js';

/** Why a model should be fitted again. */
export interface RefitProposal {
  /** When it was seen, ms since the epoch. */
  readonly time: number;
  /** The channel that drifted, or `error`: the model's own errors. */
  readonly channel: string;
  readonly why: string;
}

/** State of a `DriftMonitor` as JSON data. */
export interface DriftMonitorState {
  readonly formatVersion: 1;
  readonly detectors: Readonly<Record<string, unknown>>;
}

/**
 * Watches what a model is fed, and how it errs, for a change against what it was trained on. Each channel is brought to
 * the place of its value among the training values (0…1 by the deciles of the fingerprint), so that one detector suits
 * all; a change of any of them is a proposal to fit the model again.
 */
export class DriftMonitor {
  readonly #fingerprint: DataFingerprint;
  readonly #make: () => DriftDetector;
  readonly #detectors = new Map<string, DriftDetector>();

  /** @param options.detector makes the detector of a channel; default ADWIN at a confidence of 1e-4 */
  constructor(
    fingerprint: DataFingerprint,
    {
      detector = () => new Adwin({ confidence: 1e-4 }),
    }: { readonly detector?: (() => DriftDetector) | undefined } = {},
  ) {
    this.#fingerprint = fingerprint;
    this.#make = detector;
  }

  /**
   * Takes the values of a reading in, and the model's error where it is known already (scaled so that 0…1 is usual).
   * Channels that the model was not trained on are passed over.
   */
  step(time: number, values: Readonly<Record<string, number>>, error?: number): RefitProposal[] {
    const found: RefitProposal[] = [];
    for (const [channel, value] of Object.entries(values)) {
      const deciles = this.#fingerprint.columns[channel]?.deciles ?? [];
      if (deciles.length < 2 || !Number.isFinite(value)) continue;
      if (!this.#detector(channel).step(placeAmong(deciles, value))) continue;
      const why = `${channel} no longer lies as it did in the data that the model was trained on.`;
      found.push({ time, channel, why });
    }
    if (error !== undefined && Number.isFinite(error) && this.#detector(ERROR).step(error)) {
      found.push({ time, channel: ERROR, why: 'The model errs otherwise than it used to.' });
    }
    return found;
  }

  #detector(channel: string): DriftDetector {
    let detector = this.#detectors.get(channel);
    if (detector === undefined) {
      detector = this.#make();
      // A new detector is shown the training distribution, so that data which differ from their first row on are found.
      if (channel !== ERROR) for (let i = 1; i <= 200; i++) detector.step((i * 0.6180339887498949) % 1);
      this.#detectors.set(channel, detector);
    }
    return detector;
  }

  /** What has been seen so far; detectors of your own must have `toJSON`. */
  toJSON(): DriftMonitorState {
    return {
      formatVersion: 1,
      detectors: Object.fromEntries(
        [...this.#detectors].map(([name, detector]) => [name, detector.toJSON?.() ?? null]),
      ),
    };
  }

  /** Goes on where `state` was taken. @throws TwinergyError `DRIFT_BAD_STATE` */
  restore({ formatVersion, detectors }: DriftMonitorState): void {
    if (formatVersion !== 1) throw new TwinergyError('DRIFT_BAD_STATE', `Unknown format ${String(formatVersion)}.`);
    this.#detectors.clear();
    for (const [channel, state] of Object.entries(detectors)) {
      const detector = this.#make();
      if (state !== null) detector.restore?.(state);
      this.#detectors.set(channel, detector);
    }
  }
}

const ERROR = 'error';

/** Where a value lies among the training values, 0…1; a value that many rows share lies in the middle of them. */
function placeAmong(deciles: readonly number[], value: number): number {
  const last = deciles.length - 1;
  let below = 0;
  while (below < last && (deciles[below + 1] as number) < value) below++;
  let above = last;
  while (above > 0 && (deciles[above - 1] as number) > value) above--;
  if (value <= (deciles[0] as number) && value < (deciles[1] as number)) return 0;
  if (value > (deciles[last] as number)) return 1;
  if (above - below <= 1) {
    const low = deciles[below] as number;
    const high = deciles[above] as number;
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
    return (below + share * (above - below)) / last;
  }
  return (below + above) / 2 / last;
}
