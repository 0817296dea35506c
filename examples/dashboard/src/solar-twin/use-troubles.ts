import { useQuery } from '@tanstack/react-query';
import { listAlerts } from '@twinergy-examples/client';
import { useMemo } from 'react';
import { usePolling } from '../data/live.js';
import { useDiagnosis } from '../data/use-findings.js';
import type { Trouble } from './faults.js';

const states = { CRITICAL: 'critical', HIGH: 'high', MEDIUM: 'medium', LOW: 'low' } as const;

/** What is wrong with a plant: its open alerts and the twin's findings. */
export function useTroubles(id: string): readonly Trouble[] {
  const refetchInterval = usePolling();
  const alerts = useQuery({
    queryKey: ['alerts', 'place', id],
    queryFn: async () => (await listAlerts({ query: { asset_id: id, limit: 200 } })).data.items,
    refetchInterval,
  }).data;
  const findings = useDiagnosis(id).data?.findings;
  return useMemo(
    () => [
      ...(alerts ?? [])
        .filter(({ status }) => status !== 'resolved')
        .map(({ title, channel, labels, severity }) => ({
          title,
          at: labels.component ?? channel,
          state: states[severity],
        })),
      ...(findings ?? []).map(({ title, component, fault }) => ({
        title,
        // A fault of the one inverter or battery there is needs no name of a part: its own says where.
        at: component ?? fault,
        state: 'high' as const,
      })),
    ],
    [alerts, findings],
  );
}
