import type { Plant } from '../description/plant.js';
import type { FaultLayer } from '../faults/index.js';
import { SEVERITIES } from './circuit-signatures.js';
import type { Expectation } from './expectation.js';
import type { CellCondition, LightGeometry } from './geometry.js';
import type { Layout, Quantity, Signal } from './layout.js';

/** One possible cause: what it would do to each signal. */
export interface Hypothesis {
  readonly kind: string;
  readonly layer: FaultLayer;
  /** String, array, inverter or channel; undefined for the whole plant. */
  readonly target: string | undefined;
  /** Severities at which `shift` is told, on the catalogue's scale. */
  readonly severities: readonly number[];
  /** Shift of a signal in a cell at the severity of that index. */
  readonly shift: (signal: number, at: CellCondition, severity: number) => number;
  /** Which signals it can move at all. */
  readonly touches: readonly number[];
  /** Logarithm of its prior probability, relative. */
  readonly prior: number;
  /** Which class of loss it belongs to, for the energy: `apart` is told by neighbours, `common` by light, `stage` by the stages' ratios. */
  readonly loss: 'apart' | 'common' | 'stage' | 'none';
  /** By how much its threshold is raised: causes with many variants meet chance more often. */
  readonly caution: number;
  /** How well the signature is known, as a share of itself. */
  readonly tolerance: number;
}

/** Severities beyond 1 are the signature of 1 made larger. */
export const BEYOND = [1.4, 2] as const;
export const ALL_SEVERITIES: readonly number[] = [...SEVERITIES, ...BEYOND];
/** Relative errors of a gain, both ways, and offsets as shares of the full scale. */
export const GAINS = [-0.5, -0.35, -0.25, -0.17, -0.11, -0.07, -0.04, 0.04, 0.07, 0.11, 0.17, 0.25, 0.35, 0.5];
export const OFFSETS = [-0.15, -0.1, -0.065, -0.04, -0.025, -0.015, 0.015, 0.025, 0.04, 0.065, 0.1, 0.15];
/** How the readings of a faulty instrument scatter about what its fault foretells, as a share. */
const SENSOR_TOLERANCE = 0.15;

/** A hypothesis as it is written down: most need no caution of their own. */
export type GivenHypothesis = Omit<Hypothesis, 'caution'> & { readonly caution?: number };

/** What a hypothesis of one array, inverter or instrument is made from, and the list that it is put on. */
export class Hypotheses {
  readonly list: Hypothesis[] = [];
  readonly plant: Plant;
  readonly layout: Layout;
  readonly expectations: readonly Expectation[];
  readonly geometry: LightGeometry;
  readonly #names: ReadonlySet<string>;

  constructor(plant: Plant, layout: Layout, expectations: readonly Expectation[], geometry: LightGeometry) {
    this.plant = plant;
    this.layout = layout;
    this.expectations = expectations;
    this.geometry = geometry;
    this.#names = new Set(layout.channels);
  }

  /** Whether a channel is measured. */
  readonly has = (name: string): boolean => this.#names.has(name);

  /** Places of the signals that pass. */
  find(test: (signal: Signal) => boolean): number[] {
    return this.layout.signals.flatMap((signal, k) => (test(signal) ? [k] : []));
  }

  /** What a signal compares. */
  quantity(signal: number): Quantity | undefined {
    return this.layout.signals[signal]?.quantity;
  }

  /** Puts a hypothesis on the list, where anything that it moves is measured and was learned. */
  add(given: GivenHypothesis): void {
    const touches = given.touches.filter(
      (k) => this.expectations[k] != null && this.layout.signals[k]?.evidence === true,
    );
    if (touches.length > 0) this.list.push({ caution: 0, ...given, touches });
  }

  /** An instrument that reads too much or too little; `shift` is told what share, or part of the full scale, it is off. */
  addSensor(
    kind: 'gain' | 'bias',
    channel: string,
    errors: readonly number[],
    touches: readonly number[],
    prior: number,
    shift: (signal: number, at: CellCondition, error: number) => number,
  ): void {
    const whole = kind === 'gain' ? 0.3 : 0.1;
    this.addTwoSided(errors, whole, (side, severities) => ({
      kind,
      layer: 'measurement',
      target: channel,
      severities,
      touches,
      prior,
      loss: 'none',
      tolerance: SENSOR_TOLERANCE,
      shift: (k, at, s) => shift(k, at, side[s] ?? 0),
    }));
  }

  /**
   * A cause that may go either way: too high and too low are two hypotheses, since the matched filter looks one way.
   * @param whole error that counts as severity 1
   */
  addTwoSided(
    errors: readonly number[],
    whole: number,
    make: (side: readonly number[], severities: readonly number[]) => GivenHypothesis,
  ): void {
    for (const side of [errors.filter((x) => x < 0), errors.filter((x) => x > 0)]) {
      if (side.length > 0)
        this.add(
          make(
            side,
            side.map((x) => Math.min(1, Math.abs(x) / whole)),
          ),
        );
    }
  }
}

/** Whether a signal is one of these quantities. */
export const ofQuantity =
  (...wanted: readonly Quantity[]) =>
  ({ quantity }: Signal): boolean =>
    wanted.includes(quantity);

/** An array's or an inverter's name; undefined where the plant has only one. */
export const nameOf = (parts: readonly { readonly id: string }[], index: number): string | undefined =>
  parts.length > 1 ? parts[index]?.id : undefined;
