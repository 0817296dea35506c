import type { Analysis } from './analyse.js';

const iso = (time: number) => new Date(time).toISOString();

/** The numbers of the report, for programs. */
export function numbers({
  telemetry,
  quality,
  model,
  findings,
  judgedHours,
  days,
  outlook,
  alerts,
  verdict,
  well,
}: Analysis) {
  const { forecast } = outlook;
  return {
    verdict,
    well,
    source: telemetry.source,
    madeUp: telemetry.made,
    period: { from: iso(telemetry.frame.time[0] as number), to: iso(telemetry.frame.time.at(-1) as number) },
    rows: telemetry.frame.length,
    repairedRows: telemetry.repaired,
    quality,
    model: { factor: model.factor, factorRows: model.factorRows, learnedUntil: iso(model.learnedUntil) },
    anomalies: findings.map(({ start, end, peak, rows, channels, why, explanation, missing, pValue }) => ({
      from: iso(start),
      to: iso(end),
      hours: rows,
      score: peak.score,
      pValue,
      missingEnergy: missing,
      channels,
      why,
      explanation,
    })),
    judgedHours,
    forecast: {
      from: iso(outlook.from),
      backtest: outlook.backtest,
      steps: Array.from(forecast.time, (time, i) => ({
        time: iso(time),
        power: forecast.column('median')[i] as number,
        low80: forecast.column('lower80')[i] as number,
        high80: forecast.column('upper80')[i] as number,
      })),
    },
    days: days.map(({ time, ...rest }) => ({ time: iso(time), ...rest })),
    alerts: alerts.map(({ id, rule, severity, title, why, since, raisedAt, resolvedAt }) => ({
      id,
      rule,
      severity,
      title,
      why,
      since: iso(since),
      raisedAt: iso(raisedAt),
      resolvedAt: resolvedAt === null ? null : iso(resolvedAt),
    })),
    remainingLife: { days: null, reason: NO_LIFE },
  };
}

/** Why the report names no remaining life. */
export const NO_LIFE =
  'One plant, one channel and one summer without a failure: there is nothing to learn a remaining life from, so none is given.';
