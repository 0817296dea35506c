import type { Figures, RunInput } from '../../bench/harness.js';
import { Planned } from '../maintenance/planner-policy.js';
import { type Bill, type Policy, play } from '../maintenance/play.js';
import { FixedInterval, type FixedTuning, RunToFailure } from '../maintenance/policies.js';
import { makePlant, type Plant, type PlantFacts, YEARS } from '../maintenance/world.js';

const REPLACE = [0.6, 0.8, 1, 1.25, 1.6, 5];
const CLEAN = [0.6, 1, 1.5, 2.2, 4, 50];
const EARLY = [0, 90];
const THRESHOLDS = [0.02, 0.03, 0.045, 0.07, 0.12, 1];

/**
 * What maintenance costs under three policies, over seeded plants that are played day by day for eight years: the
 * planner, which sees estimates with their uncertainty; fixed intervals; and run to failure. The other two are tuned on
 * plants of their own seed, apart from those that count: fixed intervals as multiples of each plant's optimum by renewal
 * theory, run to failure with the best threshold of cleaning. Cost is work, damage and lost energy in truth.
 * `--plants N` (default 100), `--training N` (default 40), `--seed`.
 */
export default function maintenance({ options, say }: RunInput): Figures {
  const seed = Number(options.seed ?? 1);
  const make = (count: number, from: number) => Array.from({ length: count }, (_, i) => makePlant(i, from));
  const training = make(Number(options.training ?? 40), seed + 5000);
  const tuning = best(
    REPLACE.flatMap((replace) =>
      CLEAN.flatMap((clean) => EARLY.map((early): FixedTuning => ({ replace, clean, early }))),
    ),
    (candidate) => costOf(training, (facts) => new FixedInterval(facts, candidate)),
  );
  const threshold = best(THRESHOLDS, (candidate) => costOf(training, () => new RunToFailure(candidate)));
  say(
    `Tuned on ${training.length} plants: parts at ${tuning.replace} × their best age, cleaning at ${tuning.clean} × its best ` +
      `interval, early by ${tuning.early} days; run to failure cleans from ${threshold}.`,
  );
  const plants = make(Number(options.plants ?? 100), seed);
  const bills = plants.map((plant) => ({
    ours: play(plant, new Planned(plant.facts)),
    fixed: play(plant, new FixedInterval(plant.facts, tuning)),
    reactive: play(plant, new RunToFailure(threshold)),
  }));
  const sum = (pick: (bill: (typeof bills)[number]) => number) => bills.reduce((total, bill) => total + pick(bill), 0);
  for (const name of ['ours', 'fixed', 'reactive'] as const) {
    const mean = (key: keyof Bill) => (sum((bill) => bill[name][key]) / plants.length / YEARS).toFixed(1);
    say(
      `${name.padEnd(9)} a plant and year: ${mean('total')} EUR, ${mean('visits')} visits, ${mean('replacements')} replacements, ` +
        `${mean('failures')} failures, ${mean('cleanings')} cleanings, ${mean('lostEnergy')} kWh lost`,
    );
  }
  const better = (name: 'fixed' | 'reactive') =>
    bills.filter((bill) => bill.ours.total < bill[name].total).length / bills.length;
  return {
    plants: plants.length,
    cost_vs_fixed: sum(({ ours }) => ours.total) / sum(({ fixed }) => fixed.total),
    cost_vs_reactive: sum(({ ours }) => ours.total) / sum(({ reactive }) => reactive.total),
    better_than_fixed: better('fixed'),
    better_than_reactive: better('reactive'),
    cost_per_plant_year: sum(({ ours }) => ours.total) / plants.length / YEARS,
    failures_per_plant_year: sum(({ ours }) => ours.failures) / plants.length / YEARS,
  };
}

function costOf(plants: readonly Plant[], policy: (facts: PlantFacts) => Policy): number {
  return plants.reduce((sum, plant) => sum + play(plant, policy(plant.facts)).total, 0);
}

function best<Candidate>(candidates: readonly Candidate[], cost: (candidate: Candidate) => number): Candidate {
  let least = Number.POSITIVE_INFINITY;
  let chosen: Candidate | undefined;
  for (const candidate of candidates) {
    const own = cost(candidate);
    if (own >= least) continue;
    least = own;
    chosen = candidate;
  }
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
}
