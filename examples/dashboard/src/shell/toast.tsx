import { type State, StateWord } from '@twinergy-examples/ui';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

type Say = (text: string, state?: State) => void;

const ToastContext = createContext<Say>(() => undefined);

/** Says something at the edge of the screen. */
export const useToast = (): Say => useContext(ToastContext);

/** How long a word stays, ms. */
const STAY = 5000;

/** Holds what is said. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState<readonly { id: number; text: string; state: State }[]>([]);
  const say = useCallback<Say>((text, state = 'good') => {
    const id = Math.random();
    setSaid((before) => [...before.slice(-2), { id, text, state }]);
    setTimeout(() => setSaid((before) => before.filter((one) => one.id !== id)), STAY);
  }, []);
  return (
    <ToastContext value={say}>
      {children}
      <div className="toasts" role="status">
        {said.map(({ id, text, state }) => (
          <p key={id} className="card toast">
            <StateWord state={state}>{text}</StateWord>
          </p>
        ))}
      </div>
    </ToastContext>
  );
}
