import { durationMs } from '../core/duration.js';
import type { Frame } from '../core/frame.js';
import { runAsync, runSync, type Work } from '../core/work.js';
import { ChannelTable } from './channels.js';
import { figure } from './conditions/compiled.js';
import { spoken } from './conditions/timed.js';
import { type ReplayedAlert, type ReplayOptions, replayWork } from './replay.js';
import type { Grading, Limit, Rule } from './rules/rule.js';
import { type Severity, severities } from './severity.js';

/** What a person said of an alert of the rule (`AlertEngine.feedback`). */
export interface RatedAlert {
  /** When it stood, ms since the epoch; `resolvedAt` null where it stands. */
  readonly raisedAt: number;
  readonly resolvedAt: number | null;
  readonly useful: boolean;
}

/** What a rule does on history. */
export interface RuleEffect {
  readonly alerts: number;
  readonly perDay: number;
  /** How many of the alerts that people rated it raises. */
  readonly useful: number;
  readonly notUseful: number;
}

/** A rule that would have been better, and by how much. */
export interface RuleProposal {
  readonly rule: Rule;
  /** What changes and what comes of it, in a sentence. */
  readonly says: string;
  readonly before: RuleEffect;
  readonly after: RuleEffect;
  /** By how much useful alerts would have come later, ms: the median. */
  readonly delay: number;
  /** Rules that were tried. */
  readonly tried: number;
}

/** Options of `proposeChange`. */
export interface ProposalOptions extends ReplayOptions {
  /** Share of the useful alerts that must stay. Default 1: all. */
  readonly keep?: number | undefined;
  /** Useful alerts may come later by no more than this, ms. Default 1 h. */
  readonly maxDelay?: number | undefined;
}

const DAY = 86_400_000;
/** Waits that people would write. */
const WAITS = ['1m', '2m', '5m', '10m', '15m', '30m', '1h', '2h', '4h'] as const;
/** Limits that are tried: so many of those between the old one and the worst figure of an alert that was not useful. */
const MOVES = 12;

interface Candidate {
  readonly rule: Rule;
  /** In words. */
  readonly change: string;
}

function* proposalWork(
  frame: Frame,
  rule: Rule,
  rated: readonly RatedAlert[],
  options: ProposalOptions,
): Work<RuleProposal | undefined> {
  const { keep = 1, maxDelay = 3_600_000 } = options;
  const old = yield* replayWork(frame, [rule], options);
  const span = (frame.time.at(-1) ?? 0) - (frame.time[0] ?? 0);
  const effect = (alerts: readonly ReplayedAlert[]) => ({
    alerts: alerts.length,
    perDay: span > 0 ? (alerts.length * DAY) / span : alerts.length,
    useful: rated.filter((one) => one.useful && alerts.some((alert) => overlaps(alert, one))).length,
    notUseful: rated.filter((one) => !one.useful && alerts.some((alert) => overlaps(alert, one))).length,
  });
  const before = effect(old);
  const bad = old.filter((alert) => rated.some((one) => !one.useful && overlaps(alert, one)));
  const good = rated.filter(({ useful }) => useful);
  const tried = candidates(rule, bad, options);
  let best: { readonly after: RuleEffect; readonly delay: number; readonly candidate: Candidate } | undefined;
  for (const [k, candidate] of tried.entries()) {
    const alerts = yield* replayWork(frame, [candidate.rule], { ...options, onProgress: undefined });
    yield { phase: 'trying rules', done: k + 1, total: tried.length };
    const after = effect(alerts);
    if (after.notUseful >= before.notUseful || after.useful < before.useful * keep) continue;
    const delay = medianDelay(good, old, alerts);
    if (delay > maxDelay) continue;
    // Fewest that are not worth it; of equals the one that comes soonest, then the one that changes least.
    const better =
      best === undefined ||
      after.notUseful < best.after.notUseful ||
      (after.notUseful === best.after.notUseful &&
        (delay < best.delay || (delay === best.delay && after.alerts > best.after.alerts)));
    if (better) best = { after, delay, candidate };
  }
  if (best === undefined) return undefined;
  const { after, delay, candidate } = best;
  const gone = `${before.notUseful - after.notUseful} of ${before.notUseful} alerts that were not useful go away`;
  const stays = `${after.useful} of ${before.useful} useful ones stay${delay > 0 ? `, ${spoken(delay)} later` : ''}`;
  const rest = `${figure(before.perDay, '1')} alerts a day become ${figure(after.perDay, '1')}`;
  return {
    rule: candidate.rule,
    says: `${candidate.change}: ${gone}, ${stays}; ${rest}.`,
    before,
    after,
    delay,
    tried: tried.length,
  };
}

/**
 * A better rule from what people said of its alerts ("not useful"): limits and waits are tried on history with `replay`, and
 * the best is proposed with its effect. Nothing is changed by itself. Undefined where no change would keep the useful
 * alerts and lose one that was not. Limits are moved where the rule's condition has its own; the wait always.
 * @throws TwinergyError as `replay` does
 */
export function proposeChange(
  frame: Frame,
  rule: Rule,
  rated: readonly RatedAlert[],
  options: ProposalOptions = {},
): RuleProposal | undefined {
  return runSync(proposalWork(frame, rule, rated, options), options);
}

/** `proposeChange`, with turns for the event loop. */
export function proposeChangeAsync(
  frame: Frame,
  rule: Rule,
  rated: readonly RatedAlert[],
  options: ProposalOptions = {},
): Promise<RuleProposal | undefined> {
  return runAsync(proposalWork(frame, rule, rated, options), options);
}

function overlaps(alert: ReplayedAlert, { raisedAt, resolvedAt }: RatedAlert): boolean {
  return (
    alert.since <= (resolvedAt ?? Number.POSITIVE_INFINITY) &&
    (alert.resolvedAt ?? Number.POSITIVE_INFINITY) >= raisedAt
  );
}

function medianDelay(
  good: readonly RatedAlert[],
  before: readonly ReplayedAlert[],
  after: readonly ReplayedAlert[],
): number {
  const raised = (list: readonly ReplayedAlert[], one: RatedAlert) =>
    list.find((alert) => overlaps(alert, one))?.raisedAt;
  const delays = good
    .map((one) => (raised(after, one) ?? Number.NaN) - (raised(before, one) ?? Number.NaN))
    .filter((delay) => !Number.isNaN(delay))
    .sort((a, b) => a - b);
  return Math.max(0, delays[delays.length >> 1] ?? 0);
}

/** The rules to try: each limit with each wait. */
function candidates(rule: Rule, bad: readonly ReplayedAlert[], options: ProposalOptions): Candidate[] {
  const waits: (string | undefined)[] = [undefined];
  const current =
    rule.raiseAfter === undefined || rule.raiseAfter === 0 || typeof rule.raiseAfter === 'object'
      ? 0
      : durationMs(rule.raiseAfter);
  const longest = Math.max(0, ...bad.map(({ since, resolvedAt }) => (resolvedAt ?? since) - since));
  // The first wait that is longer than each of them would do; what is longer still would only cost time.
  if (typeof rule.raiseAfter !== 'object') {
    for (const wait of WAITS) {
      if (durationMs(wait) <= current) continue;
      waits.push(wait);
      if (durationMs(wait) > longest) break;
    }
  }
  const moved = moves(rule, bad, options);
  return [undefined, ...moved]
    .flatMap((move) =>
      waits.map((wait) => ({
        rule: {
          ...rule,
          ...(move !== undefined && { when: move.when }),
          ...(wait !== undefined && { raiseAfter: wait }),
        },
        change: [move?.change, wait === undefined ? undefined : `wait ${wait}`].filter(Boolean).join(' and '),
      })),
    )
    .filter(({ change }) => change !== '');
}

/** The rule's condition with its limits moved away from the good side, by amounts that leave out some of `bad`. */
function moves(
  { when }: Rule,
  bad: readonly ReplayedAlert[],
  options: ProposalOptions,
): { readonly when: Rule['when']; readonly change: string }[] {
  if (!('limits' in when)) return [];
  const { direction, limits } = when as Grading;
  const sign = direction === 'above' ? 1 : -1;
  const first = severities.find((severity) => limits[severity] !== undefined);
  const base = first === undefined ? undefined : limits[first];
  if (first === undefined || base === undefined) return [];
  const from = limitFor(base, options);
  const distances = [...new Set(bad.map(({ worst }) => roundUp(sign * ((worst ?? from) - from))))]
    .filter((distance) => distance > 0)
    .sort((a, b) => a - b);
  const stride = Math.max(1, Math.ceil(distances.length / MOVES));
  // The greatest is always among them.
  const picked = distances.filter((_, k) => (distances.length - 1 - k) % stride === 0);
  const channels = new ChannelTable(options.channels);
  const unit =
    'channel' in when && (when.type === 'threshold' || (when.type === 'deviation' && when.measure !== 'ratio'))
      ? channels.definition(when.channel).unit
      : '1';
  return picked.map((distance) => ({
    when: {
      ...when,
      limits: Object.fromEntries(
        Object.entries(limits).map(([severity, limit]) => [
          severity,
          shifted(limit as Limit, sign * distance, options),
        ]),
      ) as Partial<Record<Severity, Limit>>,
    } as Rule['when'],
    change: `move the ${first} limit from ${figure(from, unit)} to ${figure(from + sign * distance, unit)}`,
  }));
}

function limitFor(limit: Limit, { asset }: ProposalOptions): number {
  if (typeof limit === 'number') return limit;
  const own = Number(asset?.attributes?.[limit.attribute] ?? Number.NaN);
  return Number.isFinite(own) ? own * (limit.times ?? 1) : limit.default;
}

function shifted(limit: Limit, by: number, options: ProposalOptions): Limit {
  if (typeof limit === 'number') return Number((limit + by).toPrecision(12));
  const now = limitFor(limit, options);
  // In proportion, so that it fits other assets as well.
  const ratio = now === 0 ? 1 : (now + by) / now;
  return { ...limit, times: (limit.times ?? 1) * ratio, default: limit.default * ratio };
}

/** The next greater number of two digits: what people would write. */
function roundUp(x: number): number {
  if (!(x > 0) || !Number.isFinite(x)) return 0;
  const scale = 10 ** (Math.floor(Math.log10(x)) - 1);
  // Strictly greater: a limit that is reached counts.
  return Number(((Math.floor(x / scale) + 1) * scale).toPrecision(3));
}
