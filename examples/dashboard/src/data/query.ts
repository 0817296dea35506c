import { QueryClient } from '@tanstack/react-query';
import { AxiosError } from 'axios';

/** What the server said of a failure, in words. */
export function problemText(error: unknown): string {
  if (error instanceof AxiosError) {
    const data: unknown = error.response?.data;
    if (typeof data === 'object' && data !== null && 'detail' in data && typeof data.detail === 'string')
      return data.detail;
    if (error.response === undefined) return 'The server does not answer.';
    return `The server answered ${error.response.status}.`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error says that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof AxiosError && error.response?.status === 401;
}

/** Whether the server has said no: asking again would change nothing. */
function isRefusal(error: unknown): boolean {
  const status = error instanceof AxiosError ? (error.response?.status ?? 0) : 0;
  return status >= 400 && status < 500;
}

/**
 * Answers of the server, kept while they are fresh. Live events renew what they touch; the interval is for when there is no
 * live connection.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      gcTime: 30 * 60_000,
      retry: (count, error) => !isRefusal(error) && count < 2,
      // Without a connection the last values stay, with their age.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
