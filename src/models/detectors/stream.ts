import type { Random } from '../../core/random.js';
import type { Work } from '../../core/work.js';
import type { Matrix } from '../matrix.js';
import { type DetectorEngine, type EngineKind, type FitContext, rowOf } from './engine.js';
import { Ring, type RingState } from './ring.js';
import { RollingCalibration, type RollingState } from './rolling-calibration.js';
import { LevelView, SeasonView, type StreamView, WindowView } from './stream-views.js';

/** Options of the streaming engine. */
export interface StreamOptions {
  /** Rows of the two windows whose statistics are watched. Default [8, 32]. */
  readonly windows?: readonly number[];
  /** Rows in a season. Default: a day, from the step of the training frame; 0: no season. */
  readonly season?: number;
  /** Earlier values and windows remembered. Default 4000. */
  readonly memory?: number;
  /**
   * Rows for which a score counts only if it is above all before it, so that one event raises one alarm. Default: a
   * fifth of the training rows. 0: every row gets its own score.
   */
  readonly rest?: number;
}

interface TrackState {
  readonly views: readonly { readonly kind: ViewKind; readonly state: unknown; readonly history: RollingState }[];
}

interface StreamState {
  readonly rest: number;
  readonly recent: RingState;
  readonly tracks: readonly TrackState[];
}

type ViewKind = keyof typeof restoreView;

const restoreView = { level: LevelView.restore, window: WindowView.restore, season: SeasonView.restore };

/** A season longer than this many rows is not watched: its history would fill the memory. */
const longestSeason = 1440;
/** Seasons remembered: four weeks of days, so that weekends find weekends. */
const seasons = 28;
/** Distances of a view that its next one is compared with. */
const history = 10_000;

interface Watched {
  readonly kind: ViewKind;
  readonly view: StreamView;
  readonly history: RollingCalibration;
}

/**
 * Online detector for series, one column at a time: several views ask how far the present is from the nearest of the
 * past (value, window statistics, same time of day); each distance is judged against that view's own past distances, by
 * a conformal p-value with an extreme-value tail; the score is the mean over the views of −log₁₀ p, the greatest of the
 * columns. Nearest-neighbour conformity in a stream follows Burnaev & Ishimtsev (2016); taking the rarest of several
 * contexts follows the contextual detectors on the Numenta benchmark. Nothing is tuned to a series: scale comes from the
 * scaler, rarity from the series itself. Memory and cost of a step are bounded.
 */
class Stream implements DetectorEngine {
  readonly #options: StreamOptions;
  #rest = 0;
  #recent = new Ring(1);
  #tracks: Watched[][] = [];

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  *fitWork(rows: Matrix, { step, total = rows.rows }: FitContext): Work<void> {
    const { windows = [8, 32], memory = 4000, rest = Math.floor(total / 5) } = this.#options;
    const day = step !== undefined && step > 0 ? Math.round(86_400_000 / step) : 0;
    const season = this.#options.season ?? (day >= 8 && day <= longestSeason ? day : 0);
    this.#rest = rest;
    this.#recent = new Ring(rest);
    this.#tracks = Array.from({ length: rows.columns }, () => {
      const watched: [ViewKind, StreamView][] = [['level', new LevelView(memory)]];
      for (const window of windows) watched.push(['window', new WindowView(window, memory)]);
      if (season > 0) {
        watched.push(['season', new SeasonView(season, seasons, 1)], ['season', new SeasonView(season, seasons, 6)]);
      }
      return watched.map(([kind, view]) => ({ kind, view, history: new RollingCalibration(history, []) }));
    });
    for (let i = 0; i < rows.rows; i++) {
      this.step(rowOf(rows, i));
      if (i % 256 === 0) yield { phase: 'reading the training rows', done: i, total: rows.rows };
    }
  }

  scoreInto(rows: Matrix, out: Float64Array): void {
    const copy = Stream.restore(structuredClone(this.toJSON()));
    for (let i = 0; i < rows.rows; i++) out[i] = copy.step(rowOf(rows, i));
  }

  step(row: Float64Array): number {
    let score = 0;
    this.#tracks.forEach((track, j) => {
      score = Math.max(score, surprise(track, row[j] as number));
    });
    if (this.#rest === 0) return score;
    let before = 0;
    for (const earlier of this.#recent.unordered()) if (earlier > before) before = earlier;
    this.#recent.push(score);
    return score > before ? score : 0;
  }

  toJSON(): StreamState {
    return {
      rest: this.#rest,
      recent: this.#recent.toJSON(),
      tracks: this.#tracks.map((track) => ({
        views: track.map(({ kind, view, history: past }) => ({ kind, state: view.toJSON(), history: past.toJSON() })),
      })),
    };
  }

  static restore(state: StreamState): Stream {
    const engine = new Stream({});
    engine.#rest = state.rest;
    engine.#recent = Ring.fromJSON(state.recent);
    engine.#tracks = state.tracks.map(({ views }) =>
      views.map(({ kind, state: view, history: past }) => ({
        kind,
        view: restoreView[kind](view as never),
        history: RollingCalibration.fromJSON(past),
      })),
    );
    return engine;
  }
}

/** Mean of −log₁₀ p over the views that have something to say; each learns the distance afterwards. */
function surprise(track: readonly Watched[], value: number): number {
  let sum = 0;
  for (const { view, history: past } of track) {
    const distance = view.step(value);
    if (distance === undefined) continue;
    if (past.current !== undefined) sum -= Math.log10(past.current.pValue(distance));
    past.push(distance);
  }
  return sum / Math.max(1, track.length);
}

/** The online detector for series. */
export const stream: EngineKind<StreamOptions> = {
  name: 'stream',
  tags: { missing: false, sequential: true, online: true },
  create: (options, _random: Random) => new Stream(options),
  restore: (state: StreamState) => Stream.restore(state),
};
