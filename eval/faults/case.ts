import type { Frame } from '../../src/core/index.js';
import { type Candidate, type DayReport, Diagnoser } from '../../src/twin/diagnosis/index.js';
import { type PlantDescription, readPlant } from '../../src/twin/index.js';

/** What really happened to a plant; only for scoring. */
export interface FaultTruth {
  readonly kind: string;
  readonly layer: 'plant' | 'measurement' | 'none';
  readonly severity: number | null;
  /** ms since the epoch; null where nothing happened. */
  readonly since: number | null;
  readonly expectedEnergyKwh: number;
  readonly lostEnergyKwh: number;
}

/** One plant of the evaluation. */
export interface FaultCase {
  readonly name: string;
  readonly description: PlantDescription;
  readonly telemetry: Frame;
  /** ms since the epoch. */
  readonly healthyUntil: number;
  readonly truth: FaultTruth;
}

/** A kind that was held as a possible cause, in the truth's vocabulary, with its rank; ties share the worse rank. */
export interface RankedKind {
  readonly kind: string;
  readonly rank: number;
}

/** What the diagnoser held at the end of one day, as far as it is scored. */
export interface ScoredDay {
  readonly start: number;
  readonly end: number;
  /** Layers of the findings. */
  readonly layers: readonly string[];
  /** Kinds of plant findings, to tell one report from the next. */
  readonly plantKinds: readonly string[];
  readonly ranked: readonly RankedKind[];
  /** Of the finding whose first candidate or any candidate is the true kind, else of the first finding. */
  readonly severity: number;
  readonly lostEnergyKwh: number;
}

/** A plant and what was said of it. */
export interface CaseResult {
  readonly name: string;
  readonly truth: FaultTruth;
  readonly healthyUntil: number;
  readonly days: readonly ScoredDay[];
  readonly seconds: number;
}

/** How kinds that the diagnoser names are called in the truth. */
export type Vocabulary = (kind: string, target: string | undefined) => string;

/** Ranks of all kinds held on a day: findings in their order, in each its candidates; what cannot be told apart shares a rank. */
export function rankKinds(report: DayReport, vocabulary: Vocabulary): RankedKind[] {
  const ranked: RankedKind[] = [];
  const seen = new Set<string>();
  for (const finding of report.findings) {
    const named = (candidates: readonly Candidate[]) => [
      ...new Set(candidates.map(({ kind, target }) => vocabulary(kind, target))),
    ];
    const tied = named([finding, ...finding.indistinct]).filter((name) => !seen.has(name));
    const rank = ranked.length + tied.length;
    for (const name of tied) {
      ranked.push({ kind: name, rank });
      seen.add(name);
    }
    for (const name of named(finding.candidates)) {
      if (seen.has(name)) continue;
      ranked.push({ kind: name, rank: ranked.length + 1 });
      seen.add(name);
    }
  }
  return ranked;
}

/** Goes through one plant's telemetry a day at a time, without looking ahead. */
export function runCase(
  { name, description, telemetry, healthyUntil, truth }: FaultCase,
  vocabulary: Vocabulary,
): CaseResult {
  const begun = performance.now();
  const diagnoser = new Diagnoser(readPlant(description)).learn(
    telemetry.slice(Number.NEGATIVE_INFINITY, healthyUntil),
  );
  const reports = diagnoser.observe(telemetry.slice(healthyUntil));
  const last = diagnoser.flush();
  if (last !== undefined) reports.push(last);
  return {
    name,
    truth,
    healthyUntil,
    seconds: (performance.now() - begun) / 1000,
    days: reports.map((report): ScoredDay => {
      const own =
        report.findings.find((finding) => vocabulary(finding.kind, finding.target) === truth.kind) ??
        report.findings.find(({ layer }) => layer === truth.layer);
      return {
        start: report.start,
        end: report.end,
        layers: report.findings.map(({ layer }) => layer),
        plantKinds: report.findings
          .filter(({ layer }) => layer === 'plant')
          .map(({ kind, target }) => `${kind} ${target ?? ''}`),
        ranked: rankKinds(report, vocabulary),
        severity: own?.severity ?? Number.NaN,
        lostEnergyKwh: own?.lostEnergyKwh ?? 0,
      };
    }),
  };
}
