import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { packFloats, unpackFloats } from '../serial.js';
import { type DataShape, shapeOf } from './data-shape.js';
import { ecod } from './ecod.js';
import { type DetectorEngine, type EngineKind, type FitContext, sampleRows, takeRows } from './engine.js';
import { isolationForest } from './isolation-forest.js';
import { type Member, rankOf, rankTable } from './members.js';
import { sampledDistance } from './sampled-distance.js';

/** The automatic ensemble has no options: what there is to choose, the data's shape chooses. */
export type AutoOptions = Readonly<Record<never, never>>;

const kinds = {
  'isolation-forest': isolationForest,
  ecod,
  'sampled-distance': sampledDistance,
} as const satisfies Readonly<Record<string, EngineKind<object>>>;

type MemberKind = keyof typeof kinds;

interface Plan {
  readonly kind: MemberKind;
  readonly options: object;
  readonly weight: number;
}

/**
 * Which engines suit data of this shape. Where a good part of the columns is mostly one value (counts, switches, empty
 * pixels), a distance adds up the noise of columns that have nothing to do with each other: engines that look at columns
 * one by one lead. Elsewhere coarse distances see clusters and correlations that the forest's axes cut through.
 */
function planFor({ sparse }: DataShape): readonly Plan[] {
  const forest = { kind: 'isolation-forest', options: {} } as const;
  if (sparse >= 0.25) {
    return [
      { ...forest, weight: 2 },
      { kind: 'ecod', options: {}, weight: 1 },
    ];
  }
  return [
    { ...forest, weight: 1 },
    ...[8, 16, 32].map((sample) => ({ kind: 'sampled-distance', options: { sample }, weight: 1 }) as const),
  ];
}

/** Training rows whose scores the ranks are taken from. */
const rankedRows = 8192;

interface AutoState {
  readonly members: readonly {
    readonly kind: MemberKind;
    readonly weight: number;
    readonly sorted: string;
    readonly state: unknown;
  }[];
}

/**
 * Several engines, chosen by the shape of the data and never by labels, each turned into ranks on the training rows and
 * averaged (Aggarwal & Sathe 2017, chapter 5: combining by rank keeps one engine's scale from ruling the rest).
 */
class Auto implements DetectorEngine {
  readonly #random: Random | undefined;
  #members: readonly Member<MemberKind>[] = [];

  constructor(random: Random | undefined) {
    this.#random = random;
  }

  *fitWork(rows: Matrix, context: FitContext): Work<void> {
    const random = this.#random;
    if (random === undefined) return;
    const plans = planFor(shapeOf(rows, random));
    const sample = takeRows(rows, sampleRows(rows.rows, rankedRows, random.split('ranks')));
    const members: Member<MemberKind>[] = [];
    for (const [i, plan] of plans.entries()) {
      const engine = kinds[plan.kind].create(plan.options, random.split(i));
      yield* engine.fitWork(rows, context);
      const scores = new Float64Array(sample.rows);
      engine.scoreInto(sample, scores);
      members.push({ kind: plan.kind, engine, sorted: rankTable(scores), weight: plan.weight });
      yield { phase: 'ensemble', done: i + 1, total: plans.length };
    }
    this.#members = members;
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    const own = new Float64Array(rows.rows);
    out.fill(0, 0, rows.rows);
    for (const { engine, sorted, weight } of this.#members) {
      engine.scoreInto(rows, own);
      for (let i = 0; i < rows.rows; i++) out[i] = (out[i] as number) + weight * rankOf(sorted, own[i] as number);
    }
    for (let i = 0; i < rows.rows; i++) out[i] = this.#spread(out[i] as number);
  }

  step(row: Float64Array): number {
    let total = 0;
    for (const { engine, sorted, weight } of this.#members) total += weight * rankOf(sorted, engine.step(row));
    return this.#spread(total);
  }

  /** Mean rank u → −ln(1 − u): the same order, but a tail that thins out as extreme-value theory wants it. */
  #spread(total: number): number {
    let weights = 0;
    for (const { weight } of this.#members) weights += weight;
    return -Math.log1p(-total / weights);
  }

  toJSON(): AutoState {
    return {
      members: this.#members.map(({ kind, engine, sorted, weight }) => {
        return { kind, weight, sorted: packFloats(sorted), state: engine.toJSON() };
      }),
    };
  }

  static restore(state: AutoState): Auto {
    const auto = new Auto(undefined);
    auto.#members = state.members.map(({ kind, weight, sorted, state: inner }) => ({
      kind,
      weight,
      sorted: unpackFloats(sorted),
      engine: kinds[kind].restore(inner as never),
    }));
    return auto;
  }
}

/** The rank-averaged ensemble chosen by data shape. */
export const auto: EngineKind<AutoOptions> = {
  name: 'auto',
  tags: { missing: false, sequential: false, online: false },
  create: (_options, random) => new Auto(random),
  restore: (state: AutoState) => Auto.restore(state),
};
