import { rmSync } from 'node:fs';
import { sqliteStorage } from 'twinergy/storage/sqlite';
import type { Analysis } from './analyse.js';
import { plant, RATED_POWER } from './plant.js';

/** Writes telemetry and results into a SQLite file, anew. Returns the number of telemetry rows that it then holds. */
export async function store(file: string, analysis: Analysis): Promise<number> {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  const storage = await sqliteStorage(file);
  const assetId = plant.id;
  const { telemetry, findings, days, outlook, alerts } = analysis;
  try {
    await storage.writeFrame(assetId, telemetry.frame);
    const { site } = plant;
    await storage.put('assets', [
      {
        id: assetId,
        time: telemetry.frame.time[0] as number,
        name: plant.name,
        type: 'solar-plant',
        latitude: site.latitude,
        longitude: site.longitude,
        ratedPower: RATED_POWER,
        description: plant,
      },
    ]);
    await storage.put(
      'anomalies',
      findings.map(({ start, end, peak, pValue, why, missing }) => ({
        id: `${assetId}@${start}`,
        time: start,
        assetId,
        score: peak.score,
        pValue,
        isAnomaly: true,
        detector: 'power-residual',
        why,
        details: { end, missing },
      })),
    );
    const { forecast } = outlook;
    await storage.put(
      'predictions',
      Array.from(forecast.time, (targetTime, i) => ({
        id: `${assetId}@${outlook.from}:${targetTime}`,
        time: outlook.from,
        assetId,
        kind: 'power',
        channel: 'acPower',
        targetTime,
        value: forecast.column('median')[i] as number,
        low: forecast.column('lower80')[i] as number,
        high: forecast.column('upper80')[i] as number,
        level: 80,
        unit: 'W',
        model: 'forecaster',
      })),
    );
    await storage.put(
      'healthMetrics',
      days.map(({ time, health, weekRatio, label }) => ({
        id: `${assetId}@${time}`,
        time,
        assetId,
        score: health,
        power: health,
        details: { weekRatio, label },
      })),
    );
    await storage.put(
      'performanceMetrics',
      days.map(({ time, energy, expected, performanceRatio, peak }) => ({
        id: `${assetId}@${time}`,
        time,
        assetId,
        energy,
        expectedEnergy: expected,
        performanceRatio,
        peakPower: peak,
      })),
    );
    await storage.put(
      'alerts',
      alerts.map(({ id, raisedAt, rule, severity, state, title, why, fingerprint, updatedAt, resolvedAt }) => ({
        id,
        time: raisedAt,
        assetId,
        rule,
        severity,
        state,
        title,
        why,
        fingerprint,
        updatedAt,
        resolvedAt: resolvedAt ?? undefined,
      })),
    );
    return (await storage.read({ assetId })).length;
  } finally {
    await storage.close();
  }
}
