import { threeDigits } from '@twinergy-examples/ui';
import type { Losses } from './forecasts.js';

const WIDTH = 480;
const HEIGHT = 120;

/** How the error falls from epoch to epoch. */
export function LossCurve({ losses: { training, heldOut } }: { readonly losses: Losses }) {
  const greatest = Math.max(...training, ...heldOut, 1e-9);
  const last = Math.max(1, training.length - 1);
  const path = (values: readonly number[]) =>
    values
      .map((value, i) => `${i === 0 ? 'M' : 'L'}${(WIDTH * i) / last},${HEIGHT - (HEIGHT * value) / greatest}`)
      .join('');
  return (
    <figure className="loss">
      <figcaption className="muted">
        Error by epoch, from {threeDigits(greatest)} to 0: <span style={{ color: 'var(--battery)' }}>learned from</span>
        , <span style={{ color: 'var(--expected)' }}>held out</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Error after ${training.length} epochs`}>
        <path d={path(training)} fill="none" stroke="var(--battery)" strokeWidth={2} />
        <path d={path(heldOut)} fill="none" stroke="var(--expected)" strokeWidth={2} strokeDasharray="6 4" />
      </svg>
    </figure>
  );
}
