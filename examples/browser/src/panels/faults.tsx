import { threeDigits } from '@twinergy-examples/ui';
import type { DemoConfig } from '../worker/messages.js';
import { FAULTS } from '../worker/messages.js';

/** Faults to stir in: a slider each. */
export function Faults({
  faults,
  onChange,
}: {
  readonly faults: DemoConfig['faults'];
  readonly onChange: (faults: DemoConfig['faults']) => void;
}) {
  return (
    <section className="card" aria-label="Faults">
      <h2>Break something</h2>
      <p className="muted">
        Each slider is the severity of a fault. The twin knows nothing of it: it has to find out from the telemetry.
      </p>
      <div className="sliders">
        {FAULTS.map(({ id, title, where }) => {
          const severity = faults[id] ?? 0;
          return (
            <label key={id} className="slider">
              <span>
                {title} <span className="muted">{where === 'sensor' && '(the plant is well)'}</span>
              </span>
              <input
                type="range"
                min={0}
                max={1}
                step={0.05}
                value={severity}
                onChange={({ target }) => onChange({ ...faults, [id]: Number(target.value) })}
              />
              <output>{severity === 0 ? 'off' : `${threeDigits(100 * severity)} %`}</output>
            </label>
          );
        })}
      </div>
    </section>
  );
}
