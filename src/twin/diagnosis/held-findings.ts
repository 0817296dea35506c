import type { Plant } from '../description/plant.js';
import type { Course } from './course.js';
import type { DaySummary } from './day.js';
import { dependents } from './dependents.js';
import type { EventSign } from './event-sign.js';
import type { Finding } from './finding.js';
import type { Hypothesis } from './hypothesis.js';
import type { Layout } from './layout.js';

/** Days that a finding is held after its evidence has gone (faults that come and go): at most, and for each day of evidence. */
const HOLD = 21;
const HOLD_PER_DAY = 7;
/** Days of evidence that a day counts as which stands out far enough by itself. */
const ALONE = 3;
/** Days within which an instrument's fault may come after a finding and still explain it. */
const EXPLAINED = 3;

/** A finding as it is carried from day to day. */
export interface Held {
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

/** What a finding rests on today. */
type HeldBy = Pick<Held, 'from' | 'hypothesis' | 'course'> & { readonly other?: string | undefined };

/** Key of the finding that the residuals tell; those of events have keys of their own. */
const RESIDUAL = 'residual';

/** The findings that are carried from day to day, and what they say of each other. */
export class HeldFindings {
  readonly #plant: Plant;
  readonly #layout: Layout;
  readonly #hypotheses: readonly Hypothesis[];
  #held: Held[];

  constructor(plant: Plant, layout: Layout, hypotheses: readonly Hypothesis[], held: readonly Held[]) {
    this.#plant = plant;
    this.#layout = layout;
    this.#hypotheses = hypotheses;
    this.#held = held.map((own) => ({ ...own }));
  }

  toJSON(): readonly Held[] {
    return this.#held;
  }

  /** What the residuals told so far. */
  get residual(): Held | undefined {
    return this.get(RESIDUAL);
  }

  get(key: string): Held | undefined {
    return this.#held.find((held) => held.key === key);
  }

  /**
   * Whether an instrument that is known to be at fault explains what stands out: all that the hypothesis moves is told from
   * that instrument (string against string only where it is one of the string's own).
   */
  excused(h: number): boolean {
    const { kind: named, touches, loss } = this.#hypotheses[h] as Hypothesis;
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
  explainAway(): void {
    // One channel in another's place looks like another unit on the day that it changes.
    if (this.#held.some(({ finding }) => finding.kind === 'swapped-channels'))
      this.#held = this.#held.filter(({ finding }) => finding.kind !== 'unit-mix-up');
    this.#held = this.#held.filter(({ key, hypothesis, from, count, finding }) => {
      // A fault of the plant that has been seen for long was there before the instrument's.
      if (key !== RESIDUAL || hypothesis < 0 || (finding.layer === 'plant' && count > EXPLAINED)) return true;
      const began = this.#held
        .filter((other) => other.hypothesis < 0 && other.finding.layer === 'measurement')
        .map((other) => other.from);
      return !(began.some((start) => start <= from + EXPLAINED) && this.excused(hypothesis));
    });
  }

  /** Whether what a sign tells is what a fault does that was found before, such as a restless signal under shade. */
  foreseen({ kind, target }: EventSign): boolean {
    // Another unit shows at a stroke: what has been off by an offset for days has not changed its unit.
    if (kind === 'unit-mix-up') {
      const before = this.residual;
      return before !== undefined && before.finding.target === target && before.count > EXPLAINED;
    }
    if ((kind !== 'noise' && kind !== 'spike') || target === undefined) return false;
    const own = dependents(this.#plant, this.#layout, target);
    return this.#held.some(
      ({ hypothesis, count, finding }) =>
        hypothesis >= 0 &&
        (finding.layer === 'plant' || finding.kind === 'clock-shift') &&
        count >= 1 &&
        (this.#hypotheses[hypothesis] as Hypothesis).touches.some((k) => own.includes(k)),
    );
  }

  /** Holds what the residuals told on `day`, which stood out by itself or with others. */
  holdResidual(finding: Finding, what: HeldBy, day: number, alone: boolean): void {
    this.hold(RESIDUAL, finding, what, day, alone ? ALONE : 1);
  }

  /** Holds a finding; `last` is the index of the day. */
  hold(key: string, finding: Finding, what: HeldBy, last: number, count = 1): void {
    const before = this.get(key);
    if (before === undefined) this.#held.push({ finding, key, last, count, ...what, other: what.other });
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
