import { TwinergyError } from '../../core/errors.js';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { RULPredictor } from '../rul-predictor.js';
import type { LifeHistory } from './history.js';
import type { RULPredictorOptions } from './options.js';

const DAY = 86_400_000;

/** One thing that every engine must do. */
export interface LifeCheck {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * Pumps whose wear grows at rates of their own and shows in two channels with noise; they fail at 1. `load` tells nothing.
 * @param longest life, days; the shortest is somewhat more than a third of it
 */
export function pumps(count: number, seed: number, longest = 110): (LifeHistory & { readonly failureTime: number })[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const days = Math.round(random.uniform((40 / 110) * longest, longest));
    const time = Float64Array.from({ length: days }, (_, day) => day * DAY);
    const wear = time.map((_, day) => ((day + 1) / days) ** 2);
    const noisy = (scale: number, level: number, deviation: number) =>
      wear.map((w) => level + scale * w + deviation * random.normal());
    return {
      assetId: `pump-${i}`,
      frame: new Frame(time, {
        vibration: { data: noisy(4, 1, 0.15), unit: 'g' },
        flow: { data: noisy(-3, 10, 0.2), unit: '1' },
        load: { data: noisy(0, 5, 1), unit: '1' },
      }),
      failureTime: days * DAY,
    };
  });
}

/**
 * What every engine of `RULPredictor` must do, one of your own too: run these in its tests.
 * @param options the engine, and what else it needs
 * @param transient whether it cannot be loaded again
 */
export function lifeChecks(options: () => RULPredictorOptions, { transient = false } = {}): LifeCheck[] {
  const make = (more: RULPredictorOptions = {}) =>
    new RULPredictor({ seed: 3, window: 12, timeBudget: Number.POSITIVE_INFINITY, ...options(), ...more });
  const training = pumps(12, 1, 70);
  const fresh = pumps(10, 2, 70);
  let fittedOnce: Promise<RULPredictor> | undefined;
  const fitted = () => {
    fittedOnce ??= make().fitAsync(training);
    return fittedOnce;
  };
  const checks: LifeCheck[] = [
    {
      name: 'says NOT_FITTED before it is fitted',
      run: () => refuses('NOT_FITTED', async () => make().predict((fresh[0] as LifeHistory).frame)),
    },
    {
      name: 'errs less on new assets than one that says the mean of all',
      run: async () => {
        const predictor = await fitted();
        let own = 0;
        let blind = 0;
        const looks = lookAt(fresh);
        const mean = looks.reduce((sum, { left }) => sum + left, 0) / looks.length;
        for (const { frame, left } of looks) {
          const answer = predictor.predict(frame).median;
          if (answer === null) throw new Error('There is no answer.');
          own += Math.abs(answer - left);
          blind += Math.abs(mean - left);
        }
        if (!(own < 0.75 * blind))
          throw new Error(`Mean errors: ${own / looks.length}, blind ${blind / looks.length}.`);
      },
    },
    {
      name: 'gives finite answers in order: nested intervals, probabilities that grow, a confidence in 0…1',
      run: async () => {
        const predictor = await fitted();
        for (const { frame } of lookAt(fresh)) sane(predictor, frame);
      },
    },
    {
      name: 'has intervals that hold about what they promise, within what so few assets can show',
      run: async () => {
        const predictor = await fitted();
        const looks = lookAt(fresh);
        const inside = looks.filter(({ frame, left }) => {
          const interval = predictor.predict(frame).intervals.find(({ level }) => level === 80);
          return interval !== undefined && left >= interval.lower && left <= interval.upper;
        });
        const share = inside.length / looks.length;
        if (!(share > 0.55 && share <= 1)) throw new Error(`80 % intervals hold ${(100 * share).toFixed(0)} %.`);
      },
    },
    {
      name: 'is not as sure of a new asset as of one about to fail',
      run: async () => {
        const predictor = await fitted();
        const seen = new Set<number>();
        for (const { frame } of lookAt(fresh)) seen.add(predictor.predict(frame).confidence ?? -1);
        if (seen.size < 3) throw new Error('The confidence is the same for all.');
      },
    },
    {
      name: 'takes gaps, a channel that stands still, and lives that have not ended',
      run: async () => {
        const odd = training.map(({ failureTime, ...rest }, i) => ({
          ...rest,
          frame: holed(i % 4 === 0 ? rest.frame.sliceRows(0, rest.frame.length >> 1) : rest.frame),
          ...(i % 4 === 0 ? {} : { failureTime }),
        }));
        const predictor = await make().fitAsync(odd);
        sane(predictor, holed((fresh[0] as LifeHistory).frame));
      },
    },
    {
      name: 'gives the same answers for the same seed',
      run: async () => {
        const { frame } = fresh[1] as LifeHistory;
        const [a, b] = [await fitted(), await make().fitAsync(training)];
        if (JSON.stringify(a.predict(frame)) !== JSON.stringify(b.predict(frame))) throw new Error('Two fits differ.');
      },
    },
    {
      name: 'explains by contributions that add up, and in a sentence',
      run: async () => {
        const { frame } = fresh[2] as LifeHistory;
        const explanation = (await fitted()).explain(frame.sliceRows(0, frame.length - 3));
        const sum = explanation.contributions.reduce(
          (total, { contribution }) => total + contribution,
          explanation.base,
        );
        if (!(Math.abs(sum - explanation.answer) < 1e-6 * Math.max(1, explanation.answer)))
          throw new Error(`They add up to ${sum}, the answer is ${explanation.answer}.`);
        if (!/left/.test(String(explanation))) throw new Error(String(explanation));
      },
    },
    {
      name: 'refuses histories without a failure, and an unknown channel',
      run: async () => {
        const censored = training.map(({ assetId, frame }) => ({ assetId, frame }));
        await refuses('RUL_NO_FAILURES', () => make().fitAsync(censored));
        await refuses('FRAME_UNKNOWN_COLUMN', () => make({ channels: ['oil'] }).fitAsync(training));
        const predictor = await fitted();
        await refuses('FRAME_UNKNOWN_COLUMN', async () =>
          predictor.predict((fresh[0] as LifeHistory).frame.select('load')),
        );
      },
    },
  ];
  if (!transient) {
    checks.push({
      name: 'answers to the bit after it was stored',
      run: async () => {
        const predictor = await fitted();
        const { engine } = options();
        const own = typeof engine === 'object' ? engine : undefined;
        const copy = RULPredictor.fromJSON(JSON.parse(JSON.stringify(predictor)), own);
        for (const { frame } of lookAt(fresh.slice(0, 3)))
          if (JSON.stringify(predictor.predict(frame)) !== JSON.stringify(copy.predict(frame)))
            throw new Error('The stored one answers otherwise.');
      },
    });
  }
  return checks;
}

/** Looks at each asset at several times of its life. */
function lookAt(histories: readonly (LifeHistory & { readonly failureTime: number })[]) {
  return histories.flatMap(({ frame, failureTime }) =>
    [0.3, 0.5, 0.7, 0.9].map((share) => {
      const seen = frame.sliceRows(0, Math.max(6, Math.floor(share * frame.length)));
      return { frame: seen, left: (failureTime - (seen.time.at(-1) as number)) / DAY };
    }),
  );
}

function holed(frame: Frame): Frame {
  const data = frame.column('vibration').map((value, i) => (i % 5 === 3 ? Number.NaN : value));
  return frame.withColumn('vibration', data, 'g').withColumn('still', new Float64Array(frame.length).fill(7), '1');
}

function sane(predictor: RULPredictor, frame: Frame): void {
  const { median, mean, intervals, failureWithin, confidence } = predictor.predict(frame);
  const numbers = [median, mean, confidence, ...intervals.flatMap(({ lower, upper }) => [lower, upper])];
  const wrong = () => new Error(`${JSON.stringify({ numbers, failureWithin })}`);
  if (numbers.some((value) => value === null || !Number.isFinite(value) || value < 0)) throw wrong();
  if ((confidence as number) > 1) throw wrong();
  intervals.forEach(({ lower, upper }, i) => {
    if (lower > (median as number) || upper < (median as number)) throw wrong();
    const wider = intervals[i + 1];
    if (wider !== undefined && (wider.lower > lower || wider.upper < upper)) throw wrong();
  });
  const shares = Object.values(failureWithin ?? {});
  shares.forEach((share, i) => {
    if (!(share >= 0 && share <= 1) || share > (shares[i + 1] ?? 1)) throw wrong();
  });
}

async function refuses(code: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof TwinergyError && error.code === code) return;
    throw error;
  }
  throw new Error(`It should have refused with ${code}.`);
}
