import { TwinergyError } from '../../core/index.js';
import { endless, type LifeDistribution } from './life.js';

/** How bad it would be to leave a task. */
export type TaskPriority = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';

/** One piece of work that could be done now or later, and what hangs on it. Money in one currency. */
export interface Job {
  readonly id: string;
  readonly assetId: string;
  /** What to do, for people: `Clean array 2`. */
  readonly task: string;
  readonly component?: string | undefined;
  /** Cost of doing it as planned: labour, parts, energy not made meanwhile; without the way there. */
  readonly plannedCost: number;
  /** Until when it can be put off: a part's remaining life, or the time until rain. Default: it does not end by itself. */
  readonly life?: LifeDistribution | undefined;
  /** What the end of that life costs: a failure with its damage and standstill; 0 for rain, which does the work for nothing. */
  readonly failureCost?: number | undefined;
  /** What each day of waiting loses, day 0 first; a number is the same every day, a short list goes on with its last value. */
  readonly lossPerDay?: number | readonly number[] | undefined;
  /** Long-run cost a day after the renewal (`optimalReplacement`, `optimalCleaning`): what a day put off saves. Default 0. */
  readonly renewedCostRate?: number | undefined;
  /** Hours of work. Default 2. */
  readonly hours?: number | undefined;
  /** People needed at once. Default 1. */
  readonly people?: number | undefined;
  /** What a crew must be able to do. Default: nothing special. */
  readonly skill?: string | undefined;
  /** Days until the parts are there. Default 0. */
  readonly partsLeadDays?: number | undefined;
  /** Why it is proposed, for people. */
  readonly why?: string | undefined;
  /** How urgent it is, where somebody (an alert, a person) has said so. Default: by what waiting costs. */
  readonly priority?: TaskPriority | undefined;
}

/** What a job costs as a function of the day it is done. */
export interface Waiting {
  /** `cost[d]`: expected cost from now on if it is done on day `d`, less what each day put off saves; index = days from now. */
  readonly cost: Float64Array;
  /** Probability that it ends by itself before day `d`. */
  readonly ended: Float64Array;
  /** Day of least cost, and that cost. */
  readonly best: number;
  readonly bestCost: number;
  /** Cost when done on the first possible day. */
  readonly costNow: number;
  /** First day on which the parts are there. */
  readonly earliest: number;
  /** Cost, and probability of having ended, beyond the horizon, by the month: tells whether it is better done later. */
  readonly beyond: readonly { readonly cost: number; readonly ended: number }[];
}

/**
 * Expected cost of each day that a job could be done on:
 * J(d) = Σ_{u<d} S(u) · (loss(u) − g) + c_f (1 − S(d)) + c_p S(d),
 * where S is the life's survival, g the long-run cost rate after the renewal. The best day is where another day's loss
 * and risk outweigh what putting it off saves (marginal cost analysis; Berg 1980).
 * @param horizonDays how far is looked ahead
 * @throws TwinergyError `PLAN_BAD_JOB`
 */
export function costOfWaiting(job: Job, horizonDays = 90): Waiting {
  const { plannedCost, failureCost = 0, renewedCostRate = 0, partsLeadDays = 0, life = endless } = job;
  for (const [key, value] of Object.entries({ plannedCost, failureCost, renewedCostRate, partsLeadDays })) {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new TwinergyError('PLAN_BAD_JOB', `${key} of the job ${job.id} must be 0 or more, got ${value}.`, {
        path: key,
        value,
      });
    }
  }
  const days = Math.max(1, Math.round(horizonDays));
  const cost = new Float64Array(days + 1);
  const ended = new Float64Array(days + 1);
  let spent = 0;
  for (let d = 0; d <= days; d++) {
    const survival = Math.min(1, Math.max(0, life.survival(d)));
    cost[d] = spent + failureCost * (1 - survival) + plannedCost * survival;
    ended[d] = 1 - survival;
    const next = Math.min(1, Math.max(0, life.survival(d + 1)));
    spent += ((survival + next) / 2) * (lossOn(job, d) - renewedCostRate);
  }
  const earliest = Math.min(days, Math.ceil(partsLeadDays));
  let best = earliest;
  for (let d = earliest; d <= days; d++) if ((cost[d] as number) < (cost[best] as number)) best = d;
  return {
    cost,
    ended,
    best,
    bestCost: cost[best] as number,
    costNow: cost[earliest] as number,
    earliest,
    beyond: costBeyond(job, days, spent, life),
  };
}

/** Days from one look to the next beyond the horizon, and how many looks: ten years. */
const STRIDE = 30;
const LOOKS = 122;

/** The same costs beyond the horizon, by the month: what a job that is not due yet can look forward to. */
function costBeyond(job: Job, days: number, spentSoFar: number, life: LifeDistribution): Waiting['beyond'] {
  const { plannedCost, failureCost = 0, renewedCostRate = 0 } = job;
  const perDay = lossOn(job, days) - renewedCostRate;
  const result: { cost: number; ended: number }[] = [];
  let spent = spentSoFar;
  let before = life.survival(days + 1);
  for (let k = 1; k <= LOOKS; k++) {
    const survival = Math.min(1, Math.max(0, life.survival(days + 1 + k * STRIDE)));
    spent += ((before + survival) / 2) * STRIDE * perDay;
    before = survival;
    result.push({ cost: spent + failureCost * (1 - survival) + plannedCost * survival, ended: 1 - survival });
    // Where hardly anything is left to end, nothing changes any more.
    if (survival < 1e-3) break;
  }
  return result;
}

/** What day `d` of waiting loses. */
export function lossOn({ lossPerDay = 0 }: Job, d: number): number {
  if (typeof lossPerDay === 'number') return lossPerDay;
  return lossPerDay[Math.min(d, lossPerDay.length - 1)] ?? 0;
}
