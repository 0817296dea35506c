import type { Clock, Reading } from '../core/index.js';
import { derivedSignals } from './alert-input.js';
import type { AlertSide } from './alert-side.js';
import type { IngestResult } from './contract.js';
import type { MonitorFigures } from './figures.js';
import type { Fleet } from './fleet.js';
import type { Step } from './step.js';
import { type Rejection, rejectionOf } from './validate.js';

const DAY = 86_400_000;

/** Of one reading in so many it is measured how long each stage takes. */
const SAMPLED = 64;

/** Limits of what is taken in. */
export interface IntakeLimits {
  /** How late a reading may be, ms. */
  readonly watermark: number;
  /** How far a source's clock may be ahead, ms. */
  readonly tolerance: number;
}

/** Takes readings through the pipeline into a step; nothing of it is stored or told. */
export class Intake {
  readonly #fleet: Fleet;
  readonly #alerts: AlertSide;
  readonly #figures: MonitorFigures;
  readonly #clock: Clock;
  readonly #limits: IntakeLimits;
  #sample = 0;

  constructor(fleet: Fleet, alerts: AlertSide, figures: MonitorFigures, clock: Clock, limits: IntakeLimits) {
    this.#fleet = fleet;
    this.#alerts = alerts;
    this.#figures = figures;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Works on the readings of one call, in the order of their time. */
  take(step: Step, list: readonly Reading[], shed: ReadonlySet<string> | undefined): IngestResult {
    const rejected: Rejection[] = [];
    const taken = this.#accepted(list, rejected);
    const [before, late] = [step.duplicates, step.revised.length];
    for (const reading of taken) this.#process(step, reading, shed);
    for (const reading of taken) step.taken.push(reading);
    for (const rejection of rejected) step.rejected.push(rejection);
    const duplicates = step.duplicates - before;
    return { accepted: taken.length - duplicates, late: step.revised.length - late, duplicates, rejected };
  }

  #accepted(list: readonly Reading[], rejected: Rejection[]): Reading[] {
    const latest = this.#clock.now() + this.#limits.tolerance;
    const taken: Reading[] = [];
    let ordered = true;
    let last = Number.NEGATIVE_INFINITY;
    for (const reading of list) {
      const asset = this.#fleet.find(reading.assetId);
      const earliest = (asset?.time ?? Number.NEGATIVE_INFINITY) - this.#limits.watermark;
      const rejection = rejectionOf(reading, asset?.channels, earliest, latest);
      if (rejection !== undefined) rejected.push(rejection);
      else if (asset !== undefined) {
        if (reading.time < last) ordered = false;
        last = reading.time;
        taken.push(asset.complete(reading));
      }
    }
    if (!ordered) taken.sort((a, b) => a.time - b.time);
    return taken;
  }

  #process(step: Step, reading: Reading, shed: ReadonlySet<string> | undefined): void {
    const asset = this.#fleet.get(reading.assetId);
    const { time } = reading;
    if (time <= asset.time) {
      if (time === asset.time) step.duplicates++;
      else step.revised.push(asset.revise(reading));
      return;
    }
    const day = Math.floor(asset.time / DAY);
    const { label } = asset.health;
    const timed = this.#sample++ % SAMPLED === 0 ? this.#timed : undefined;
    const outcome = asset.process(reading, shed, timed);
    if (outcome.lifeIsNew || Math.floor(time / DAY) !== day) step.dailyChanged.add(asset);
    if (asset.health.isNews(outcome, label)) step.healthNews.add(outcome);
    step.touched.add(asset);
    step.outcomes.push(outcome);
    const start = timed === undefined ? 0 : performance.now();
    const made = this.#alerts.engine.evaluate(reading, derivedSignals(outcome));
    timed?.('alerts', performance.now() - start);
    for (const change of made) step.changes.push(change);
  }

  readonly #timed = (stage: string, ms: number): void => this.#figures.stage(stage, ms);
}
