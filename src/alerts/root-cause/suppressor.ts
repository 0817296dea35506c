import { type Duration, durationMs } from '../../core/duration.js';
import { quote, TwinergyError } from '../../core/errors.js';
import type { Alert, AlertChange } from '../alert.js';
import type { AlertEngine } from '../engine.js';
import { compareSeverity, type Severity, severityLevel } from '../severity.js';
import { type Diagnosis, type FoldOptions, foldAlerts } from './fold.js';
import { AssetTree } from './tree.js';

/** Options of `AlertSuppressor`. */
export interface SuppressorOptions extends Omit<FoldOptions, 'diagnoses'> {
  /** What the twin has found; asked each time. */
  readonly diagnoses?: (() => readonly Diagnosis[]) | undefined;
  /** How sure it must be that an alert follows from another before it is suppressed. Default 0.8. */
  readonly minProbability?: number | undefined;
  /**
   * More than so many alerts of what hangs on one root within `within` are a storm: until it is half over, those less
   * urgent than `keep` are suppressed. Default: 20 within 10 min, `HIGH`; `false` for none.
   */
  readonly storm?:
    | false
    | {
        readonly alerts?: number | undefined;
        readonly within?: Duration | undefined;
        readonly keep?: Severity | undefined;
      }
    | undefined;
}

/** State of an `AlertSuppressor`; JSON data. */
export interface SuppressorState {
  readonly kind: 'AlertSuppressor';
  readonly formatVersion: 1;
  readonly suppressed: readonly (readonly [fingerprint: string, reason: string])[];
  readonly storms: readonly string[];
}

/**
 * Suppresses by design (ISA-18.2) what need not be heard: alerts that follow from another one that is heard, and the less
 * urgent ones of a storm; and lets them be heard again when that is over. Call `settle` after each batch of readings and
 * with each tick, and hand what it gives to the dispatcher with the rest.
 */
export class AlertSuppressor {
  readonly #options: SuppressorOptions;
  readonly #tree: AssetTree;
  readonly #storm: { readonly alerts: number; readonly within: number; readonly keep: number } | undefined;
  /** What this object has suppressed, by fingerprint, with the reason. */
  readonly #suppressed = new Map<string, string>();
  readonly #storms = new Set<string>();

  /** @throws TwinergyError `BAD_DURATION` */
  constructor(options: SuppressorOptions) {
    this.#options = options;
    this.#tree = new AssetTree(options.assets);
    const { storm = {} } = options;
    if (storm !== false) {
      const { alerts = 20, within = '10m', keep = 'HIGH' } = storm;
      this.#storm = { alerts, within: durationMs(within, 'storm.within'), keep: severityLevel(keep) };
    }
  }

  /** Suppresses and lets go, by what stands at `now` (ms since the epoch); tells what changed. */
  settle(engine: Pick<AlertEngine, 'open' | 'suppress' | 'unsuppress'>, now: number): AlertChange[] {
    const open = engine.open().filter(({ active }) => active);
    const wanted = this.#effects(open);
    for (const [print, reason] of this.#stormy(open, now)) if (!wanted.has(print)) wanted.set(print, reason);
    const changes: AlertChange[] = [];
    for (const [print] of [...this.#suppressed]) {
      if (wanted.has(print)) continue;
      this.#suppressed.delete(print);
      const change = released(engine, print);
      if (change !== undefined) changes.push(change);
    }
    for (const alert of open) {
      const reason = wanted.get(alert.fingerprint);
      // What a person has suppressed, or has let be heard again, is theirs.
      if (reason === undefined || alert.suppressed || this.#suppressed.has(alert.fingerprint)) continue;
      this.#suppressed.set(alert.fingerprint, reason);
      changes.push(engine.suppress(alert.id, { by: 'engine', comment: reason }));
    }
    return changes;
  }

  toJSON(): SuppressorState {
    return {
      kind: 'AlertSuppressor',
      formatVersion: 1,
      suppressed: [...this.#suppressed],
      storms: [...this.#storms],
    };
  }

  /** Goes on where `state` was taken. @throws TwinergyError `ALERT_BAD_STATE` */
  restore(state: SuppressorState): void {
    if (state?.kind !== 'AlertSuppressor' || state.formatVersion !== 1)
      throw new TwinergyError('ALERT_BAD_STATE', `${quote(state)} is not the state of a suppressor of format 1.`);
    this.#suppressed.clear();
    for (const [print, reason] of state.suppressed) this.#suppressed.set(print, reason);
    this.#storms.clear();
    for (const root of state.storms) this.#storms.add(root);
  }

  #effects(open: readonly Alert[]): Map<string, string> {
    const { minProbability = 0.8, diagnoses } = this.#options;
    const wanted = new Map<string, string>();
    for (const { cause, effects, probability, why } of foldAlerts(open, {
      ...this.#options,
      diagnoses: diagnoses?.(),
    })) {
      if (probability < minProbability || effects.length === 0) continue;
      // One of them is always heard: the cause, else the most urgent effect; and none that is more urgent than that.
      const heard = cause ?? ([...effects].sort((a, b) => compareSeverity(a.severity, b.severity))[0] as Alert);
      for (const effect of effects) {
        if (effect === heard || compareSeverity(effect.severity, heard.severity) < 0) continue;
        wanted.set(effect.fingerprint, why);
      }
    }
    return wanted;
  }

  #stormy(open: readonly Alert[], now: number): Map<string, string> {
    const wanted = new Map<string, string>();
    if (this.#storm === undefined) return wanted;
    const { alerts, within, keep } = this.#storm;
    const byRoot = new Map<string, Alert[]>();
    for (const alert of open) {
      const root = this.#tree.root(alert.assetId);
      const list = byRoot.get(root);
      if (list === undefined) byRoot.set(root, [alert]);
      else list.push(alert);
    }
    for (const root of [...this.#storms]) if (!byRoot.has(root)) this.#storms.delete(root);
    for (const [root, list] of byRoot) {
      const recent = list.filter(({ raisedAt }) => raisedAt > now - within).length;
      if (recent > alerts) this.#storms.add(root);
      else if (recent <= alerts / 2) this.#storms.delete(root);
      if (!this.#storms.has(root)) continue;
      for (const { fingerprint, severity } of list)
        if (severityLevel(severity) < keep) wanted.set(fingerprint, `A storm of ${list.length} alerts on ${root}.`);
    }
    return wanted;
  }
}

/** Lets an alarm be heard again, unless a person has done so. */
function released(engine: Pick<AlertEngine, 'unsuppress'>, fingerprint: string): AlertChange | undefined {
  try {
    return engine.unsuppress(fingerprint, { by: 'engine' });
  } catch (error) {
    // Also where the rules have changed and there is no such alarm any more.
    if (error instanceof TwinergyError && /^ALERT_(FORBIDDEN_TRANSITION|UNKNOWN)$/.test(error.code)) return undefined;
    throw error;
  }
}
