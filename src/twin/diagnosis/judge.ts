import type { Plant } from '../description/plant.js';
import type { Sky } from '../plant/sky.js';
import { type Course, NO_COURSE } from './course.js';
import type { DaySummary, Series } from './day.js';
import { dependents } from './dependents.js';
import type { EventSign } from './event-sign.js';
import {
  dayStanding,
  fitHypothesis,
  meanSample,
  type Projection,
  project,
  type Sample,
  seriesLikelihood,
  standing,
  type Touched,
  touchedSeries,
} from './evidence.js';
import type { Expectation } from './expectation.js';
import type { Candidate, Finding } from './finding.js';
import { LightGeometry } from './geometry.js';
import { hypothesesOf } from './hypotheses.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout } from './layout.js';
import { lossOf } from './loss.js';
import { candidatesOf, indistinctOf, rankCauses } from './naming.js';
import { dayLevel, dimmedByDust, isWashed, type NaturalSoiling, naturalLevels, withoutNatural } from './natural.js';
import { type SeriesNoise, worthOf } from './noise.js';
import { wordsOf } from './words.js';

/** Windows that evidence is pooled over, days, and how many standard deviations each must stand out. */
export const WINDOWS = [
  { days: 1, threshold: 14 },
  { days: 2, threshold: 6.5 },
  { days: 4, threshold: 5.5 },
  { days: 8, threshold: 5 },
  { days: 16, threshold: 5 },
] as const;
const LONGEST = 16;
/** Standing of a single day that agrees with the others of its window. */
const AGREES = 1.5;
/** Days that a cause is judged on: late ones, because most faults grow. */
const JUDGED = 8;
/** Days that a finding is held after its evidence has gone (faults that come and go): at most, and for each day of evidence. */
const HOLD = 21;
const HOLD_PER_DAY = 7;
/** Days within which an instrument's fault may come after a finding and still explain it. */
const EXPLAINED = 3;
/**
 * Share of the greatest standing, or times its own threshold, that a cause must have to be looked at closely: standings are
 * told at a middle severity, at which the signature may be another than at the true one.
 */
const WORTH = { share: 0.3, times: 3 } as const;
/** Share of the first cause's probability at which a cause in another layer makes a new finding wait, and for how many days. */
const UNSURE = 0.3;
const WAITS = 3;
/** Share of its own threshold that a fault of the plant must reach to be named first. */
const ITSELF = 0.8;
/** Late over early size of a shift that grows. */
const GROWS = 1.5;
/** Names of errors that grow, and days after which such a name stays when the growth has ended. */
const DRIFTS = ['drift', 'irradiance-sensor-soiling'];
const DRIFTED = 7;
/** Evidence of growth, as a logarithm, that makes it stay at once. */
const GREW = 1;
/** The hypothesis that stands out most. */
interface Standing {
  readonly h: number;
  readonly days: number;
  /** Standing over threshold. */
  readonly excess: number;
  readonly z: number;
  readonly each: Float64Array;
}

/** A finding as it is carried from day to day. */
interface Held {
  finding: Finding;
  /** Index of the day of its onset and of its last evidence. */
  from: number;
  last: number;
  /** Days with evidence. */
  count: number;
  /** Hypothesis at its head; −1 for an event. */
  hypothesis: number;
  key: string;
  /** How it went over time, in the clearest view of it. */
  course: Course;
  /** The other channel that it has put wrong. */
  other: string | undefined;
}

/** What evidence carries from day to day, as plain data. */
export interface EvidenceState {
  readonly levels: readonly number[];
  readonly recent: readonly (readonly number[])[];
  readonly samples: readonly Sample[];
  readonly held: readonly Held[];
  /** Days that a finding which is not sure of its layer has waited. */
  readonly waited: number;
}

/** What evidence is judged by. */
export interface Known {
  readonly plant: Plant;
  readonly sky: Sky;
  readonly layout: Layout;
  readonly series: readonly Series[];
  readonly expectations: readonly Expectation[];
  readonly noise: readonly SeriesNoise[];
  readonly natural: readonly NaturalSoiling[];
}

/** Weighs the days against every hypothesis. */
export class Evidence {
  readonly hypotheses: readonly Hypothesis[];
  readonly #plant: Plant;
  readonly #layout: Layout;
  readonly #series: readonly Series[];
  readonly #noise: readonly SeriesNoise[];
  readonly #natural: readonly NaturalSoiling[];
  readonly #touched: readonly Touched[];
  #levels: number[];
  #recentLevels: number[][];
  #samples: Sample[] = [];
  readonly #projections: Projection[][];
  #held: Held[] = [];
  #waited: number;

  constructor(known: Known, state: EvidenceState) {
    const { plant, sky, layout, series, expectations, noise, natural } = known;
    this.#plant = plant;
    this.#layout = layout;
    this.#series = series;
    this.#noise = noise;
    this.#natural = natural;
    this.hypotheses = hypothesesOf(plant, layout, expectations, new LightGeometry(plant, sky));
    this.#touched = this.hypotheses.map((hypothesis) => touchedSeries(layout, series, hypothesis));
    this.#levels = [...state.levels];
    this.#recentLevels = state.recent.map((list) => [...list]);
    this.#samples = [...state.samples];
    this.#held = state.held.map((held) => ({ ...held }));
    this.#waited = state.waited;
    const late = this.#samples.slice(-LONGEST);
    this.#projections = this.hypotheses.map((_, h) => late.map((sample) => this.#project(h, sample)));
  }

  toJSON(): EvidenceState {
    return {
      levels: this.#levels,
      recent: this.#recentLevels,
      samples: this.#samples,
      held: this.#held,
      waited: this.#waited,
    };
  }

  /** How far the oddest cause stands out today, and what share of its threshold that is. */
  oddest(): { z: number; share: number } {
    const { z, excess } = this.#top();
    return { z, share: excess };
  }

  #standing(h: number, n: number, days: number): number {
    const list = this.#projections[h] as Projection[];
    return standing(list.slice(Math.max(0, list.length - Math.min(days, n))), this.#noise, this.#touched[h] as Touched);
  }

  /** Whether the days of a window agree: no single odd day may speak for the others. */
  #steady(h: number, window: number): boolean {
    if (window === 1) return true;
    const list = this.#projections[h] as Projection[];
    let agree = 0;
    for (let d = Math.max(0, list.length - window); d < list.length; d++)
      if (dayStanding(list[d] as Projection) > AGREES) agree++;
    return agree >= Math.max(2, window / 3);
  }

  /**
   * Takes the last of `days` into account and says what is held at its end.
   * @param doubtful signals that are told from an instrument that behaved oddly today
   */
  judge(days: readonly DaySummary[], signs: readonly EventSign[], doubtful: ReadonlySet<number>): Finding[] {
    const today = days[days.length - 1];
    if (today === undefined) return [];
    this.#addDay(today, days[days.length - 2]);
    const top = this.#top();
    for (const sign of signs) if (!this.#foreseen(sign)) this.#raiseEvent(days, sign);
    this.#explainAway();
    if (top.excess >= 1 && !this.#excused(top.h)) this.#raise(days, top, doubtful);
    else this.#waited = 0;
    return this.findings(days);
  }

  /**
   * Whether an instrument that is known to be at fault explains what stands out: all that the hypothesis moves is told from
   * that instrument (string against string only where it is one of the string's own).
   */
  #excused(h: number): boolean {
    const { kind: named, touches, loss } = this.hypotheses[h] as Hypothesis;
    return this.#held.some(({ hypothesis, other, finding: { layer, target, kind } }) => {
      if (hypothesis >= 0 || layer !== 'measurement' || target === undefined || kind === 'dropout') return false;
      // The light of another hour is restless beside that of this one.
      if (named === 'clock-shift' && kind === 'noise') return false;
      return [target, other].some((channel) => {
        if (channel === undefined || (/poaGlobal|irradiance|ghi/.test(channel) && loss === 'apart')) return false;
        const own = dependents(this.#plant, this.#layout, channel);
        return touches.some((k) => own.includes(k));
      });
    });
  }

  /** Drops what came up with, or shortly before, an instrument's fault that explains it. */
  #explainAway(): void {
    // One channel in another's place looks like another unit on the day that it changes.
    if (this.#held.some(({ finding }) => finding.kind === 'swapped-channels'))
      this.#held = this.#held.filter(({ finding }) => finding.kind !== 'unit-mix-up');
    this.#held = this.#held.filter(({ key, hypothesis, from, count, finding }) => {
      // A fault of the plant that has been seen for long was there before the instrument's.
      if (key !== 'residual' || hypothesis < 0 || (finding.layer === 'plant' && count > EXPLAINED)) return true;
      const began = this.#held
        .filter((other) => other.hypothesis < 0 && other.finding.layer === 'measurement')
        .map((other) => other.from);
      return !(began.some((start) => start <= from + EXPLAINED) && this.#excused(hypothesis));
    });
  }

  /** Whether what a sign tells is what a fault does that was found before, such as a restless signal under shade. */
  #foreseen({ kind, target }: EventSign): boolean {
    // Another unit shows at a stroke: what has been off by an offset for days has not changed its unit.
    if (kind === 'unit-mix-up') {
      const before = this.#held.find(({ key }) => key === 'residual');
      return before !== undefined && before.finding.target === target && before.count > EXPLAINED;
    }
    if ((kind !== 'noise' && kind !== 'spike') || target === undefined) return false;
    const own = dependents(this.#plant, this.#layout, target);
    return this.#held.some(
      ({ hypothesis, count, finding }) =>
        hypothesis >= 0 &&
        (finding.layer === 'plant' || finding.kind === 'clock-shift') &&
        count >= 1 &&
        (this.hypotheses[hypothesis] as Hypothesis).touches.some((k) => own.includes(k)),
    );
  }

  #addDay(day: DaySummary, before: DaySummary | undefined): void {
    this.#levels = this.#levels.map((level, j) => {
      if (!dimmedByDust(this.#layout, this.#series[j] as Series)) return level;
      const recent = this.#recentLevels[j] as number[];
      const value = dayLevel(day, j);
      if (Number.isFinite(value)) {
        recent.push(value);
        if (recent.length > 3) recent.shift();
      }
      return naturalLevels(
        Number.isFinite(value) ? recent.slice(-1).map(() => middle(recent)) : [Number.NaN],
        this.#natural[j] as NaturalSoiling,
        level,
        [isWashed(before)],
      )[0] as number;
    });
    const cells = worthOf(withoutNatural(this.#layout, this.#series, day.cells, this.#levels), this.#noise);
    const sample: Sample = { cells, days: 1, start: day.start };
    this.#samples.push(sample);
    this.hypotheses.forEach((_, h) => {
      const list = this.#projections[h] as Projection[];
      list.push(this.#project(h, sample));
      if (list.length > LONGEST) list.shift();
    });
  }

  #project(h: number, sample: Sample): Projection {
    const hypothesis = this.hypotheses[h] as Hypothesis;
    const middle = hypothesis.severities.length >> 1;
    return project(this.#layout, this.#series, this.#noise, hypothesis, this.#touched[h] as Touched, sample, middle);
  }

  /** Which hypothesis stands out most for its threshold, over which window; and how much each does. */
  #top(): Standing {
    const n = this.#samples.length;
    const each = new Float64Array(this.hypotheses.length);
    let top = { h: -1, days: 0, excess: 0, z: 0 };
    this.hypotheses.forEach(({ caution }, h) => {
      for (const { days: window, threshold } of WINDOWS) {
        if (window > n && window !== 1) continue;
        if (!this.#steady(h, window)) continue;
        const z = this.#standing(h, n, window);
        const excess = z / (threshold + caution);
        if (excess > (each[h] as number)) each[h] = excess;
        if (excess > top.excess) top = { h, days: window, excess, z };
      }
    });
    return { ...top, each };
  }

  /** The day since which the evidence for a hypothesis has added up. */
  #onset(h: number): number {
    const list = this.#projections[h] as Projection[];
    const n = this.#samples.length;
    const late = list.slice(-4);
    const a = late.reduce((total, { a: own }) => total + own, 0);
    const b = late.reduce((total, { b: own }) => total + own, 0);
    const amplitude = a > 0 ? (0.5 * b) / a : 0;
    let sum = 0;
    let best = 0;
    let at = list.length - 1;
    for (let d = list.length - 1; d >= 0; d--) {
      const { a: own, b: along } = list[d] as Projection;
      sum += amplitude * along - 0.5 * amplitude * amplitude * own;
      if (sum > best) {
        best = sum;
        at = d;
      }
    }
    return n - list.length + at;
  }

  /** Whether what stands out along a hypothesis is still growing since its onset: a drift, not a step. */
  #grows(h: number, onset: number): boolean {
    const list = this.#projections[h] as Projection[];
    // Half of the onset's day is sound, which is no growth.
    const since = list.slice(Math.max(0, list.length - (this.#samples.length - onset - 1)));
    if (since.length < 4) return false;
    const mean = (part: readonly Projection[]) =>
      part.reduce((sum, { b }) => sum + b, 0) /
      Math.max(
        1e-12,
        part.reduce((sum, { a }) => sum + a, 0),
      );
    const third = Math.ceil(since.length / 3);
    return mean(since.slice(-third)) > GROWS * Math.max(0, mean(since.slice(0, third)));
  }

  #raise(days: readonly DaySummary[], top: Standing, doubtful: ReadonlySet<number>): void {
    const n = this.#samples.length;
    const onset = this.#onset(top.h);
    // Half of the onset's day is sound, so that a step looks like something of certain hours: it names no cause by itself.
    if (onset >= n - 1 && !this.#held.some(({ key }) => key === 'residual')) return;
    // The day of the onset is half sound: the days after it tell the cause.
    const span = Math.max(1, Math.min(JUDGED, n - onset - 1));
    const sample = meanSample(this.#samples.slice(n - span));
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
        this.#touched[h] as Touched,
        sample,
        none,
      );
    });
    const held = this.#held.find(({ key }) => key === 'residual');
    // What has drifted for a week and then stays has drifted.
    const drifted =
      held !== undefined && DRIFTS.includes(held.finding.kind) && (held.count >= DRIFTED || held.course.growth > GREW);
    const grows = drifted || this.#grows(top.h, onset);
    const ranked = rankCauses({
      hypotheses: this.hypotheses,
      fits,
      projections: this.#projections,
      days,
      span,
      onset: Math.min(onset, held?.from ?? onset),
      held,
    });
    const candidates = candidatesOf(this.hypotheses, ranked, grows);
    const first = ranked[0];
    const head = candidates[0];
    if (first === undefined || head === undefined || first.score <= 0) return;
    const hypothesis = this.hypotheses[first.fit.hypothesis] as Hypothesis;
    const before = this.#held.find(({ key }) => key === 'residual');
    // A fault of the plant must stand out by itself, not only explain what stands out along another cause.
    if (before === undefined && hypothesis.layer === 'plant' && (top.each[first.fit.hypothesis] as number) < ITSELF)
      return;
    if (before === undefined && hypothesis.layer === 'plant' && this.#waits(hypothesis, candidates, doubtful)) return;
    const same = before !== undefined && before.finding.kind === hypothesis.kind ? before.from : n;
    const from = Math.min(onset, this.#onset(first.fit.hypothesis), same);
    const loss = lossOf(
      this.#plant,
      this.#layout,
      this.#series,
      hypothesis,
      this.#touched[first.fit.hypothesis] as Touched,
      this.#samples,
      days,
      from,
    );
    const finding: Finding = {
      ...head,
      severity: first.fit.severity,
      since: days[from]?.start ?? 0,
      reported: days[n - 1]?.end ?? 0,
      seen: days[n - 1]?.end ?? 0,
      lostEnergyKwh: loss.total,
      lostPerDayKwh: loss.late,
      strength: top.z,
      candidates,
      indistinct: indistinctOf(candidates),
      evidence: wordsOf(this.#layout, this.#series, hypothesis, sample, this.#touched[first.fit.hypothesis] as Touched),
    };
    this.#waited = 0;
    this.#hold('residual', finding, { from, hypothesis: first.fit.hypothesis, course: first.course });
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
    const from = Math.min(sign.from, this.#held.find((held) => held.key === key)?.from ?? sign.from);
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
    this.#hold(key, finding, { from, hypothesis: -1, course: NO_COURSE, other: sign.other });
  }

  #hold(
    key: string,
    finding: Finding,
    what: Pick<Held, 'from' | 'hypothesis' | 'course'> & { readonly other?: string | undefined },
  ): void {
    const last = this.#samples.length - 1;
    const before = this.#held.find((held) => held.key === key);
    if (before === undefined) this.#held.push({ finding, key, last, count: 1, ...what, other: what.other });
    else {
      before.count += before.last < last ? 1 : 0;
      Object.assign(before, what, { last, finding: { ...finding, reported: before.finding.reported } });
    }
  }

  /** What is held at the end of the last of `days`, ranked. */
  findings(days: readonly DaySummary[]): Finding[] {
    const now = days.length - 1;
    this.#held = this.#held.filter(
      ({ last, finding, count }) => now - last <= (finding.layer === 'none' ? 0 : Math.min(HOLD, HOLD_PER_DAY * count)),
    );
    return this.#held.map(({ finding }) => finding).sort((x, y) => y.strength - x.strength);
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[sorted.length >> 1] as number;
}
