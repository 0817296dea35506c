import { Random } from '../../src/core/index.js';
import { DAY, DAYS, type Plant, type PlantFacts, population, START } from './world.js';

/** What is seen of a plant on a morning. */
export interface Sight {
  readonly day: number;
  readonly time: number;
  readonly facts: PlantFacts;
  /** Wear index of each inverter, 0 new … 1 failing, with noise and an offset of its own; NaN where it has failed. */
  readonly index: Float64Array;
  /** Days since each part was renewed. */
  readonly age: Float64Array;
  /** Days since it failed; −1 while it runs. */
  readonly failedFor: Int32Array;
  /** Whether the parts for its repair are here. */
  readonly partsHere: Uint8Array;
  /** Measured loss by dust, a fraction, with noise. */
  readonly soiling: number;
  readonly rained: boolean;
}

/** What is done today: inverters that get new parts, and whether the modules are cleaned. */
export interface Work {
  readonly replace: readonly number[];
  readonly clean: boolean;
}

/** Decides each morning what is done today. Work happens only on days that are fit for it. */
export interface Policy {
  decide(sight: Sight, workable: boolean): Work;
}

/** Where the money went. */
export interface Bill {
  total: number;
  visits: number;
  replacements: number;
  failures: number;
  cleanings: number;
  lostEnergy: number;
}

/**
 * Plays a plant's years under a policy. What happens (wear, failures, dust, rain) is drawn from the plant's own seed and
 * is the same for every policy until its work changes it: each part that is put in has the life that was drawn for it.
 */
export function play(plant: Plant, policy: Policy): Bill {
  const { facts, energy, washes, workable, soilingRate, seed } = plant;
  const n = facts.inverters;
  const root = new Random(seed);
  const units = Array.from({ length: n }, (_, u) => new Unit(root.split(`unit ${u}`), facts.ages[u] as number));
  const noise = root.split('instruments');
  const bill: Bill = { total: 0, visits: 0, replacements: 0, failures: 0, cleanings: 0, lostEnergy: 0 };
  let dust = 0;
  for (let day = 0; day < DAYS; day++) {
    if (washes[day] === 1) dust = 0;
    for (const unit of units) unit.live(day);
    for (const unit of units) {
      if (unit.failedOn !== day) continue;
      bill.failures++;
      bill.total += facts.failureExtra;
    }
    const sight: Sight = {
      day,
      time: START + day * DAY,
      facts,
      index: Float64Array.from(units, (unit) => {
        const scatter = noise.normal(0, population.indexNoise);
        return unit.failedOn >= 0 ? Number.NaN : unit.wear + unit.offset + scatter;
      }),
      age: Float64Array.from(units, (unit) => unit.age),
      failedFor: Int32Array.from(units, (unit) => (unit.failedOn < 0 ? -1 : day - unit.failedOn)),
      partsHere: Uint8Array.from(units, (unit) =>
        unit.failedOn >= 0 && day - unit.failedOn >= facts.partsLeadDays ? 1 : 0,
      ),
      soiling: Math.max(0, dust + noise.normal(0, population.soilingNoise)),
      rained: washes[day] === 1,
    };
    const open = workable[day] === 1;
    const work = policy.decide(sight, open);
    if (open && (work.replace.length > 0 || work.clean)) {
      bill.visits++;
      bill.total += facts.visitCost;
      for (const u of work.replace) {
        const unit = units[u] as Unit;
        if (unit.failedOn >= 0 && day - unit.failedOn < facts.partsLeadDays) throw new Error('The parts are not here.');
        unit.renew();
        bill.replacements++;
        bill.total += facts.replaceCost;
      }
      if (work.clean) {
        dust = 0;
        bill.cleanings++;
        bill.total += facts.cleaningCost;
      }
    }
    let lost = 0;
    for (const unit of units) {
      const left = unit.failedOn >= 0 ? 0 : (1 - dust) * (1 - population.wearLoss * unit.wear ** 2);
      lost += (energy[day] as number) * (1 - left);
    }
    bill.lostEnergy += lost;
    bill.total += lost * facts.price;
    dust = Math.min(0.35, dust + (soilingRate[day] as number));
  }
  // Wear that is left behind has to be paid for by whoever comes after.
  for (const unit of units) bill.total += facts.replaceCost * Math.min(1, unit.wear);
  return bill;
}

/** A part in an inverter: its wear is a Gamma process with a rate of its own. */
class Unit {
  wear = 0;
  age = 0;
  failedOn = -1;
  offset = 0;
  readonly #random: Random;
  #life: Random;
  #count = 0;
  #rate = 0;
  #sudden = 0;

  constructor(random: Random, age: number) {
    this.#random = random;
    this.#life = random;
    this.#draw();
    this.age = age;
    this.wear = Math.min(0.9, this.#rate * age);
  }

  #draw(): void {
    // Each part has a stream of its own, so that the k-th part of a place is the same under every policy.
    this.#life = this.#random.split(`part ${this.#count++}`);
    const { meanLife, lifeVariation, suddenEvery, indexOffset } = population;
    const shape = 1 / lifeVariation ** 2;
    const life = Math.max(200, this.#life.gamma(shape, meanLife / shape));
    this.#rate = 1 / life;
    this.#sudden = this.#life.exponential(suddenEvery);
    this.offset = this.#life.normal(0, indexOffset);
  }

  live(day: number): void {
    if (this.failedOn >= 0) return;
    this.age++;
    this.#sudden--;
    // Steps of mean `rate` and of the population's variance.
    const scale = population.wearNoise / this.#rate;
    this.wear += this.#life.gamma(this.#rate / scale, scale);
    if (this.wear >= 1 || this.#sudden <= 0) this.failedOn = day;
  }

  renew(): void {
    this.#draw();
    this.wear = 0;
    this.age = 0;
    this.failedOn = -1;
  }
}
