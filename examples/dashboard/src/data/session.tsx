import { useQuery } from '@tanstack/react-query';
import { getMe, type Me } from '@twinergy-examples/client';
import { createContext, useContext } from 'react';

const SessionContext = createContext<Me | undefined>(undefined);

/** Gives who is signed in to what is below. */
export const SessionProvider = SessionContext;

/** Who is signed in. */
export function useSession(): Me {
  const me = useContext(SessionContext);
  if (me === undefined) throw new Error('Nobody is signed in here.');
  return me;
}

/** Whether one may do something. */
export function useMay(permission: Me['permissions'][number]): boolean {
  return useSession().permissions.includes(permission);
}

/** Asks the server who is signed in. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: async () => (await getMe()).data,
    staleTime: 5 * 60_000,
  });
}
