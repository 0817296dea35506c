import type { Plant } from '../description/plant.js';
import { NO_COURSE } from './course.js';
import type { DaySummary } from './day.js';
import type { EventSign } from './event-sign.js';
import { fitHypothesis, meanSample, seriesLikelihood, type Touched } from './evidence.js';
import type { Candidate, Finding } from './finding.js';
import { type Held, HeldFindings } from './held-findings.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout } from './layout.js';
import { lossOf } from './loss.js';
import { candidatesOf, indistinctOf, rankCauses } from './naming.js';
import type { SeriesNoise } from './noise.js';
import type { Series } from './series.js';
import { type Known, type Standing, Standings, type StandingsState } from './standings.js';
import { wordsOf } from './words.js';

/** Days that a cause is judged on: late ones, because most faults grow. */
const JUDGED = 8;
/**
 * Share of the greatest standing, or times its own threshold, that a cause must have to be looked at closely: standings are
 * told at a middle severity, at which the signature may be another than at the true one.
 */
const WORTH = { share: 0.3, times: 3 } as const;
/** Share of the first cause's probability at which a cause in another layer makes a new finding wait, and for how many days. */
const UNSURE = 0.3;
const WAITS = 3;
/** Share of its threshold below which nothing stands out on a day by itself. */
const GONE = 0.3;
/** Share of its own threshold that a fault of the plant must reach to be named first. */
const ITSELF = 0.8;
/** Names of errors that grow, and days after which such a name stays when the growth has ended. */
const DRIFTS = ['drift', 'irradiance-sensor-soiling'];
const DRIFTED = 7;
/** Evidence of growth, as a logarithm, that makes it stay at once. */
const GREW = 1;

/** What evidence carries from day to day, as plain data. */
export interface EvidenceState extends StandingsState {
  readonly held: readonly Held[];
  /** Days that a finding which is not sure of its layer has waited. */
  readonly waited: number;
  /** Signals that the last day gave reason to doubt. */
  readonly doubted: readonly number[];
}

/** Weighs the days against every hypothesis. */
export class Evidence {
  readonly hypotheses: readonly Hypothesis[];
  readonly #plant: Plant;
  readonly #layout: Layout;
  readonly #series: readonly Series[];
  readonly #noise: readonly SeriesNoise[];
  readonly #standings: Standings;
  readonly #held: HeldFindings;
  #waited: number;
  #doubted: ReadonlySet<number>;

  constructor(known: Known, state: EvidenceState) {
    const { plant, layout, series, noise } = known;
    this.#plant = plant;
    this.#layout = layout;
    this.#series = series;
    this.#noise = noise;
    this.#standings = new Standings(known, state);
    this.hypotheses = this.#standings.hypotheses;
    this.#held = new HeldFindings(plant, layout, this.hypotheses, state.held);
    this.#waited = state.waited;
    this.#doubted = new Set(state.doubted);
  }

  toJSON(): EvidenceState {
    return {
      ...this.#standings.toJSON(),
      held: this.#held.toJSON(),
      waited: this.#waited,
      doubted: [...this.#doubted],
    };
  }

  /** How far the oddest cause stands out today, and what share of its threshold that is. */
  oddest(): { z: number; share: number } {
    const { z, excess } = this.#standings.top();
    return { z, share: excess };
  }

  /**
   * Takes the last of `days` into account and says what is held at its end.
   * @param doubtful signals that are told from an instrument that behaved oddly today
   */
  judge(days: readonly DaySummary[], signs: readonly EventSign[], doubtful: ReadonlySet<number>): Finding[] {
    const today = days[days.length - 1];
    if (today === undefined) return [];
    this.#standings.add(days);
    const top = this.#standings.top();
    for (const sign of signs) if (!this.#held.foreseen(sign)) this.#raiseEvent(days, sign);
    this.#held.explainAway();
    if (top.excess >= 1 && !this.#held.excused(top.h)) this.#raise(days, top, doubtful);
    else this.#waited = 0;
    if (this.#held.residual === undefined) this.#raiseOfOneDay(days);
    this.#doubted = doubtful;
    return this.findings(days);
  }

  #raise(days: readonly DaySummary[], top: Standing, doubtful: ReadonlySet<number>): void {
    const n = days.length;
    const onset = this.#standings.onset(top.h);
    // Half of the onset's day is sound, so that a step looks like something of certain hours: it names no cause by itself.
    if (onset >= n - 1 && this.#held.residual === undefined) return;
    // The day of the onset is half sound: the days after it tell the cause.
    this.#name(days, top, doubtful, onset, [n - Math.max(1, Math.min(JUDGED, n - onset - 1)), n]);
  }

  /** What stood out far enough yesterday and is gone today, such as snow that slid off, was of that day alone. */
  #raiseOfOneDay(days: readonly DaySummary[]): void {
    const n = days.length;
    const top = this.#standings.oneDay(1);
    if (!(top.excess >= 1) || this.#held.excused(top.h)) return;
    // What still shows in any way, such as an instrument that went wrong, is named by the days to come.
    if (this.#standings.oneDay(0).excess < GONE) this.#name(days, top, this.#doubted, n - 2, [n - 2, n - 1]);
  }

  /** Names the cause of what stands out along `top` since day `onset` by the days from `begin` to before `end`. */
  #name(
    days: readonly DaySummary[],
    top: Standing,
    doubtful: ReadonlySet<number>,
    onset: number,
    [begin, end]: readonly [number, number],
  ): void {
    const { samples } = this.#standings;
    const { residual: held } = this.#held;
    const n = samples.length;
    const sample = meanSample(samples.slice(begin, end));
    const none = sample.cells.map((cells, j) =>
      cells === null ? 0 : seriesLikelihood(this.#noise[j] as SeriesNoise, cells, sample.days, null, 0, 1),
    );
    // Only what stands out at least a little can be the best explanation.
    const worth = this.hypotheses.flatMap((_, h) => {
      const own = top.each[h] as number;
      return own > WORTH.share * top.excess || own > WORTH.times ? [h] : [];
    });
    const fits = worth.map((h) => {
      const hypothesis = this.hypotheses[h] as Hypothesis;
      return fitHypothesis(
        this.#layout,
        this.#series,
        this.#noise,
        hypothesis,
        h,
        this.#standings.touched[h] as Touched,
        sample,
        none,
      );
    });
    // What has drifted for a week and then stays has drifted.
    const drifted =
      held !== undefined && DRIFTS.includes(held.finding.kind) && (held.count >= DRIFTED || held.course.growth > GREW);
    const grows = drifted || this.#standings.grows(top.h, onset);
    const ranked = rankCauses({
      hypotheses: this.hypotheses,
      fits,
      projections: this.#standings.projections,
      days,
      judged: [begin, end],
      onset: Math.min(onset, held?.from ?? onset),
      held,
    });
    const candidates = candidatesOf(this.hypotheses, ranked, grows);
    const first = ranked[0];
    const head = candidates[0];
    if (first === undefined || head === undefined || first.score <= 0) return;
    const hypothesis = this.hypotheses[first.fit.hypothesis] as Hypothesis;
    // A fault of the plant must stand out by itself, not only explain what stands out along an instrument's fault.
    if (
      held === undefined &&
      hypothesis.layer === 'plant' &&
      this.hypotheses[top.h]?.layer !== 'plant' &&
      (top.each[first.fit.hypothesis] as number) < ITSELF
    )
      return;
    if (held === undefined && hypothesis.layer === 'plant' && this.#waits(hypothesis, candidates, doubtful)) return;
    const same = held !== undefined && held.finding.kind === hypothesis.kind ? held.from : n;
    const from = Math.min(onset, this.#standings.onset(first.fit.hypothesis), same);
    const loss = lossOf(
      this.#plant,
      this.#layout,
      this.#series,
      hypothesis,
      this.#standings.touched[first.fit.hypothesis] as Touched,
      samples,
      days,
      from,
    );
    const finding: Finding = {
      ...head,
      severity: first.fit.severity,
      since: days[from]?.start ?? 0,
      reported: days[n - 1]?.end ?? 0,
      seen: days[end - 1]?.end ?? 0,
      lostEnergyKwh: loss.total,
      lostPerDayKwh: loss.late,
      strength: top.z,
      candidates,
      indistinct: indistinctOf(candidates),
      evidence: wordsOf(
        this.#layout,
        this.#series,
        hypothesis,
        sample,
        this.#standings.touched[first.fit.hypothesis] as Touched,
      ),
    };
    this.#waited = 0;
    this.#held.holdResidual(
      finding,
      { from, hypothesis: first.fit.hypothesis, course: first.course },
      end - 1,
      end < n,
    );
  }

  /**
   * Whether a new fault of the plant is better named tomorrow: because an instrument that it is told from behaved oddly
   * today, or an instrument's fault explains it almost as well. Not for long: then it is named with what it may be instead.
   */
  #waits({ touches }: Hypothesis, [head, ...others]: readonly Candidate[], doubtful: ReadonlySet<number>): boolean {
    const unsure = others.some(
      ({ layer, probability }) => layer === 'measurement' && probability > UNSURE * (head?.probability ?? 1),
    );
    if (!(unsure || touches.some((k) => doubtful.has(k))) || this.#waited >= WAITS) return false;
    this.#waited++;
    return true;
  }

  #raiseEvent(days: readonly DaySummary[], sign: EventSign): void {
    const key = `${sign.kind} ${sign.target ?? ''}`;
    const from = Math.min(sign.from, this.#held.get(key)?.from ?? sign.from);
    const lost = sign.lost === undefined ? [] : days.slice(from).map(sign.lost);
    const total = lost.reduce((sum, value) => sum + value, 0);
    const candidate: Candidate = { kind: sign.kind, layer: sign.layer, target: sign.target, probability: 0.97 };
    const finding: Finding = {
      ...candidate,
      severity: sign.severity,
      since: days[from]?.start ?? 0,
      reported: days[days.length - 1]?.end ?? 0,
      seen: days[days.length - 1]?.end ?? 0,
      lostEnergyKwh: total,
      lostPerDayKwh: total / Math.max(1, lost.length),
      strength: sign.strength,
      candidates: [candidate],
      indistinct: [],
      evidence: [sign.words],
    };
    this.#held.hold(key, finding, { from, hypothesis: -1, course: NO_COURSE, other: sign.other }, days.length - 1);
  }

  /** What is held at the end of the last of `days`, ranked. */
  findings(days: readonly DaySummary[]): Finding[] {
    return this.#held.findings(days);
  }
}
