import { type Alert, AlertEngine, HealthScoreCalculator, solarRules } from 'twinergy';
import type { Model } from './model.js';
import { plant, RATED_POWER, ZONE } from './plant.js';

const DAY = 86_400_000;

/** One local day of the plant. Energies in kWh. */
export interface Day {
  readonly time: number;
  readonly energy: number;
  readonly expected: number;
  /** Greatest measured power, W. */
  readonly peak: number;
  /** Energy over rated power and sunshine in the plane of the modules (IEC 61724-1). */
  readonly performanceRatio: number;
  /** Measured over expected energy of the last seven days: single days say more about clouds than about the plant. */
  readonly weekRatio: number;
  /** 0…100, and its label. */
  readonly health: number;
  readonly label: string;
}

/** The whole days of the period. */
export function days({ rows }: Model): Day[] {
  const mean = rows.resample('1d', { zone: ZONE, how: 'mean', minCoverage: 0.9 });
  const peak = rows.resample('1d', { zone: ZONE, how: 'max', minCoverage: 0.9 }).column('acPower');
  const calculator = new HealthScoreCalculator();
  const out: Day[] = [];
  mean.time.forEach((time, i) => {
    const [energy, expected, sun] = ['acPower', 'expected', 'poaGlobal'].map(
      (name) => 0.024 * (mean.column(name)[i] as number),
    ) as [number, number, number];
    if (!Number.isFinite(energy + expected + sun) || expected <= 0) return;
    const week = out.slice(-6);
    const weekRatio =
      week.reduce((sum, day) => sum + day.energy, energy) / week.reduce((sum, day) => sum + day.expected, expected);
    const { score, label } = calculator.calculate({ powerRatio: weekRatio }, { previous: out.at(-1)?.label });
    const performanceRatio = energy / ((RATED_POWER / 1000) * sun);
    out.push({
      time,
      energy,
      expected,
      peak: peak[i] as number,
      performanceRatio,
      weekRatio,
      health: score ?? 0,
      label,
    });
  });
  return out;
}

/** The alerts that daily readings raise: the ratio of the last seven days, judged at the end of each day. */
export function alertsOf(all: readonly Day[]): Alert[] {
  const engine = new AlertEngine({
    rules: solarRules(),
    assets: [{ id: plant.id, zone: ZONE, attributes: { ratedPower: RATED_POWER } }],
  });
  const alerts = new Map<string, Alert>();
  engine.on('change', ({ alert }) => alerts.set(alert.id, alert));
  // The first week has too few days behind it to be judged.
  for (const { time, weekRatio, health } of all.slice(6))
    engine.evaluate({ assetId: plant.id, time: time + DAY, values: { powerRatio: weekRatio, health } });
  return [...alerts.values()];
}
