import { exponentialLife, firstOf, optimalCleaning, optimalReplacement } from '../../src/monitor/planner/index.js';
import { newLife } from './estimate.js';
import type { Policy, Sight, Work } from './play.js';
import { type PlantFacts, population } from './world.js';

/** Inverters that have failed and whose parts are here. */
function repairs({ failedFor, partsHere }: Sight): number[] {
  return Array.from(failedFor.keys()).filter((u) => (failedFor[u] as number) >= 0 && partsHere[u] === 1);
}

/** What a failure costs beyond a planned replacement, with the energy lost until it is repaired. */
export function failureCost(facts: PlantFacts): number {
  const energy = facts.usualEnergy.reduce((sum, kWh) => sum + kWh, 0) / facts.usualEnergy.length;
  return facts.failureExtra + facts.replaceCost + facts.visitCost + (facts.partsLeadDays + 2) * energy * facts.price;
}

/** Long-run policies of the plant by the book, on the population's life and the plant's costs. */
export function byTheBook(facts: PlantFacts) {
  const energy = facts.usualEnergy.reduce((sum, kWh) => sum + kWh, 0) / facts.usualEnergy.length;
  const worth = energy * facts.price;
  const replacement = optimalReplacement({
    life: firstOf(newLife(), exponentialLife(population.suddenEvery)),
    plannedCost: facts.replaceCost + facts.visitCost,
    failureCost: failureCost(facts),
    runningCost: (age) => worth * population.wearLoss * Math.min(1, age / population.meanLife) ** 2,
  });
  const rain = 12 / facts.rainEvery.reduce((sum, days) => sum + 1 / days, 0);
  const cleaning = optimalCleaning({
    soilingRate: facts.soilingGuess,
    energyValue: worth * facts.inverters,
    cleaningCost: facts.cleaningCost + facts.visitCost,
    rainEvery: rain,
  });
  return { replacement, cleaning };
}

/** Multiples of the book's intervals that the fixed policy uses; tuned on training plants. */
export interface FixedTuning {
  readonly replace: number;
  readonly clean: number;
  /** What is due within so many days is done when somebody is there anyway. */
  readonly early: number;
}

/** Parts at a fixed age, cleaning at a fixed interval, repairs when something has failed. */
export class FixedInterval implements Policy {
  readonly #age: number;
  readonly #every: number;
  readonly #early: number;
  #cleaned = 0;

  constructor(facts: PlantFacts, { replace, clean, early }: FixedTuning) {
    const { replacement, cleaning } = byTheBook(facts);
    this.#age = replace * (replacement.interval ?? population.meanLife);
    this.#every = clean * (cleaning.interval ?? 365);
    this.#early = early;
  }

  decide(sight: Sight, workable: boolean): Work {
    if (!workable) return { replace: [], clean: false };
    const failed = repairs(sight);
    const due = (slack: number) =>
      Array.from(sight.age.keys()).filter(
        (u) => (sight.failedFor[u] as number) < 0 && (sight.age[u] as number) >= this.#age - slack,
      );
    const cleanDue = (slack: number) => sight.day - this.#cleaned >= this.#every - Math.min(slack, this.#every / 4);
    const there = failed.length > 0 || due(0).length > 0 || cleanDue(0);
    if (!there) return { replace: [], clean: false };
    const clean = cleanDue(this.#early);
    if (clean) this.#cleaned = sight.day;
    return { replace: [...failed, ...due(this.#early)], clean };
  }
}

/** Nothing before it fails; the modules are cleaned when the loss has become large. */
export class RunToFailure implements Policy {
  readonly #threshold: number;
  #loss = 0;

  /** @param threshold measured loss by dust, smoothed over a week, from which the modules are cleaned */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  decide(sight: Sight, workable: boolean): Work {
    this.#loss = sight.rained ? 0 : this.#loss + (sight.soiling - this.#loss) / 7;
    if (!workable) return { replace: [], clean: false };
    const clean = this.#loss > this.#threshold;
    if (clean) this.#loss = 0;
    return { replace: repairs(sight), clean };
  }
}
