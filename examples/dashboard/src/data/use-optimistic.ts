import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useToast } from '../shell/toast.js';
import { problemText } from './query.js';

/** An action whose effect is shown at once and taken back where the server refuses it. */
export function useOptimistic<Input, Shown>({
  key,
  act,
  foresee,
  said,
}: {
  /** What is shown. */
  readonly key: QueryKey;
  readonly act: (input: Input) => Promise<unknown>;
  /** What will be shown. */
  readonly foresee: (shown: Shown, input: Input) => Shown;
  /** What is told when it is done. */
  readonly said?: (input: Input) => string;
}) {
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: act,
    async onMutate(input: Input) {
      await queries.cancelQueries({ queryKey: key });
      const before = queries.getQueriesData<Shown>({ queryKey: key });
      for (const [one, shown] of before) if (shown !== undefined) queries.setQueryData(one, foresee(shown, input));
      return { before };
    },
    onError(error, _input, context) {
      for (const [one, shown] of context?.before ?? []) queries.setQueryData(one, shown);
      toast(problemText(error), 'high');
    },
    onSuccess(_answer, input) {
      if (said !== undefined) toast(said(input), 'good');
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
