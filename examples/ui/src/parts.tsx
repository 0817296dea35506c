import type { ReactNode } from 'react';
import { marks, quantity } from './format.js';

/** States as the screens name them. */
export type State = 'critical' | 'high' | 'medium' | 'low' | 'good' | 'unknown';

/** A state with its mark and its word. */
export function StateWord({ state, children }: { readonly state: State; readonly children: ReactNode }) {
  return (
    <span className={`state state-${state}`}>
      <span aria-hidden="true">{marks[state]} </span>
      {children}
    </span>
  );
}

/** A figure with its name, its unit and what it is compared with. */
export function Figure({
  name,
  value,
  unit,
  beside,
}: {
  readonly name: string;
  readonly value: number | null | undefined;
  readonly unit: string;
  readonly beside?: ReactNode;
}) {
  const { text, unit: scaled } = quantity(value, unit);
  return (
    <div className="figure">
      <dt className="muted">{name}</dt>
      <dd>
        <span className="number">
          {text}
          {text !== '–' && <span className="unit">{scaled}</span>}
        </span>
        {beside !== undefined && <span className="muted beside">{beside}</span>}
      </dd>
    </div>
  );
}

/** One bar of `Bars`. */
export interface Bar {
  readonly name: string;
  /** Length; negative goes to the left. */
  readonly value: number;
  /** What is written beside it. */
  readonly text: string;
  readonly color?: string;
}

/** Named bars with their values in words, for contributions and breakdowns. `most`: what a full bar is; default: the longest. */
export function Bars({
  label,
  bars,
  most,
}: {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly most?: number;
}) {
  const greatest = most ?? Math.max(1e-9, ...bars.map(({ value }) => Math.abs(value)));
  return (
    <ul className="bars" aria-label={label}>
      {bars.map(({ name, value, text, color = '--accent' }) => (
        <li key={name}>
          <span className="bar-name">{name}</span>
          <span className="bar-track" aria-hidden="true">
            <span
              className="bar"
              style={{ width: `${(100 * Math.abs(value)) / greatest}%`, background: `var(${color})` }}
            />
          </span>
          <span className="bar-text">{text}</span>
        </li>
      ))}
    </ul>
  );
}
