import { Random } from '../../core/index.js';
import type { AssetModel, AssetRun, Environment } from '../asset-model.js';
import { DailyMean } from '../daily.js';
import { type ActiveFault, faultDefinition } from '../faults/index.js';
import type { Wear } from '../filter/health-filter.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Rain of an hour below this, mm, leaves it dry. */
const DRY = 0.05;

/** Days that are all simulated; a multiple of three. */
const DAILY = 90;

/** A fault that stands at a severity of its own choice, above 1 where need be. */
function standing(model: AssetModel, { fault, target }: Wear, severity: number): ActiveFault {
  return {
    definition: faultDefinition(model.faults, fault),
    request: { id: fault, ...(target === undefined ? {} : { target }) },
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    random: new Random(0),
    progress: () => severity,
    severity,
  };
}

/** One weather, and the asset in it at several states of wear. */
interface Member {
  readonly environment: Environment;
  readonly runs: readonly AssetRun[];
  /** By run: the days' means, name after name. */
  readonly means: Float64Array[][];
  readonly rain: number[];
  readonly dry: number[];
}

/**
 * How an asset answers to wear under the weather to come: daily means of every channel and state, simulated by the hour at
 * given severities in a few weathers, as far ahead as is asked for.
 */
export class Response {
  /** Names of the values: channels, then states. */
  readonly names: readonly string[];
  readonly #from: number;
  readonly #members: readonly Member[];
  readonly #inputs: Float64Array;
  readonly #out: Float64Array;
  readonly #rain: number;
  #days = 0;

  /**
   * @param from ms since the epoch: the first day begins there
   * @param settings for each run the severity of each wear
   * @param seeds one weather each
   */
  constructor(
    model: AssetModel,
    from: number,
    wears: readonly Wear[],
    settings: readonly (readonly number[])[],
    seeds: readonly number[],
  ) {
    this.#from = from;
    this.names = [...model.channels, ...model.states].map(({ name }) => name);
    this.#rain = this.names.indexOf('precipitation');
    this.#inputs = new Float64Array(model.inputCount);
    this.#out = new Float64Array(this.names.length);
    this.#members = seeds.map((seed) => ({
      environment: model.environment({ seed, weather: undefined, circumstances: [] }),
      runs: settings.map((setting) =>
        model.start(wears.map((wear, w) => standing(model, wear, Math.max(0, setting[w] as number)))),
      ),
      means: settings.map(() => []),
      rain: [],
      dry: [],
    }));
  }

  /** Goes on by a day in every weather: from the second quarter of a year on, every third is simulated and stands for three. */
  advance(): void {
    if (this.#days >= DAILY && this.#days % 3 !== 0) this.#repeat();
    else this.#simulate();
    this.#days++;
  }

  #repeat(): void {
    for (const { means, rain, dry } of this.#members) {
      for (const own of means) own.push(own.at(-1) as Float64Array);
      rain.push(rain.at(-1) as number);
      dry.push(dry.at(-1) as number);
    }
  }

  #simulate(): void {
    const { names } = this;
    const begin = this.#from + this.#days * DAY;
    for (const member of this.#members) {
      const sums = member.runs.map(() => names.map(() => new DailyMean()));
      let [rain, dry] = [0, 0];
      for (let hour = 0; hour < 24; hour++) {
        const time = begin + hour * HOUR;
        member.environment.at(time, this.#inputs);
        for (let r = 0; r < member.runs.length; r++) {
          (member.runs[r] as AssetRun).step(time, 3600, this.#inputs, this.#out);
          const own = sums[r] as DailyMean[];
          for (let n = 0; n < names.length; n++) (own[n] as DailyMean).add(this.#out[n] as number);
        }
        const fallen = this.#rain < 0 ? 0 : (this.#out[this.#rain] as number);
        rain += fallen;
        if (fallen < DRY) dry++;
      }
      sums.forEach((own, r) => {
        member.means[r]?.push(Float64Array.from(own, (mean) => mean.take()));
      });
      member.rain.push(rain);
      member.dry.push(dry / 24);
    }
  }

  /** How many days have been simulated. */
  get days(): number {
    return this.#days;
  }

  /** The mean of a value on a day in a weather; NaN where it showed nothing. */
  mean(weather: number, run: number, day: number, name: number): number {
    return this.#members[weather]?.means[run]?.[day]?.[name] ?? Number.NaN;
  }

  /** Rain by the day in a weather, mm, and the part of each day without. */
  weather(member: number): { readonly rain: Float64Array; readonly dry: Float64Array } {
    const { rain = [], dry = [] } = this.#members[member] ?? {};
    return { rain: Float64Array.from(rain), dry: Float64Array.from(dry) };
  }
}
