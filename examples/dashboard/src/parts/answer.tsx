import type { ReactNode } from 'react';
import { problemText } from '../data/query.js';
import { Empty, Skeleton } from './states.js';

/** A question to the server, as far as showing its answer needs. */
interface Question<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  refetch(): unknown;
}

/**
 * Shows an answer of the server: a skeleton of its size before it is there, the reason where it failed, and the last one where
 * a newer could not be had.
 */
export function Answer<Data>({
  query,
  height = 160,
  children,
}: {
  readonly query: Question<Data>;
  readonly height?: number;
  readonly children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Empty text={problemText(query.error)} onRetry={() => void query.refetch()} />;
  return <Skeleton height={height} />;
}
