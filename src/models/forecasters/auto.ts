import type { Work, WorkOptions } from '../../core/work.js';
import { runAsync } from '../../core/work.js';
import { simplexWeights } from '../simplex.js';
import { type EngineSpec, type FittedEngine, type ForecastEngine, fitEngine } from './engine.js';
import { isActive } from './features.js';
import { heldOutOrigins } from './pipeline.js';
import type { Series } from './series.js';

/** One line of the table that `auto` reports. */
export interface CandidateScore {
  readonly engine: string;
  /** Root mean square error on the held-out part, in units of the series' scale. */
  readonly rmse: number;
  /** Share in the blend. */
  readonly weight: number;
  /** Seconds of learning. */
  readonly seconds: number;
}

interface Member {
  readonly engine: ForecastEngine;
  readonly fitted: FittedEngine;
  readonly weight: number;
}

/**
 * Tries the candidates on the held-out part (rolling origin) and blends them with the non-negative weights, adding up to
 * 1, that make the square error least there; members below 5 % are dropped. Candidates that need what is not there, such
 * as a clear-sky curve or more history, are passed over; after `timeBudget` seconds no further one is begun.
 */
export function autoEngine(candidates: readonly ForecastEngine[], timeBudget: number): ForecastEngine {
  const suitable = (pool: readonly Series[], spec: EngineSpec) =>
    candidates.filter((engine) => {
      const solar = pool.every((series) => series.clearSky !== null);
      if (/clear-sky|smart/.test(engine.name) && !solar) return false;
      const shortest = Math.min(...spec.holdout);
      return (engine.minimumHistory?.(spec) ?? spec.season + spec.horizon) <= shortest;
    });
  return {
    name: 'auto',
    minimumHistory: () => 4,
    *fit(pool, spec) {
      const tried: Trial[] = [];
      const list = suitable(pool, spec);
      const start = performance.now();
      for (const [done, engine] of list.entries()) {
        if (tried.length > 0 && performance.now() - start > timeBudget * 1000) break;
        yield { phase: `trying ${engine.name}`, done, total: list.length };
        const begin = performance.now();
        const fitted = yield* fitEngine(engine, pool, spec);
        tried.push({ engine, fitted, seconds: (performance.now() - begin) / 1000 });
      }
      return yield* blend(tried, pool, spec);
    },
    async fitAsync(pool, spec, options: WorkOptions) {
      const tried: Trial[] = [];
      const start = performance.now();
      for (const engine of suitable(pool, spec)) {
        if (tried.length > 0 && performance.now() - start > timeBudget * 1000) break;
        const begin = performance.now();
        const fitted = engine.fitAsync
          ? await engine.fitAsync(pool, spec, options)
          : await runAsync(fitEngine(engine, pool, spec), options);
        tried.push({ engine, fitted, seconds: (performance.now() - begin) / 1000 });
      }
      return runAsync(blend(tried, pool, spec), options);
    },
    fromJSON(state, spec) {
      const { members, table } = state as {
        members: { engine: string; weight: number; state: unknown }[];
        table: CandidateScore[];
      };
      return blended(
        members.map(({ engine: name, weight, state: saved }) => {
          const engine = candidates.find((candidate) => candidate.name === name) as ForecastEngine;
          return { engine, weight, fitted: (engine.fromJSON as NonNullable<ForecastEngine['fromJSON']>)(saved, spec) };
        }),
        table,
      );
    },
  };
}

interface Trial {
  readonly engine: ForecastEngine;
  readonly fitted: FittedEngine;
  readonly seconds: number;
}

function* blend(tried: readonly Trial[], pool: readonly Series[], spec: EngineSpec): Work<FittedEngine> {
  const m = tried.length;
  const gram = new Float64Array(m * m);
  let count = 0;
  const errors = tried.map(() => new Float64Array(spec.horizon));
  const origins = heldOutOrigins(pool, spec, 1500);
  for (const [done, { series, origin }] of origins.entries()) {
    if (done % 50 === 0) yield { phase: 'comparing candidates', done, total: origins.length };
    tried.forEach(({ fitted }, i) => {
      fitted.predictInto(series, origin, errors[i] as Float64Array);
    });
    for (let h = 0; h < spec.horizon && origin + 1 + h < series.length; h++) {
      const measured = series.target[origin + 1 + h] as number;
      if (!Number.isFinite(measured) || !isActive(series, origin + 1 + h)) continue;
      count++;
      for (let i = 0; i < m; i++) {
        const ei = ((errors[i]?.[h] as number) - measured) / series.scale;
        for (let j = 0; j <= i; j++) {
          const product = ei * (((errors[j]?.[h] as number) - measured) / series.scale);
          gram[i * m + j] = (gram[i * m + j] as number) + product;
          if (i !== j) gram[j * m + i] = gram[i * m + j] as number;
        }
      }
    }
  }
  const weights = simplexWeights(gram, m);
  const total = weights.reduce((sum, weight) => sum + (weight >= 0.05 ? weight : 0), 0);
  const final = weights.map((weight) => (weight >= 0.05 ? weight / total : 0));
  const table = tried
    .map(({ engine, seconds }, i) => ({
      engine: engine.name,
      rmse: Math.sqrt((gram[i * m + i] as number) / Math.max(1, count)),
      weight: final[i] as number,
      seconds,
    }))
    .sort((a, b) => a.rmse - b.rmse);
  return blended(
    tried
      .map(({ engine, fitted }, i) => ({ engine, fitted, weight: final[i] as number }))
      .filter(({ weight }) => weight > 0),
    table,
  );
}

function blended(members: readonly Member[], table: readonly CandidateScore[]): FittedEngine {
  let part = new Float64Array(0);
  return {
    lookback: Math.max(...members.map(({ fitted }) => fitted.lookback)),
    predictInto(series, origin, out) {
      if (part.length !== out.length) part = new Float64Array(out.length);
      const sum = new Float64Array(out.length);
      for (const { fitted, weight } of members) {
        fitted.predictInto(series, origin, part);
        for (let h = 0; h < out.length; h++) sum[h] = (sum[h] as number) + weight * (part[h] as number);
      }
      out.set(sum);
    },
    *refit(pool) {
      const again: Member[] = [];
      for (const member of members) {
        const { fitted } = member;
        again.push(fitted.refit ? { ...member, fitted: yield* fitted.refit(pool) } : member);
      }
      return blended(again, table);
    },
    explain() {
      const shares = new Map<string, number>();
      for (const { engine, fitted, weight } of members) {
        for (const [name, share] of fitted.explain?.() ?? [[engine.name, 1]]) {
          shares.set(name, (shares.get(name) ?? 0) + weight * share);
        }
      }
      return shares;
    },
    table,
    toJSON: () => ({
      members: members.map(({ engine, fitted, weight }) => ({ engine: engine.name, weight, state: fitted.toJSON() })),
      table,
    }),
  };
}
