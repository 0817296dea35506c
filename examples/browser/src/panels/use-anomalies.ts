import { useEffect, useState } from 'react';
import type { MonitorEvents } from 'twinergy';
import type { PlantClient } from '../plant-client.js';

/** An anomaly with what explains it. */
export interface Anomaly {
  readonly time: number;
  readonly pValue: number;
  readonly why: string | undefined;
  readonly contributions: NonNullable<MonitorEvents['reading']['anomaly']>['contributions'];
}

/** Most anomalies that are remembered. */
const MOST = 200;

/** The newest anomalies of an asset, the newest last. */
export function useAnomalies(client: PlantClient, assetId: string): readonly Anomaly[] {
  const [anomalies, setAnomalies] = useState<readonly Anomaly[]>([]);
  useEffect(
    () =>
      client.on('reading', ({ reading, anomaly }) => {
        if (reading.assetId !== assetId || anomaly?.anomalous !== true) return;
        const { pValue, why, contributions } = anomaly;
        setAnomalies((before) => [...before, { time: reading.time, pValue, why, contributions }].slice(-MOST));
      }),
    [client, assetId],
  );
  return anomalies;
}
