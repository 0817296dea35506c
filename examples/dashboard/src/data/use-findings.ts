import { useQuery } from '@tanstack/react-query';
import { getDiagnosis, listAlerts, listTasks, type MaintenanceTask, updateTask } from '@twinergy-examples/client';
import { usePolling } from './live.js';
import { useOptimistic } from './use-optimistic.js';

/** What is wrong with a plant, and how sure that is. */
export function useDiagnosis(id: string) {
  return useQuery({
    queryKey: ['diagnosis', id],
    queryFn: async () => (await getDiagnosis({ path: { asset_id: id } })).data,
    refetchInterval: 60_000,
  });
}

/** The alerts of a plant that stand, the worst first. */
export function useOpenAlerts(id: string) {
  const refetchInterval = usePolling();
  return useQuery({
    queryKey: ['alerts', 'plant', id],
    queryFn: async () => (await listAlerts({ query: { asset_id: id, status: 'open' } })).data.items,
    refetchInterval,
  });
}

/** Maintenance tasks, of one plant or of all. */
export function useTasks(assetId?: string) {
  const refetchInterval = usePolling();
  return useQuery({
    queryKey: ['tasks', assetId ?? 'all'],
    queryFn: async () => (await listTasks(assetId === undefined ? {} : { query: { asset_id: assetId } })).data.items,
    refetchInterval,
  });
}

type Status = MaintenanceTask['status'];

/** Moves a task on; shown at once. */
export function useMoveTask(said: (input: { readonly status: Status }) => string) {
  return useOptimistic<{ readonly id: string; readonly status: Status }, MaintenanceTask[]>({
    key: ['tasks'],
    act: ({ id, status }) => updateTask({ path: { task_id: id }, body: { status } }),
    foresee: (tasks, { id, status }) => tasks.map((task) => (task.id === id ? { ...task, status } : task)),
    said,
  });
}
