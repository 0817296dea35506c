import { useQuery } from '@tanstack/react-query';
import { getLibrary, getPlant } from '@twinergy-examples/client';

const FOREVER = { staleTime: Number.POSITIVE_INFINITY } as const;

/** The physical faults of the catalogue that can act on a plant, by title. */
export function useFaults(id: string) {
  const library = useQuery({ queryKey: ['library'], queryFn: async () => (await getLibrary()).data, ...FOREVER }).data;
  const plant = useQuery({
    queryKey: ['plant', id],
    queryFn: async () => (await getPlant({ path: { asset_id: id } })).data,
    ...FOREVER,
  }).data;
  const battery = plant?.resolved.battery != null;
  return (library?.faults ?? [])
    .filter(({ kind, acts }) => kind === 'plant' && (battery || acts !== 'battery'))
    .sort((a, b) => a.title.localeCompare(b.title));
}
