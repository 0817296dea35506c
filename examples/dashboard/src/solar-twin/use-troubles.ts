import { useMemo } from 'react';
import { useDiagnosis, useOpenAlerts } from '../data/use-findings.js';
import type { Trouble } from './faults.js';

const states = { CRITICAL: 'critical', HIGH: 'high', MEDIUM: 'medium', LOW: 'low' } as const;

/** What is wrong with a plant: its open alerts and the twin's findings; `known`: whether both have been heard. */
export function useTroubles(id: string): { readonly troubles: readonly Trouble[]; readonly known: boolean } {
  const alerts = useOpenAlerts(id).data;
  const findings = useDiagnosis(id).data?.findings;
  const troubles = useMemo(
    () => [
      ...(alerts ?? []).map(({ title, channel, labels, severity }) => ({
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
  return { troubles, known: alerts !== undefined && findings !== undefined };
}
