import { type Duration, durationMs } from '../../core/duration.js';
import { exp, log } from '../../core/math/index.js';
import { type Alert, textHash } from '../alert.js';
import { spoken } from '../conditions/timed.js';
import type { AlertAsset, Rule } from '../rules/rule.js';
import { compareSeverity, type Severity } from '../severity.js';
import { AssetTree } from './tree.js';

/** What somebody, mostly the twin, has found out about an asset. */
export interface Diagnosis {
  readonly assetId: string;
  /** What it is, in a few words: `fan failure`. */
  readonly title: string;
  /** 0…1. */
  readonly probability: number;
  /** Sentences with figures that speak for it. */
  readonly evidence?: readonly string[] | undefined;
  /** Energy lost so far, Wh. */
  readonly energyLost?: number | undefined;
  /** What to do. */
  readonly action?: string | undefined;
}

/** Alerts that have one cause. */
export interface Incident {
  /** Stable while the cause stays the same. */
  readonly id: string;
  /** Where the cause lies. */
  readonly assetId: string;
  /** The alert that is the cause; null where it lies in an asset that raised none itself. */
  readonly cause: Alert | null;
  /** What was found out about that asset, where something was. */
  readonly diagnosis: Diagnosis | null;
  /** How likely it is that this is the cause, 0…1. */
  readonly probability: number;
  /** The alerts that follow from it, the oldest first. */
  readonly effects: readonly Alert[];
  /** The worst of all. */
  readonly severity: Severity;
  /** Since when, ms since the epoch. */
  readonly since: number;
  readonly figures: {
    /** Assets below the cause, and how many of them alerted. */
    readonly assets: number;
    readonly affected: number;
    /** Between the first and the last of its alerts, ms. */
    readonly span: number;
    /** Energy lost so far, Wh, by the diagnosis. */
    readonly energyLost: number | null;
  };
  /** Why it is the cause: a sentence with the figures. */
  readonly why: string;
  /** What to do next: of the diagnosis, else the playbook of the cause or of its first effect. */
  readonly next: string | null;
}

/** What folding is told beside the alerts. */
export interface FoldOptions {
  /** The assets with their parents; `name` is shown. */
  readonly assets: readonly (Pick<AlertAsset, 'id' | 'parent'> & { readonly name?: string | undefined })[];
  /** Rules that say what they explain. */
  readonly rules?: readonly Pick<Rule, 'id' | 'explains'>[] | undefined;
  readonly diagnoses?: readonly Diagnosis[] | undefined;
  /** Alerts further apart than this have no common cause. Default 15 min. */
  readonly within?: Duration | undefined;
  /** Probability that an asset alerts when what it hangs on has failed. Default 0.8. */
  readonly follows?: number | undefined;
  /** Probability that an asset alerts by itself within that time. Default 0.02. */
  readonly alone?: number | undefined;
}

/** Probability that an asset that failed raises an alert of its own. */
const SPEAKS = 0.7;

interface Hypothesis {
  readonly assetId: string;
  readonly odds: number;
  readonly own: Alert | null;
  readonly effects: readonly Alert[];
  readonly affected: number;
  readonly below: number;
}

/**
 * Folds alerts under their most likely causes, along the asset graph. For each asset the evidence that it failed is weighed
 * against so many independent faults below it: a naive Bayes model of which descendants alert and which are silent, of its
 * own alert, and of what the twin has diagnosed. The best hypothesis takes its alerts, then the next; what no common cause
 * explains stands alone. On one asset an alert follows from another only where the rule says that it `explains` it.
 */
export function foldAlerts(alerts: readonly Alert[], options: FoldOptions): Incident[] {
  const within = durationMs(options.within ?? '15m', 'within');
  const { follows = 0.8, alone = 0.02 } = options;
  const tree = new AssetTree(options.assets);
  const names = new Map(options.assets.map(({ id, name }) => [id, name ?? id]));
  const explains = new Map((options.rules ?? []).map(({ id, explains: list }) => [id, list]));
  const diagnoses = new Map<string, Diagnosis>();
  for (const diagnosis of options.diagnoses ?? []) {
    const known = diagnoses.get(diagnosis.assetId);
    if (known === undefined || known.probability < diagnosis.probability) diagnoses.set(diagnosis.assetId, diagnosis);
  }
  const free = new Map<string, Alert[]>();
  for (const alert of [...alerts].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))) {
    const list = free.get(alert.assetId);
    if (list === undefined) free.set(alert.assetId, [alert]);
    else list.push(alert);
  }

  const weigh = (assetId: string): Hypothesis | undefined => {
    const own = headOf(free.get(assetId) ?? [], explains);
    const below = tree.below(assetId);
    const may = own === null ? undefined : explains.get(own.rule);
    const candidates = below
      .flatMap((id) => free.get(id) ?? [])
      .filter(({ rule }) => may === undefined || may.includes(rule));
    const effects = own === null ? densest(candidates, within) : near(candidates, own.since, within);
    const affected = new Set(effects.map((effect) => effect.assetId)).size;
    const diagnosis = diagnoses.get(assetId);
    // One alert below an asset that says nothing is no reason to suspect it.
    if (affected < (own === null && diagnosis === undefined ? 2 : 1)) return undefined;
    const prior = Math.min(0.99, Math.max(alone, diagnosis?.probability ?? 0));
    const odds =
      log(prior / (1 - prior)) +
      affected * log(follows / alone) +
      (below.length - affected) * log((1 - follows) / (1 - alone)) +
      (own === null ? log((1 - SPEAKS) / (1 - alone)) : log(SPEAKS / alone));
    return { assetId, odds, own, effects, affected, below: below.length };
  };

  // The odds of a hypothesis only fall as others take their alerts, so the best is weighed again when its turn comes.
  const suspects = new Set([...free.keys()].flatMap((id) => [id, ...tree.above(id)]));
  const queue = [...suspects].map(weigh).filter((found) => found !== undefined);
  const doubts = new Map<string, number>();
  const incidents: Incident[] = [];
  const make = (hypothesis: Hypothesis, probability: number) =>
    incidents.push(incident(hypothesis, probability, diagnoses.get(hypothesis.assetId) ?? null, names));
  queue.sort((a, b) => a.odds - b.odds);
  while (queue.length > 0) {
    const found = weigh((queue.pop() as Hypothesis).assetId);
    if (found === undefined) continue;
    const next = queue.at(-1);
    if (next !== undefined && next.odds > found.odds) {
      insert(queue, found);
      continue;
    }
    const probability = 1 / (1 + exp(-found.odds));
    if (found.odds <= 0) {
      for (const { id } of found.effects) doubts.set(id, Math.max(doubts.get(id) ?? 0, probability));
      continue;
    }
    const taken = new Set(found.effects);
    const local = found.own === null ? [] : followers(found.own, free.get(found.assetId) ?? [], explains);
    if (found.own !== null) taken.add(found.own);
    for (const alert of local) taken.add(alert);
    for (const id of new Set([found.assetId, ...found.effects.map(({ assetId }) => assetId)]))
      free.set(
        id,
        (free.get(id) ?? []).filter((alert) => !taken.has(alert)),
      );
    make({ ...found, effects: [...found.effects, ...local] }, probability);
  }
  for (const [assetId, list] of free) {
    let rest = list;
    while (rest.length > 0) {
      const own = headOf(rest, explains) as Alert;
      const local = followers(own, rest, explains);
      rest = rest.filter((alert) => alert !== own && !local.includes(alert));
      make(
        { assetId, odds: 0, own, effects: local, affected: 0, below: tree.below(assetId).length },
        1 - (doubts.get(own.id) ?? 0),
      );
    }
  }
  return incidents.sort(
    (a, b) => compareSeverity(a.severity, b.severity) || a.since - b.since || (a.id < b.id ? -1 : 1),
  );
}

type Explains = ReadonlyMap<string, readonly string[] | undefined>;

/** Of the alerts of one asset the one that explains most of the others; of equals the oldest. */
function headOf(list: readonly Alert[], explains: Explains): Alert | null {
  let head: Alert | null = null;
  let most = -1;
  for (const alert of list) {
    const count = followers(alert, list, explains).length;
    if (count > most) {
      most = count;
      head = alert;
    }
  }
  return head;
}

/** The alerts of one asset that follow from `head`, also over several steps. */
function followers(head: Alert, list: readonly Alert[], explains: Explains): Alert[] {
  const rules = new Set<string>(explains.get(head.rule));
  for (const rule of rules) for (const next of explains.get(rule) ?? []) rules.add(next);
  return list.filter((alert) => alert !== head && rules.has(alert.rule));
}

function near(list: readonly Alert[], since: number, within: number): Alert[] {
  return list.filter((alert) => Math.abs(alert.since - since) <= within);
}

/** Those of the densest stretch of `within` ms, the oldest first. */
function densest(list: readonly Alert[], within: number): Alert[] {
  const sorted = [...list].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
  let best: [number, number] = [0, 0];
  let from = 0;
  for (let to = 1; to <= sorted.length; to++) {
    while ((sorted[to - 1] as Alert).since - (sorted[from] as Alert).since > within) from++;
    if (to - from > best[1] - best[0]) best = [from, to];
  }
  return sorted.slice(...best);
}

function insert(queue: Hypothesis[], found: Hypothesis): void {
  let at = queue.length;
  while (at > 0 && (queue[at - 1] as Hypothesis).odds > found.odds) at--;
  queue.splice(at, 0, found);
}

function incident(
  { assetId, own, effects, affected, below }: Hypothesis,
  probability: number,
  diagnosis: Diagnosis | null,
  names: ReadonlyMap<string, string>,
): Incident {
  const all = (own === null ? [...effects] : [own, ...effects]).sort((a, b) => a.since - b.since);
  const since = all[0]?.since ?? 0;
  const span = (all.at(-1)?.since ?? since) - since;
  const name = names.get(assetId) ?? assetId;
  const percent = `${Math.min(99, Math.round(probability * 100))} %`;
  const clauses: string[] = [];
  if (affected > 0) {
    const time = span > 0 ? `within ${spoken(span)}` : 'at once';
    clauses.push(`${affected} of the ${below} assets below it alerted ${time}, since ${new Date(since).toISOString()}`);
  }
  if (own !== null) clauses.push(`its own alert says: ${own.title}. ${own.why.replace(/\.$/, '')}`);
  if (diagnosis !== null) {
    const found = `the twin finds ${diagnosis.title} (${Math.round(diagnosis.probability * 100)} %)`;
    clauses.push([found, ...(diagnosis.evidence ?? [])].join('; '));
  }
  const local = effects.filter((effect) => effect.assetId === assetId);
  if (local.length > 0) clauses.push(`${local.map(({ title }) => title).join(', ')} follows from it`);
  const alone = affected === 0 && local.length === 0;
  return {
    id: textHash(JSON.stringify([assetId, own?.rule ?? null, own?.id ?? all[0]?.id])),
    assetId,
    cause: own,
    diagnosis,
    probability,
    effects: [...effects].sort((a, b) => a.since - b.since),
    severity: [...all].sort((a, b) => compareSeverity(a.severity, b.severity))[0]?.severity ?? 'LOW',
    since,
    figures: { assets: below, affected, span, energyLost: diagnosis?.energyLost ?? null },
    why: `${alone ? `${name} alone` : `${name} is the likely cause (${percent})`}: ${clauses.join('; ')}.`,
    next: diagnosis?.action ?? own?.playbook ?? effects.find(({ playbook }) => playbook !== null)?.playbook ?? null,
  };
}
