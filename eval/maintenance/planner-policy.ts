import {
  exponentialLife,
  firstOf,
  type Job,
  optimalCleaning,
  planMaintenance,
} from '../../src/monitor/planner/index.js';
import { WearFilter } from './estimate.js';
import type { Policy, Sight, Work } from './play.js';
import { byTheBook, failureCost } from './policies.js';
import { DAY, dayOfYear, type PlantFacts, population } from './world.js';

const PLAN_EVERY = 7;
const HORIZON = 120;

/**
 * The library's planner in the place of an asset manager: once a week, and when something fails, it is given what the
 * instruments say (with their uncertainty), prices and usual weather, and its plan for the days to come is followed.
 */
export class Planned implements Policy {
  readonly #facts: PlantFacts;
  readonly #filters: WearFilter[];
  readonly #renewedRate: number;
  #planned: { readonly day: number; readonly id: string }[] = [];
  #lastPlan = -PLAN_EVERY;
  #failed = 0;
  #dust = 0;
  #dustRate: number;
  #dustDays = 0;
  #seen: number[] = [];

  constructor(facts: PlantFacts) {
    this.#facts = facts;
    this.#filters = facts.ages.map((age) => new WearFilter(age));
    // Replacing by condition costs less in the long run than by age: about one planned renewal for each life.
    const { replacement } = byTheBook(facts);
    this.#renewedRate = Math.min(
      replacement.costRate,
      (1.15 * (facts.replaceCost + facts.visitCost / 2)) / population.meanLife,
    );
    this.#dustRate = facts.soilingGuess;
  }

  decide(sight: Sight, workable: boolean): Work {
    this.#watch(sight);
    const failed = sight.failedFor.reduce((sum, days) => sum + (days >= 0 ? 1 : 0), 0);
    if (sight.day - this.#lastPlan >= PLAN_EVERY || failed > this.#failed || sight.rained) this.#plan(sight);
    this.#failed = failed;
    if (!workable) return { replace: [], clean: false };
    const due = this.#planned.filter(({ day }) => day <= sight.day);
    this.#planned = this.#planned.filter(({ day }) => day > sight.day);
    const replace = due
      .filter(({ id }) => id !== 'clean')
      .map(({ id }) => Number(id))
      .filter((u) => (sight.failedFor[u] as number) < 0 || sight.partsHere[u] === 1);
    const clean = due.some(({ id }) => id === 'clean');
    for (const u of replace) this.#filters[u] = new WearFilter();
    if (clean) this.#washed();
    if (replace.length > 0) this.#failed = 0;
    return { replace, clean };
  }

  #washed(): void {
    this.#dust = 0;
    this.#dustDays = 0;
    this.#seen = [];
  }

  #watch(sight: Sight): void {
    this.#filters.forEach((filter, u) => {
      filter.step(sight.index[u] as number);
    });
    if (sight.rained) this.#washed();
    this.#dustDays++;
    this.#seen.push(sight.soiling);
    // Least squares through the clean beginning, held to what is known of the place by a prior worth a month.
    let sxy = 0;
    let sxx = 0;
    this.#seen.forEach((loss, d) => {
      sxy += loss * (d + 1);
      sxx += (d + 1) ** 2;
    });
    const prior = 10_000;
    const rate = (sxy + prior * this.#dustRate) / (sxx + prior);
    this.#dust = rate * this.#dustDays;
    if (this.#dustDays >= 20) this.#dustRate += 0.02 * (rate - this.#dustRate);
  }

  #plan(sight: Sight): void {
    this.#lastPlan = sight.day;
    const facts = this.#facts;
    const start = dayOfYear(sight.day);
    const worth = Array.from(
      { length: HORIZON + 2 },
      (_, d) => (facts.usualEnergy[(start + d) % 366] as number) * facts.price,
    );
    const jobs: Job[] = this.#filters.map((filter, u) => {
      const failedFor = sight.failedFor[u] as number;
      if (failedFor >= 0) {
        return {
          id: String(u),
          assetId: 'plant',
          task: `Repair inverter ${u + 1}`,
          plannedCost: facts.replaceCost,
          lossPerDay: worth,
          partsLeadDays: Math.max(0, facts.partsLeadDays - failedFor),
          hours: 1,
        };
      }
      const { wear, rate } = filter;
      return {
        id: String(u),
        assetId: 'plant',
        task: `Renew the power stage of inverter ${u + 1}`,
        plannedCost: facts.replaceCost,
        failureCost: failureCost(facts),
        life: firstOf(filter.life, exponentialLife(population.suddenEvery)),
        lossPerDay: worth.map((w, d) => w * population.wearLoss * Math.min(1, Math.max(0, wear + rate * d)) ** 2),
        renewedCostRate: this.#renewedRate,
        hours: 1,
      };
    });
    const plantWorth = worth.map((w) => w * facts.inverters);
    const month = new Date(sight.time).getUTCMonth();
    const rainEvery = facts.rainEvery[month] as number;
    const energyValue = plantWorth.slice(0, 60).reduce((sum, w) => sum + w, 0) / 60;
    const rate = this.#dust / Math.max(1, this.#dustDays);
    const afterwards = optimalCleaning({
      soilingRate: Math.max(1e-5, rate),
      energyValue,
      cleaningCost: facts.cleaningCost + facts.visitCost,
      rainEvery,
    });
    jobs.push({
      id: 'clean',
      assetId: 'plant',
      task: 'Clean the modules',
      plannedCost: facts.cleaningCost,
      failureCost: 0,
      life: exponentialLife(rainEvery),
      lossPerDay: plantWorth.map((w, d) => w * Math.min(0.35, this.#dust + rate * d)),
      renewedCostRate: afterwards.costRate,
      hours: 1,
    });
    const { planned } = planMaintenance({
      now: sight.time,
      jobs,
      horizonDays: HORIZON,
      visitCost: facts.visitCost,
      planEveryDays: PLAN_EVERY,
      crews: [{ id: 'crew', people: 2 }],
      work: { hours: [0, 24] },
    });
    this.#planned = planned.map(({ job, start: at }) => ({
      id: job.id,
      day: sight.day + Math.floor((at - sight.time) / DAY),
    }));
  }
}
