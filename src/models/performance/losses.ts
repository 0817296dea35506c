import type { Frame } from '../../core/frame.js';
import { optionalColumn, rowHours } from './days.js';
import { lossWaterfall, type Waterfall } from './waterfall.js';

/** Options of `energyLosses`. */
export interface LossOptions {
  /** Column of the measured power, W. Default `acPower`. */
  readonly power?: string | undefined;
  /** Column of what a sound, clean, new plant would give, W. Default `expectedPower`. */
  readonly expected?: string | undefined;
  /** Column of the share of light that dust leaves, 0…1. Default `soilingRatio`; where it is absent, nothing is told of dust. */
  readonly soiling?: string | undefined;
  /** Column that is greater than 0 where the grid operator or the owner limited the plant. Default `curtailed`. */
  readonly curtailed?: string | undefined;
  /** Lasting loss of the modules against new, as a fraction: years × rate of degradation. Default 0. */
  readonly degradation?: number | undefined;
  /** Power below which the plant stands, as a share of the expected. Default 0.02. */
  readonly standing?: number | undefined;
  /** What a kWh earns. Default 0. */
  readonly price?: number | undefined;
}

/**
 * Where the energy went, from a frame with measured and expected power: outage (the plant stands under light),
 * curtailment, soiling, degradation, and what is left unexplained. Each row's loss goes to one cause until it is used
 * up, so that nothing is counted twice; rows without one of the powers do not count on either side.
 */
export function energyLosses(frame: Frame, options: LossOptions = {}): Waterfall {
  const power = frame.column(options.power ?? 'acPower');
  const expected = frame.column(options.expected ?? 'expectedPower');
  const soiling = optionalColumn(frame, options.soiling ?? 'soilingRatio');
  const curtailed = optionalColumn(frame, options.curtailed ?? 'curtailed');
  const { degradation = 0, standing = 0.02, price = 0 } = options;
  const hours = rowHours(frame.time);
  let due = 0;
  let made = 0;
  const loss = { outage: 0, curtailment: 0, soiling: 0, degradation: 0 };
  for (let i = 0; i < frame.length; i++) {
    const e = expected[i] as number;
    const p = power[i] as number;
    if (!Number.isFinite(e) || !Number.isFinite(p)) continue;
    const h = (hours[i] as number) / 1000;
    due += e * h;
    made += p * h;
    const gap = Math.max(0, e - p);
    if (e <= 0 || gap === 0) continue;
    if ((curtailed?.[i] ?? 0) > 0) {
      loss.curtailment += gap * h;
      continue;
    }
    if (p < standing * e) {
      loss.outage += gap * h;
      continue;
    }
    const share = soiling?.[i] ?? Number.NaN;
    const dust = Number.isFinite(share) ? Math.min(gap, e * Math.max(0, 1 - share)) : 0;
    loss.soiling += dust * h;
    loss.degradation += Math.min(gap - dust, (e - dust) * degradation) * h;
  }
  return lossWaterfall({
    expected: due,
    measured: made,
    losses: Object.entries(loss).map(([name, energy]) => ({ name, energy })),
    price,
  });
}
