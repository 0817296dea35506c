import { type Alert, checkQuality, flagNames, QualityFlag, type QualityFlagName, UNUSABLE } from 'twinergy';
import { alertsOf, type Day, days } from './daily.js';
import { detect, type Finding } from './detect.js';
import { foresee, type Outlook } from './forecast.js';
import type { Telemetry } from './load.js';
import { type Model, model } from './model.js';
import { RATED_POWER, ZONE } from './plant.js';

const HOUR = 3_600_000;

/** How good the data are. */
interface Quality {
  /** Channel → flag → rows. */
  readonly flags: Readonly<Record<string, Partial<Record<QualityFlagName, number>>>>;
  /** What is wrong with a channel as a whole, in sentences. */
  readonly findings: readonly string[];
  /** Power values that the models were not given. */
  readonly setAside: number;
}

/** Everything that the report says. */
export interface Analysis {
  readonly telemetry: Telemetry;
  readonly quality: Quality;
  readonly model: Model;
  readonly findings: readonly Finding[];
  /** Daylight hours that were judged. */
  readonly judgedHours: number;
  readonly days: readonly Day[];
  readonly outlook: Outlook;
  readonly alerts: readonly Alert[];
  /** One sentence: how the plant is doing. */
  readonly verdict: string;
  readonly well: boolean;
}

/** Checks the telemetry, and keeps from the models what cannot be true. */
function check(telemetry: Telemetry): { quality: Quality; telemetry: Telemetry } {
  const report = checkQuality(telemetry.frame, {
    channels: {
      acPower: { min: -0.02 * RATED_POWER, max: 1.2 * RATED_POWER },
      ghi: { min: -5, max: 1400 },
      airTemperature: { min: -40, max: 60 },
    },
  });
  const flags: Record<string, Partial<Record<QualityFlagName, number>>> = {};
  for (const [channel, bits] of report.flags) {
    const counts: Partial<Record<QualityFlagName, number>> = {};
    for (const bit of bits) for (const name of flagNames(bit)) counts[name] = (counts[name] ?? 0) + 1;
    flags[channel] = counts;
  }
  // A lone outlier of power is a cloud more often than a fault of the meter.
  const bad = UNUSABLE & ~QualityFlag.outlier;
  const bits = report.flags.get('acPower');
  const power = telemetry.frame.column('acPower');
  const usable = power.map((value, i) => (((bits?.[i] ?? 0) & bad) === 0 ? value : Number.NaN));
  const setAside = usable.reduce(
    (count, value, i) => count + (Number.isNaN(value) && !Number.isNaN(power[i]) ? 1 : 0),
    0,
  );
  const { frame } = telemetry;
  const rest = frame.select(...frame.names.filter((name) => name !== 'acPower'));
  return {
    quality: { flags, findings: report.findings.map(({ text }) => text), setAside },
    telemetry: { ...telemetry, frame: rest.withColumn('acPower', usable, 'W') },
  };
}

/** From telemetry to everything that the report says. */
export function analyse(loaded: Telemetry): Analysis {
  const { quality, telemetry } = check(loaded);
  const fitted = model(telemetry.frame);
  const all = days(fitted);
  const { findings, hours } = detect(fitted);
  const last = all.at(-1) as Day;
  const outlook = foresee(fitted, last.time + 12 * HOUR);
  const alerts = alertsOf(all);
  return {
    telemetry: loaded,
    quality,
    model: fitted,
    findings,
    judgedHours: hours,
    days: all,
    outlook,
    alerts,
    ...verdict(last, alerts, findings),
  };
}

function verdict(
  last: Day,
  alerts: readonly Alert[],
  findings: readonly Finding[],
): { verdict: string; well: boolean } {
  const standing = alerts.filter(({ resolvedAt }) => resolvedAt === null);
  const percent = Math.round(100 * last.weekRatio);
  const low = findings.filter(({ missing }) => missing > 0);
  const worst = low.reduce<Finding | undefined>(
    (a, b) => (a === undefined || b.missing > a.missing ? b : a),
    undefined,
  );
  const hours =
    worst === undefined
      ? 'no hours stand out.'
      : `look at ${dayText(worst.start)}, when ${worst.missing.toFixed(0)} kWh were missing.`;
  const week = `The last 7 days gave ${percent} % of the energy that the weather promised`;
  const [first] = standing;
  return first === undefined
    ? { well: true, verdict: `All well. ${week}; ${hours}` }
    : { well: false, verdict: `${first.title}: since ${dayText(first.since)}. ${week}; ${hours}` };
}

/** A day of the plant for people: `29 Sept 2016`. */
export function dayText(time: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: ZONE }).format(
    time,
  );
}
