import { TwinergyError } from '../../core/errors.js';
import { Frame } from '../../core/frame.js';
import { Random } from '../../core/random.js';
import { AnomalyDetector, type AnomalyScores } from '../anomaly-detector.js';
import type { AnomalyDetectorOptions } from './options.js';

/** One check of the contract; `run` throws an error that says what is wrong. */
export interface DetectorCheck {
  readonly name: string;
  readonly run: () => void;
}

/** What of the contract does not apply to an engine. */
export interface DetectorCheckOptions {
  /** The engine reads rows in order: a single far row may pass. Default false. */
  readonly sequential?: boolean;
  /** The engine cannot be stored. Default false. */
  readonly transient?: boolean;
}

/**
 * Checks that every engine has to pass, built-in or your own: give each one's name and `run` to your test runner.
 *
 * ```ts
 * for (const { name, run } of detectorChecks(() => ({ engine: myEngine() }))) it(name, run);
 * ```
 * @param options called for each detector, so that an engine object is never shared
 */
export function detectorChecks(
  options: () => AnomalyDetectorOptions,
  { sequential = false, transient = false }: DetectorCheckOptions = {},
): DetectorCheck[] {
  const make = () => new AnomalyDetector({ falseAlarmRate: 0.01, seed: 7, ...options() });
  const fitted = () => make().fit(ordinary(200, 1));
  const checks: DetectorCheck[] = [
    {
      name: 'says NOT_FITTED before it is fitted',
      run: () => refuses('NOT_FITTED', () => make().score(ordinary(3, 1))),
    },
    {
      name: 'gives the same scores for the same seed, and again when asked again',
      run: () => {
        const frame = ordinary(50, 2);
        const detector = fitted();
        const first = detector.score(frame);
        same(first, detector.score(frame), 'scores of a second call');
        same(first, fitted().score(frame), 'scores of a second fit');
      },
    },
    { name: 'gives finite scores in 0…1 and p-values in (0, 1]', run: () => sane(fitted().score(ordinary(50, 3))) },
    {
      name: 'takes constant columns',
      run: () =>
        sane(
          make()
            .fit(withColumn(ordinary(200, 4), () => 5))
            .score(withColumn(ordinary(20, 5), (i) => i)),
        ),
    },
    { name: 'takes a single row', run: () => sane(make().fit(ordinary(1, 6)).score(ordinary(5, 7))) },
    { name: 'takes ten rows', run: () => sane(make().fit(ordinary(10, 6)).score(ordinary(5, 7))) },
    { name: 'takes duplicate rows', run: () => sane(make().fit(repeated(200)).score(ordinary(5, 8))) },
    {
      name: 'takes a column without a value, gaps, and judges nothing where nothing was measured',
      run: () => {
        const empty = withColumn(ordinary(200, 9), () => Number.NaN);
        const gappy = withColumn(ordinary(200, 9), (i) => (i % 3 === 0 ? Number.NaN : i % 7));
        sane(make().fit(empty).score(empty));
        sane(make().fit(gappy).score(gappy));
        const nothing = fitted().score(mapped(ordinary(4, 1), () => Number.NaN));
        if (nothing.pValue.some((p) => p !== 1) || nothing.anomalous.some((flag) => flag !== 0)) {
          throw new Error('A row with nothing measured was judged.');
        }
        refuses('DETECTOR_NO_ROWS', () => make().fit(mapped(ordinary(4, 1), () => Number.NaN)));
      },
    },
    {
      name: 'takes infinite and huge values',
      run: () => {
        const wild = (frame: Frame) =>
          mapped(frame, (x, i) =>
            i % 5 === 0 ? Number.POSITIVE_INFINITY : i % 7 === 0 ? Number.NEGATIVE_INFINITY : x,
          );
        sane(
          make()
            .fit(wild(ordinary(200, 10)))
            .score(wild(ordinary(20, 11))),
        );
        sane(
          make()
            .fit(mapped(ordinary(200, 10), (x) => x * 1e150))
            .score(ordinary(20, 11)),
        );
        sane(fitted().score(mapped(ordinary(20, 11), (x) => x * 1e300)));
      },
    },
    {
      name: 'refuses a frame that lacks a channel, and ignores one too many',
      run: () => {
        refuses('DETECTOR_WIDTH_MISMATCH', () => fitted().score(ordinary(3, 1).select('a', 'b')));
        sane(fitted().score(withColumn(ordinary(3, 1), (i) => i)));
      },
    },
    { name: 'takes more columns than rows', run: () => sane(make().fit(wide(40, 300)).score(wide(5, 300))) },
    {
      name: 'explains with shares that add up to one, or to none',
      run: () => {
        const { contributions } = fitted().explain(reading(8, -3, 0));
        const total = contributions.reduce((sum, { share }) => sum + share, 0);
        if (!(Math.abs(total - 1) < 1e-9 || total === 0) || contributions.some(({ share }) => !(share >= 0))) {
          throw new Error(`The shares add up to ${total}.`);
        }
      },
    },
    {
      name: 'judges a stream as it judges a batch, or at least sanely where it learns or remembers',
      run: () => {
        const detector = fitted();
        for (const { time, values } of ordinary(60, 12).rows()) {
          const { score, pValue } = detector.update({ assetId: 'x', time, values });
          if (!(score >= 0 && score <= 1 && pValue > 0 && pValue <= 1)) throw new Error(`p ${pValue}, score ${score}.`);
        }
      },
    },
  ];
  if (!sequential) {
    checks.push({
      name: 'finds a row far outside more unusual than one in the middle',
      run: () => {
        const detector = fitted();
        const far = detector.explain(reading(40, -40, 40)).pValue;
        const near = detector.explain(reading(0, 0, 0)).pValue;
        if (!(far < near)) throw new Error(`p-values: far ${far}, near ${near}.`);
      },
    });
  }
  if (!transient) {
    checks.push({
      name: 'goes on to the bit after it was stored',
      run: () => {
        const detector = fitted();
        for (const { time, values } of ordinary(10, 13).rows()) detector.update({ assetId: 'x', time, values });
        const copy = AnomalyDetector.fromJSON(JSON.parse(JSON.stringify(detector.toJSON())));
        same(detector.score(ordinary(20, 14)), copy.score(ordinary(20, 14)), 'scores of the stored detector');
        for (const { time, values } of ordinary(30, 15).rows()) {
          const [a, b] = [detector, copy].map((each) => each.update({ assetId: 'x', time, values }).raw);
          if (!Object.is(a, b)) throw new Error(`In the stream: ${a} and ${b}.`);
        }
      },
    });
  }
  return checks;
}

/** Three columns: two that go together, one alone. */
function ordinary(rows: number, seed: number): Frame {
  const random = new Random(seed);
  const time = Float64Array.from({ length: rows }, (_, i) => i * 60_000);
  const [a, b, c] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  for (let i = 0; i < rows; i++) {
    a[i] = random.normal();
    b[i] = (a[i] as number) + 0.3 * random.normal();
    c[i] = random.normal();
  }
  return new Frame(time, { a: { data: a, unit: '1' }, b: { data: b, unit: '1' }, c: { data: c, unit: '1' } });
}

function reading(a: number, b: number, c: number) {
  return { assetId: 'x', time: -1, values: { a, b, c } };
}

function withColumn(frame: Frame, value: (row: number) => number): Frame {
  return frame.withColumn(
    'd',
    Float64Array.from(frame.time, (_, i) => value(i)),
    '1',
  );
}

function mapped(frame: Frame, value: (x: number, row: number) => number): Frame {
  const columns = [...frame.columns()].map(
    ([name, { data, unit }]) => [name, { data: data.map(value), unit }] as const,
  );
  return new Frame(frame.time, new Map(columns));
}

function repeated(rows: number): Frame {
  const [first] = ordinary(1, 1).rows();
  return mapped(ordinary(rows, 1), () => first?.values.a ?? 0);
}

function wide(rows: number, columns: number): Frame {
  const random = new Random(rows);
  const time = Float64Array.from({ length: rows }, (_, i) => i);
  const named = Array.from({ length: columns }, (_, j) => {
    return [`c${j}`, { data: Float64Array.from(time, () => random.normal()), unit: '1' }] as const;
  });
  return new Frame(time, new Map(named));
}

function sane({ score, pValue, anomalous }: AnomalyScores): void {
  for (let i = 0; i < score.length; i++) {
    const [s, p, flag] = [score[i] as number, pValue[i] as number, anomalous[i] as number];
    if (!(s >= 0 && s <= 1) || !(p > 0 && p <= 1) || flag > 1) throw new Error(`Row ${i}: score ${s}, p-value ${p}.`);
  }
}

function same(a: AnomalyScores, b: AnomalyScores, what: string): void {
  a.raw.forEach((x, i) => {
    if (!Object.is(x, b.raw[i])) throw new Error(`The ${what} differ in row ${i}: ${x} and ${b.raw[i]}.`);
  });
}

function refuses(code: string, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (error instanceof TwinergyError && error.code === code) return;
    throw error;
  }
  throw new Error(`It should have refused with ${code}.`);
}
