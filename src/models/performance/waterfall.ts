import { quote, TwinergyError } from '../../core/errors.js';

/** A part of the way from the expected to the measured energy. */
export interface WaterfallStep {
  readonly name: string;
  /** Change of the energy, kWh: negative is a loss. */
  readonly energy: number;
  /** Change of the money, in the currency of the price. */
  readonly money: number;
  /** Level after this step, kWh. */
  readonly level: number;
}

/** From the expected to the measured energy, step by step. */
export interface Waterfall {
  readonly expected: number;
  readonly measured: number;
  readonly expectedMoney: number;
  readonly measuredMoney: number;
  readonly steps: readonly WaterfallStep[];
}

/** What `lossWaterfall` is made from. */
export interface WaterfallInput {
  /** Energy that a sound plant would have given, kWh. */
  readonly expected: number;
  /** Energy that was measured, kWh. */
  readonly measured: number;
  /** Known losses, kWh, in the order in which they are told; a negative loss is a gain. */
  readonly losses: readonly { readonly name: string; readonly energy: number }[];
  /** What a kWh earns. Default 0: the money is then 0 throughout. */
  readonly price?: number | undefined;
}

/** The grid that figures are laid on: 1/1024 (about 1 Wh, or a tenth of a cent). */
const GRID = 1024;
const LARGEST = 2 ** 40;

function onGrid(value: number): number {
  return Math.round(value * GRID) / GRID + 0;
}

/**
 * A loss waterfall that adds up exactly: expected + Σ steps = measured, in kWh and in money, to the last bit and in any
 * order. All figures lie on a grid of 1/1024, on which sums of floating-point numbers have no rounding; what the known
 * losses do not explain is the last step, `unexplained`, so nothing is hidden.
 * @throws TwinergyError `WATERFALL_BAD_ENERGY` for a value that is no number or beyond 2⁴⁰ kWh
 */
export function lossWaterfall({ expected, measured, losses, price = 0 }: WaterfallInput): Waterfall {
  const check = (value: number, path: string) => {
    if (Number.isFinite(value) && Math.abs(value) < LARGEST && Math.abs(value * price) < LARGEST) return;
    throw new TwinergyError('WATERFALL_BAD_ENERGY', `${path} is no usable energy, got ${quote(value)}.`, {
      path,
      value,
    });
  };
  check(expected, 'expected');
  check(measured, 'measured');
  losses.forEach(({ energy }, i) => {
    check(energy, `losses[${i}].energy`);
  });
  const top = onGrid(expected);
  const bottom = onGrid(measured);
  const moneyOf = (level: number) => onGrid(level * price);
  let level = top;
  const steps: WaterfallStep[] = [];
  // Money is that of the levels, so that it adds up as they do.
  const go = (name: string, to: number) => {
    steps.push({ name, energy: to - level, money: moneyOf(to) - moneyOf(level), level: to });
    level = to;
  };
  for (const { name, energy } of losses) go(name, level - onGrid(energy));
  go('unexplained', bottom);
  return { expected: top, measured: bottom, expectedMoney: moneyOf(top), measuredMoney: moneyOf(bottom), steps };
}
