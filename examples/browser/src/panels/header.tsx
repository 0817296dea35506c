import { useState } from 'react';
import type { Begun, DemoConfig } from '../worker/messages.js';

const PLANTS = { home: 'House with battery, Munich', roof: 'Office roof, Valencia', field: 'Tracked field, Phoenix' };
const SPEEDS: readonly [number, string][] = [
  [0, 'Pause'],
  [60, '60×'],
  [1000, '1,000×'],
  [10_000, '10,000×'],
];

/** Which plant, how fast, and the link to what is shown. */
export function Header({
  config,
  begun,
  onChange,
  onBeginAnew,
}: {
  readonly config: DemoConfig;
  readonly begun: Begun | undefined;
  readonly onChange: (news: Partial<DemoConfig>) => void;
  readonly onBeginAnew: (news: Partial<DemoConfig>) => void;
}) {
  const [copied, setCopied] = useState(false);
  const share = async () => {
    await navigator.clipboard.writeText(location.href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <header>
      <h1>{begun?.name ?? 'A solar plant in your browser'}</h1>
      <div className="controls">
        <label>
          <span className="visually-hidden">Plant</span>
          <select
            className="button"
            value={config.plant}
            onChange={({ target }) => onBeginAnew({ plant: target.value as DemoConfig['plant'] })}
          >
            {Object.entries(PLANTS).map(([id, title]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <fieldset className="speeds">
          <legend className="visually-hidden">Speed of time</legend>
          {SPEEDS.map(([speed, title]) => (
            <button
              type="button"
              className="button"
              key={speed}
              aria-pressed={config.speed === speed}
              onClick={() => onChange({ speed })}
            >
              {title}
            </button>
          ))}
        </fieldset>
        <button type="button" className="button" onClick={() => void share()}>
          {copied ? 'Link copied' : 'Share'}
        </button>
        <button type="button" className="button" onClick={() => onBeginAnew({})}>
          Begin anew
        </button>
      </div>
    </header>
  );
}
