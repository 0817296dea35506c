import { useCallback } from 'react';
import { useSearchParams } from 'wouter';
import { type Measure, measures } from './measures.js';
import { type Quality, qualities } from './quality.js';

/** What is chosen on the page. It stands in the address, so that a link shows the same. */
export function useChoices() {
  const [query, setQuery] = useSearchParams();
  const choose = useCallback(
    (name: 'view' | 'colour' | 'part' | 'day' | 'quality', value: string | undefined) =>
      setQuery(
        (before) => {
          if (value === undefined) before.delete(name);
          else before.set(name, value);
          return before;
        },
        { replace: true },
      ),
    [setQuery],
  );
  return {
    plan: query.get('view') === 'plan',
    measure: oneOf<Measure>(measures, query.get('colour')) ?? 'power',
    quality: oneOf<Quality>(qualities, query.get('quality')),
    part: query.get('part') ?? undefined,
    day: query.get('day'),
    choose,
  };
}

function oneOf<Name extends string>(names: readonly Name[], wanted: string | null): Name | undefined {
  return names.find((name) => name === wanted);
}
