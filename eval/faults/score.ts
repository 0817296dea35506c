import { median } from '../../bench/harness.js';
import type { CaseResult, ScoredDay } from './case.js';

const DAY = 86_400_000;
/** Days after the first report at which the cause is asked for. */
const ASKED_AFTER = 14;
/** Days without a report after which another one counts as a new false alarm. */
const QUIET = 7;
/** Share of the energy lost below which the estimate of it is not scored. */
const WORTH = 0.005;

/** What one plant scored. */
export interface PlantScore {
  readonly result: CaseResult;
  /** Day of the first report in the fault's layer on or after its onset; undefined where it was not found. */
  readonly found: ScoredDay | undefined;
  readonly daysToDetect: number;
  /** Rank of the true kind 14 days after the first report; infinite where it was not named. */
  readonly rank: number;
  readonly soundDays: number;
  readonly falseDays: number;
  readonly falseAlarms: number;
  readonly severity: number;
  /** |reported − true| / true at the last day; NaN where it is not scored. */
  readonly lostError: number;
}

/** Scores one plant by the rules of the reference's README. */
export function scorePlant(result: CaseResult): PlantScore {
  const { truth, days } = result;
  const since = truth.since ?? Number.POSITIVE_INFINITY;
  const found =
    truth.layer === 'none' ? undefined : days.find((day) => day.end >= since && day.layers.includes(truth.layer));
  const asked =
    found === undefined
      ? undefined
      : (days.find((day) => day.end >= found.end + ASKED_AFTER * DAY) ?? days[days.length - 1]);
  let soundDays = 0;
  let falseDays = 0;
  let falseAlarms = 0;
  let lastFalse = Number.NEGATIVE_INFINITY;
  days.forEach((day, d) => {
    if (truth.layer === 'plant' && day.end >= since) return;
    soundDays++;
    if (day.plantKinds.length === 0) return;
    falseDays++;
    // One report that goes on is one; a report after a quiet week is another.
    if (d - lastFalse > QUIET) falseAlarms++;
    lastFalse = d;
  });
  // A fault that was over before the end: what was last said of it.
  const last = days.filter((day) => day.layers.includes(truth.layer)).at(-1);
  return {
    result,
    found,
    daysToDetect: found === undefined ? Number.NaN : Math.max(0, (found.end - since) / DAY),
    rank: asked?.ranked.find(({ kind }) => kind === truth.kind)?.rank ?? Number.POSITIVE_INFINITY,
    soundDays,
    falseDays,
    falseAlarms,
    severity: asked?.severity ?? Number.NaN,
    lostError:
      truth.layer === 'plant' && found !== undefined && truth.lostEnergyKwh > WORTH * truth.expectedEnergyKwh
        ? Math.abs((last?.lostEnergyKwh ?? 0) - truth.lostEnergyKwh) / truth.lostEnergyKwh
        : Number.NaN,
  };
}

const share = (part: number, whole: number): number => (whole === 0 ? Number.NaN : part / whole);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The scores of a set of plants, under the names of the issue. */
export function scoreAll(scores: readonly PlantScore[]): Record<string, number> {
  const ofLayer = (layer: string) => scores.filter(({ result }) => result.truth.layer === layer);
  const plants = ofLayer('plant');
  const sensors = ofLayer('measurement');
  const found = [...plants, ...sensors].filter((score) => score.found !== undefined);
  const soundDays = sum(scores.map((score) => score.soundDays));
  const lost = (list: readonly PlantScore[]) => sum(list.map(({ result }) => result.truth.lostEnergyKwh));
  const delays = found.map(({ daysToDetect }) => daysToDetect);
  const errors = plants.map(({ lostError }) => lostError).filter(Number.isFinite);
  const figures: Record<string, number> = {
    plants: scores.length,
    detection_rate: share(lost(plants.filter((score) => score.found !== undefined)), lost(plants)),
    found_plants: share(plants.filter((score) => score.found !== undefined).length, plants.length),
    found_sensors: share(sensors.filter((score) => score.found !== undefined).length, sensors.length),
    specificity: 1 - share(sum(scores.map((score) => score.falseDays)), soundDays),
    false_alarms_per_asset_year: share(sum(scores.map((score) => score.falseAlarms)), soundDays / 365.25),
    isolated_top1: share(found.filter(({ rank }) => rank <= 1).length, found.length),
    isolated_top3: share(found.filter(({ rank }) => rank <= 3).length, found.length),
    median_days_to_detect: delays.length === 0 ? Number.NaN : median(delays),
    lost_energy_error: errors.length === 0 ? Number.NaN : median(errors),
    severity_rank: severityRank(plants),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}

/** Spearman's correlation of reported and true severity within kinds, pooled over kinds with two severities or more. */
export function severityRank(scores: readonly PlantScore[]): number {
  let concord = 0;
  let weight = 0;
  for (const kind of new Set(scores.map(({ result }) => result.truth.kind))) {
    const own = scores.filter(
      ({ result, found, severity }) => result.truth.kind === kind && found !== undefined && Number.isFinite(severity),
    );
    const truth = own.map(({ result }) => result.truth.severity ?? 0);
    if (own.length < 3 || new Set(truth).size < 2) continue;
    const r = correlation(ranks(truth), ranks(own.map(({ severity }) => severity)));
    concord += own.length * (Number.isFinite(r) ? r : 0);
    weight += own.length;
  }
  return share(concord, weight);
}

/** Ranks with ties at their mean. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const mx = sum(x) / x.length;
  const my = sum(y) / y.length;
  const dot = sum(x.map((value, i) => (value - mx) * ((y[i] as number) - my)));
  return dot / Math.sqrt(sum(x.map((value) => (value - mx) ** 2)) * sum(y.map((value) => (value - my) ** 2)));
}

/** A table by kind, for people. */
export function tableByKind(scores: readonly PlantScore[]): string[] {
  const lines = [
    `${'kind'.padEnd(30)} ${'n'.padStart(4)} ${'found'.padStart(6)} ${'days'.padStart(6)} ${'top1'.padStart(5)} ${'top3'.padStart(5)} ${'energy'.padStart(7)} ${'false'.padStart(6)}  taken for`,
  ];
  for (const kind of [...new Set(scores.map(({ result }) => result.truth.kind))].sort()) {
    const own = scores.filter(({ result }) => result.truth.kind === kind);
    const found = own.filter((score) => score.found !== undefined);
    const errors = found.map(({ lostError }) => lostError).filter(Number.isFinite);
    const faulty = own.some(({ result }) => result.truth.layer !== 'none');
    const wrong = new Map<string, number>();
    for (const { result, found: day, rank } of found) {
      if (rank <= 1 || day === undefined) continue;
      const asked =
        result.days.find((other) => other.end >= day.end + ASKED_AFTER * DAY) ?? result.days[result.days.length - 1];
      const name = asked?.ranked[0]?.kind ?? 'nothing';
      wrong.set(name, (wrong.get(name) ?? 0) + 1);
    }
    const cell = (value: string, width: number) => value.padStart(width);
    lines.push(
      [
        kind.padEnd(30),
        cell(String(own.length), 4),
        cell(faulty ? String(found.length) : '', 6),
        cell(found.length > 0 ? median(found.map(({ daysToDetect }) => daysToDetect)).toFixed(1) : '', 6),
        cell(faulty ? String(found.filter(({ rank }) => rank <= 1).length) : '', 5),
        cell(faulty ? String(found.filter(({ rank }) => rank <= 3).length) : '', 5),
        cell(errors.length > 0 ? median(errors).toFixed(2) : '', 7),
        cell(String(sum(own.map(({ falseAlarms }) => falseAlarms))), 6),
        ` ${[...wrong].map(([name, count]) => (count > 1 ? `${name} (${count})` : name)).join(', ')}`,
      ].join(' '),
    );
  }
  return lines;
}
