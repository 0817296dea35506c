import { Random } from '../../core/index.js';
import { exp, log } from '../../core/math/index.js';
import type { FutureWeather, HealthEstimate, HealthQuantity } from './health-filter.js';
import { ParticleFilter } from './particle.js';

/** Numbers of a particle: loss by dirt, its growth by dry day, and the loss that no rain takes away. */
const LOSS = 0;
const RATE = 1;
const LASTING = 2;
const COUNT = 80;

/** Rain of a day, mm, that surely washes, and that may. */
const RAIN = { washes: 4, may: 1 };
/** Chance of a wash in a day by rain, by weak rain, by hand, and by unseen rain where no rain is measured. */
const CHANCE = { strong: 0.9, weak: 0.3, hand: 0.005, unseen: 0.07 };
/** Error of a day's mean beyond noise. */
const DAY_ERROR = 0.003;

/**
 * Places after the particles: the day, sum of weights and of weighted loss, mm of rain, instants with rain measured and
 * those of them without rain; then the time of the last evidence.
 */
const filter = new ParticleFilter(COUNT, 3);
const DAY = filter.memorySize;
const WEIGHT = DAY + 1;
const SUM = DAY + 2;
const RAINFALL = DAY + 3;
const RAIN_KNOWN = DAY + 4;
const DRY = DAY + 5;
const EVIDENCE = DAY + 6;

/**
 * Follows the dirt on an array by the day: it grows at a rate of its own, rain takes it away at a stroke, and what stays
 * after rain is no dirt. Particles, since before and after a wash there is nothing in between.
 */
export const soilingParticles = {
  memorySize: EVIDENCE + 1,

  quantities(array: string): HealthQuantity[] {
    return [
      {
        name: `${array}.soilingLoss`,
        unit: '1',
        title: `Light that dirt takes from ${array}`,
        sound: 0,
        prior: 0.02,
        as: { name: `${array}.soilingLoss`, scale: 1 },
      },
      {
        name: `${array}.soilingRate`,
        unit: '1/d',
        title: `Light that dirt takes from ${array} more with each dry day`,
        sound: 0,
        prior: 0.001,
      },
    ];
  },

  begin(memory: Float64Array): void {
    memory.fill(0);
    filter.begin(memory, 1, (random, particle) => {
      particle[LOSS] = Math.min(0.3, random.exponential(0.01));
      particle[RATE] = 0.0005 * exp(1.2 * random.normal());
      particle[LASTING] = random.normal(0, 0.005);
    });
    memory[DAY] = Number.NaN;
    memory[EVIDENCE] = Number.NaN;
  },

  /**
   * Notes an instant.
   * @param day number of the day at the plant
   * @param loss share of the light that is lost at this instant; NaN where it cannot be told
   * @param weight how much that counts
   * @param rain mm since the instant before; NaN where it is not measured
   */
  note(memory: Float64Array, day: number, time: number, loss: number, weight: number, rain: number): void {
    const before = memory[DAY] as number;
    if (day !== before) {
      if (!Number.isNaN(before)) finishDay(memory, day - before, time);
      memory[DAY] = day;
      memory[WEIGHT] = memory[SUM] = memory[RAINFALL] = memory[RAIN_KNOWN] = memory[DRY] = 0;
    }
    if (!Number.isNaN(rain)) {
      memory[RAINFALL] = (memory[RAINFALL] as number) + rain;
      memory[RAIN_KNOWN] = (memory[RAIN_KNOWN] as number) + 1;
      if (rain === 0) memory[DRY] = (memory[DRY] as number) + 1;
    }
    if (Number.isNaN(loss)) return;
    memory[WEIGHT] = (memory[WEIGHT] as number) + weight;
    memory[SUM] = (memory[SUM] as number) + weight * loss;
  },

  estimate(memory: Float64Array, index: number, out: HealthEstimate): void {
    out.mean = filter.mean(memory, index);
    out.sd = filter.deviation(memory, index);
    out.evidence = memory[EVIDENCE] as number;
  },

  /** One possible course of the loss by dirt: a particle that goes on through the weather of coming days. */
  course(memory: Float64Array, { rain, dry }: FutureWeather, random: Random, path: Float64Array): void {
    const { loss, rate } = filter.draw(memory, random, ([loss = 0, rate = 0]) => ({ loss, rate }));
    let dirt = loss;
    let pace = rate;
    for (let day = 0; day < path.length; day++) {
      if (random.next() < washChance(rain[day] as number, true)) dirt *= 0.5 * random.next() ** 3;
      else dirt = Math.min(0.6, dirt + pace * (dry[day] as number));
      pace *= exp(0.03 * random.normal());
      path[day] = dirt;
    }
  },
};

function washChance(rain: number, known: boolean): number {
  if (!known) return CHANCE.unseen;
  if (rain >= RAIN.washes) return CHANCE.strong;
  return rain >= RAIN.may ? CHANCE.weak : CHANCE.hand;
}

function finishDay(memory: Float64Array, days: number, time: number): void {
  const random = new Random(memory[DAY] as number).split('soiling');
  const seenRain = memory[RAIN_KNOWN] as number;
  const known = seenRain > 0;
  const rain = memory[RAINFALL] as number;
  const chance = washChance(rain, known);
  const dry = known ? (memory[DRY] as number) / seenRain : 1;
  filter.move(memory, random, (stream, particle) => {
    // A gap is passed over day by day in its chance of rain, and at one stroke in its growth.
    const washed = stream.next() < 1 - (1 - chance) * (1 - CHANCE.unseen) ** (days - 1);
    const left = washed ? 0.5 * stream.next() ** 3 : 1;
    particle[RATE] = (particle[RATE] as number) * exp(0.1 * Math.sqrt(days) * stream.normal());
    const grown = (particle[RATE] as number) * (washed ? (days - 1) / 2 : days - 1 + dry);
    // Dirt and lasting loss look the same until rain: the cloud is stirred along that line, or it would thin out there.
    const dirt = (particle[LOSS] as number) * left + grown;
    const shifted = Math.min(0.6, Math.max(0, dirt + 0.0007 * Math.sqrt(days) * stream.normal()));
    particle[LOSS] = shifted;
    particle[LASTING] = (particle[LASTING] as number) + dirt - shifted + 0.0006 * Math.sqrt(days) * stream.normal();
  });
  const weight = memory[WEIGHT] as number;
  if (!(weight > 0)) return;
  const seen = (memory[SUM] as number) / weight;
  const variance = DAY_ERROR ** 2 + 0.01 ** 2 / weight;
  filter.weigh(memory, random, (particle) => {
    const off = seen - (particle[LOSS] as number) - (particle[LASTING] as number);
    // Tails of a Student distribution: one odd day does not empty the cloud.
    return -2.5 * log(1 + (off * off) / (4 * variance));
  });
  memory[EVIDENCE] = time;
}
