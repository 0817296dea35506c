import { Random } from '../../src/core/index.js';
import { generateWeather } from '../../src/twin/index.js';

/** Years that are played, and their first day. */
export const YEARS = 8;
export const START = Date.UTC(2018, 0, 1);
export const DAY = 86_400_000;
export const DAYS = Math.round(YEARS * 365.25);

/** What all policies may know of the kind of plant: the population that single plants are drawn from. */
export const population = {
  /** Mean life of a power stage, days, and its coefficient of variation between units. */
  meanLife: 1800,
  lifeVariation: 0.45,
  /** Variance that wear gains a day beside its mean course. */
  wearNoise: 1.2e-5,
  /** Mean days between failures that announce themselves by nothing. */
  suddenEvery: 9000,
  /** Scatter of the daily wear index, and of its offset between units. */
  indexNoise: 0.08,
  indexOffset: 0.03,
  /** Share of the power that a part loses at the end of its life. */
  wearLoss: 0.06,
  soilingNoise: 0.012,
} as const;

/** What a plant's owner knows of it. Money in euro. */
export interface PlantFacts {
  readonly name: string;
  readonly inverters: number;
  /** Rated power of an inverter, kW. */
  readonly power: number;
  /** Worth of a kWh. */
  readonly price: number;
  readonly visitCost: number;
  readonly replaceCost: number;
  readonly cleaningCost: number;
  /** What a failure costs on top of the replacement: emergency, secondary damage. */
  readonly failureExtra: number;
  /** Days from a failure to the arrival of the parts. */
  readonly partsLeadDays: number;
  /** Expected energy of an inverter by the day of the year (366), kWh: climatology. */
  readonly usualEnergy: Float64Array;
  /** Mean days between washing rains, by month. */
  readonly rainEvery: readonly number[];
  /** Age of the parts at the start, days. */
  readonly ages: readonly number[];
  /** Soiling rate that the installer expects of the place, a day. */
  readonly soilingGuess: number;
}

/** A plant as it really is: facts, weather, and what nobody sees. */
export interface Plant {
  readonly facts: PlantFacts;
  /** Energy of a sound, clean inverter, kWh a day; rain that washes; whether work outside is possible. */
  readonly energy: Float64Array;
  readonly washes: Uint8Array;
  readonly workable: Uint8Array;
  readonly soilingRate: Float64Array;
  readonly seed: number;
}

const SITES = [
  { latitude: 37.4, longitude: -5.9, altitude: 30 },
  { latitude: 33.4, longitude: -112.1, altitude: 340 },
  { latitude: 41.1, longitude: 16.9, altitude: 10 },
  { latitude: 48.1, longitude: 11.6, altitude: 520 },
  { latitude: -33.9, longitude: 18.6, altitude: 60 },
] as const;

const weathers = new Map<string, { light: Float64Array; rain: Float64Array }>();

/** Daily light on the horizontal, kWh/m², and rain, mm, of a place for one of some seeds: plants may share their weather. */
function weatherOf(place: number, seed: number) {
  const key = `${place}:${seed}`;
  let weather = weathers.get(key);
  if (weather === undefined) {
    const site = SITES[place] as (typeof SITES)[number];
    const frame = generateWeather({ site, from: START, days: DAYS, step: '3h', seed });
    const ghi = frame.column('ghi');
    const precipitation = frame.column('precipitation');
    const light = new Float64Array(DAYS);
    const rain = new Float64Array(DAYS);
    for (let i = 0; i < ghi.length; i++) {
      const day = Math.floor(i / 8);
      light[day] = (light[day] as number) + (3 * (ghi[i] as number)) / 1000;
      rain[day] = (rain[day] as number) + 3 * (precipitation[i] as number);
    }
    weather = { light, rain };
    weathers.set(key, weather);
  }
  return weather;
}

/** Rain of a day that washes the glass, mm. */
const WASHING = 4;

/** Plant number `index` of a seed. */
export function makePlant(index: number, seed: number): Plant {
  const random = new Random(seed).split(`plant ${index}`);
  const place = index % SITES.length;
  const { light, rain } = weatherOf(place, seed * 100 + (random.int(4) as number));
  const power = random.uniform(25, 60);
  const inverters = 3 + random.int(6);
  const energy = light.map((kWh) => power * kWh * 0.82);
  const washes = Uint8Array.from(rain, (mm) => (mm >= WASHING ? 1 : 0));
  const workable = Uint8Array.from(rain, (mm, d) => {
    const weekday = new Date(START + d * DAY).getUTCDay();
    return mm < 2 && weekday !== 0 && weekday !== 6 ? 1 : 0;
  });
  const base = 0.0012 * random.uniform(0.3, 2.2);
  // Dust comes with the season: more in its dry half.
  const phase = random.uniform(0, 365);
  const soilingRate = Float64Array.from(
    energy,
    (_, d) => base * Math.max(0.2, 1 + 0.6 * Math.sin((2 * Math.PI * (d - phase)) / 365.25) + random.normal(0, 0.3)),
  );
  const ages = Array.from({ length: inverters }, () => random.uniform(0, 1200));
  return {
    facts: {
      name: `plant ${index}`,
      inverters,
      power,
      price: random.uniform(0.08, 0.16),
      visitCost: random.uniform(200, 450),
      replaceCost: random.uniform(22, 38) * power,
      cleaningCost: 120 + random.uniform(0.6, 1.4) * power * inverters,
      failureExtra: random.uniform(25, 60) * power,
      partsLeadDays: 5 + random.int(20),
      usualEnergy: climatology(energy),
      rainEvery: rainEvery(washes),
      ages,
      soilingGuess: base * random.uniform(0.6, 1.6),
    },
    energy,
    washes,
    workable,
    soilingRate,
    seed: random.uint32(),
  };
}

/** Mean energy by day of the year, within two weeks. */
function climatology(energy: Float64Array): Float64Array {
  const sum = new Float64Array(366);
  const count = new Float64Array(366);
  for (let d = 0; d < energy.length; d++) {
    for (let k = -15; k <= 15; k++) {
      const at = (dayOfYear(d) + k + 366) % 366;
      sum[at] = (sum[at] as number) + (energy[d] as number);
      count[at] = (count[at] as number) + 1;
    }
  }
  return sum.map((total, i) => total / Math.max(1, count[i] as number));
}

function rainEvery(washes: Uint8Array): number[] {
  const wet = new Array<number>(12).fill(0);
  const all = new Array<number>(12).fill(0);
  washes.forEach((washed, d) => {
    const month = new Date(START + d * DAY).getUTCMonth();
    all[month] = (all[month] as number) + 1;
    wet[month] = (wet[month] as number) + washed;
  });
  return all.map((days, month) => days / Math.max(0.5, wet[month] as number));
}

/** Day of the year, 0…365. */
export function dayOfYear(day: number): number {
  const date = new Date(START + day * DAY);
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY);
}
