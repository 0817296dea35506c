import { quote, TwinergyError } from '../../core/errors.js';

/** How the score of a group follows from those of its parts. */
export type HealthRule =
  /** Mean, each part with its weight. */
  | { readonly kind: 'weighted-mean' }
  /** The worst part: a chain that breaks at its weakest link. */
  | { readonly kind: 'worst-of' }
  /** `k` parts must work: the score of the k-th best, so that spares cost nothing until they are needed. */
  | { readonly kind: 'k-of-n'; readonly k: number };

/** An asset in the graph: a leaf has a score of its own, a group has parts. */
export interface HealthNode {
  readonly id: string;
  /** Ids of its parts; a part may belong to several groups. Default: none, then its own score counts. */
  readonly parts?: readonly string[] | undefined;
  /** Default: weighted mean. */
  readonly rule?: HealthRule | undefined;
  /** Weight in the groups that it belongs to. Default 1. */
  readonly weight?: number | undefined;
}

/** A score with how much it is worth. */
export interface NodeScore {
  /** 0…100; null where nothing is known. */
  readonly score: number | null;
  /** 0…1. */
  readonly confidence: number;
}

/** The score of a node, and where its points went. */
export interface AggregatedHealth extends NodeScore {
  readonly id: string;
  /** Points that each part costs; they add up to 100 − score. Parts without a score are not among them. */
  readonly lost: readonly { readonly part: string; readonly points: number }[];
  /** Parts without a score. */
  readonly missing: readonly string[];
}

/**
 * Scores of groups from those of their parts, over the whole graph of assets: a plant from its inverters, they from their
 * strings. Parts without a score are left out and lower the confidence by their weight. The result is bounded by its
 * parts, and monotone and continuous in each of them.
 * @param scores of the leaves (and of groups that have one of their own, which then counts as one more part)
 * @returns every node of the graph, by id
 * @throws TwinergyError `HEALTH_BAD_GRAPH` for an unknown part, a circle, a bad weight or k
 */
export function aggregateHealth(
  nodes: readonly HealthNode[],
  scores: Readonly<Record<string, NodeScore>>,
): Map<string, AggregatedHealth> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Map<string, AggregatedHealth>();
  const under = new Set<string>();
  const bad = (message: string, value: unknown) => new TwinergyError('HEALTH_BAD_GRAPH', message, { value });
  const visit = (id: string): AggregatedHealth => {
    const ready = done.get(id);
    if (ready !== undefined) return ready;
    const node = byId.get(id);
    if (node === undefined) throw bad(`A group names the part ${quote(id)}, which there is not.`, id);
    if (under.has(id)) throw bad(`${quote(id)} is a part of itself.`, id);
    under.add(id);
    const parts = (node.parts ?? []).map((part) => ({ ...visit(part), weight: byId.get(part)?.weight ?? 1 }));
    under.delete(id);
    const own = scores[id];
    if (own !== undefined) parts.push({ id, ...own, lost: [], missing: [], weight: 1 });
    for (const { id: part, weight } of parts)
      if (!(weight > 0 && Number.isFinite(weight)))
        throw bad(`The weight of ${quote(part)} must be greater than 0.`, weight);
    const result = combine(node, parts);
    done.set(id, result);
    return result;
  };
  for (const { id } of nodes) visit(id);
  return done;
}

interface Part extends NodeScore {
  readonly id: string;
  readonly weight: number;
}

function combine({ id, rule = { kind: 'weighted-mean' } }: HealthNode, parts: readonly Part[]): AggregatedHealth {
  const known = parts.filter((part): part is Part & { score: number } => part.score !== null);
  const missing = parts.filter(({ score }) => score === null).map((part) => part.id);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (known.length === 0) return { id, score: null, confidence: 0, lost: [], missing };
  const confidence = known.reduce((sum, part) => sum + part.weight * part.confidence, 0) / total;
  if (rule.kind === 'weighted-mean') {
    const weight = known.reduce((sum, part) => sum + part.weight, 0);
    const lost = known.map((part) => ({ part: part.id, points: (part.weight / weight) * (100 - part.score) }));
    const score = Math.min(100, Math.max(0, 100 - lost.reduce((sum, { points }) => sum + points, 0)));
    return { id, score, confidence, lost, missing };
  }
  const k = rule.kind === 'worst-of' ? known.length : rule.k;
  if (rule.kind === 'k-of-n' && !(Number.isInteger(k) && k >= 1 && k <= parts.length)) {
    throw new TwinergyError('HEALTH_BAD_GRAPH', `${quote(id)} asks for ${k} of ${parts.length} parts.`, { value: k });
  }
  const best = [...known].sort((a, b) => b.score - a.score);
  // Fewer parts than needed have a score: what is known says at most how bad it is.
  const decisive = best[Math.min(k, best.length) - 1] as (typeof best)[number];
  return {
    id,
    score: decisive.score,
    confidence,
    lost: known.map((part) => ({ part: part.id, points: part === decisive ? 100 - part.score : 0 })),
    missing,
  };
}
