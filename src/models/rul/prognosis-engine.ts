import { TwinergyError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { FittedLifeEngine, LifeEngine } from './engine.js';

/** What a model of the physics says of the time until a failure; `DigitalTwin.prognose` gives one. */
export interface LifePrognosis {
  /** Days until the failure in each of some equally likely futures, ascending; ∞ where it never comes. */
  readonly days: ArrayLike<number>;
}

const DAY = 86_400_000;

/**
 * A prognosis from elsewhere, such as the twin's, as an engine: it learns nothing, and held-out assets say what its intervals are
 * worth. Without histories it is taken at its word.
 * @param prognose what is said at the end of a history
 */
export function prognosisEngine(prognose: (history: Frame) => LifePrognosis): LifeEngine {
  const engine = (spec: { readonly unit: number; readonly cap: number }): FittedLifeEngine => ({
    outlook(course, rows) {
      const center = new Float64Array(rows.length);
      const spread = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const { days } = prognose(course.frame.sliceRows(0, (rows[i] as number) + 1));
        const at = (p: number) => {
          const place = Math.min(days.length - 1, Math.floor(p * days.length));
          const time = ((days[place] ?? Number.NaN) * DAY) / spec.unit;
          if (Number.isNaN(time))
            throw new TwinergyError('RUL_BAD_PROGNOSIS', `The prognosis has no number of days at ${p}.`);
          return Math.max(0, Math.min(spec.cap, FARTHEST, time));
        };
        center[i] = at(0.5);
        spread[i] = (at(0.84) - at(0.16)) / 2;
      }
      return { center, spread };
    },
    toJSON: () => null,
  });
  return {
    name: 'prognosis',
    selfReliant: true,
    fit: (_lives, spec) => engine(spec),
    fromJSON: (_state, spec) => engine(spec),
  };
}

/** Units that stand for "never". */
const FARTHEST = 1e6;
