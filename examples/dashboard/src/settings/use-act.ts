import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useToast } from '../shell/toast.js';

/** Something done at the server: renews the answers that it makes old, and says that it is done. */
export function useAct<Input = void, Output = unknown>(
  act: (input: Input) => Promise<Output>,
  { renew, said }: { readonly renew: QueryKey; readonly said?: string },
) {
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: act,
    async onSuccess() {
      if (said !== undefined) toast(said, 'good');
      await queries.invalidateQueries({ queryKey: renew });
    },
  });
}
