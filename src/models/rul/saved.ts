import { TwinergyError } from '../../core/errors.js';
import { Calibration, type SavedCalibration } from './calibration.js';
import { Preparation, type SavedPreparation } from './course.js';
import type { LifeEngine, LifeEngineSpec } from './engine.js';
import type { Learned, LifeCandidate } from './learn.js';
import type { ResolvedRul } from './options.js';
import { savedEngine } from './registry.js';
import { FaultRisks, type SavedRisks } from './risks.js';

/** A fitted predictor as JSON data. */
export interface SavedPredictor {
  readonly options: Omit<
    ResolvedRul,
    'engine' | 'cap' | 'wanted' | 'settings' | 'settingsGiven' | 'timeBudget' | 'intervalsFor'
  > & {
    readonly engine: string;
    /** null: none. */
    readonly cap: number | null;
  };
  readonly preparation: SavedPreparation;
  readonly members: readonly { readonly engine: string; readonly weight: number; readonly state: unknown }[];
  readonly calibration: SavedCalibration;
  readonly candidates: readonly LifeCandidate[];
  readonly ignorance: number;
  readonly risks: SavedRisks | null;
}

/** What was learned → JSON data. */
export function saveLearned(learned: Learned, options: ResolvedRul): SavedPredictor {
  const {
    engine,
    cap,
    wanted: _w,
    settings: _s,
    settingsGiven: _g,
    timeBudget: _b,
    intervalsFor: _i,
    ...rest
  } = options;
  return {
    options: {
      ...rest,
      engine: typeof engine === 'string' ? engine : engine.name,
      cap: Number.isFinite(cap) ? cap : null,
    },
    preparation: learned.preparation.state,
    members: learned.members.map(({ engine: { name }, weight, fitted }) => ({
      engine: name,
      weight,
      state: fitted.toJSON(),
    })),
    calibration: learned.calibration.toJSON(),
    candidates: learned.candidates,
    ignorance: learned.ignorance,
    risks: learned.risks?.toJSON() ?? null,
  };
}

/** JSON data → what was learned. @throws TwinergyError `RUL_UNKNOWN_ENGINE`, `RUL_NOT_LOADABLE` */
export function loadLearned(saved: SavedPredictor, options: ResolvedRul, own: LifeEngine | undefined): Learned {
  const spec: LifeEngineSpec = { ...options, channels: saved.preparation.channels };
  return {
    preparation: new Preparation(saved.preparation, options),
    members: saved.members.map(({ engine: name, weight, state }) => {
      const engine = savedEngine(name, own);
      if (engine.fromJSON === undefined)
        throw new TwinergyError('RUL_NOT_LOADABLE', `The engine "${name}" cannot be loaded by its name.`, {
          hint: `Give it: RULPredictor.fromJSON(saved, engine), for networks neuralLife('${name}') of twinergy/models/neural.`,
        });
      return { engine, weight, fitted: engine.fromJSON(state, spec) };
    }),
    calibration: Calibration.fromJSON(saved.calibration),
    candidates: saved.candidates,
    ignorance: saved.ignorance,
    risks: saved.risks === null ? undefined : FaultRisks.fromJSON(saved.risks, spec),
  };
}
