import { log } from '../../core/math/index.js';
import { ALL_SEVERITIES, type Hypotheses } from './hypothesis.js';
import type { Quantity } from './layout.js';

/** What befalls the battery. */
export function addBattery(on: Hypotheses): void {
  const signals = on.find(({ part }) => part === 'battery');
  const fault = (kind: string, effect: (what: Quantity | undefined, severity: number) => number) =>
    on.add({
      kind,
      layer: 'plant',
      target: undefined,
      severities: ALL_SEVERITIES,
      touches: signals.filter((k) => effect(on.quantity(k), 1) !== 0),
      prior: 0,
      loss: 'none',
      tolerance: 0.25,
      shift: (k, _at, s) => effect(on.quantity(k), Math.min(1.6, ALL_SEVERITIES[s] ?? 1)),
    });
  fault('battery-capacity-fade', (what, s) =>
    what === 'batterySwing' ? -log(1 - 0.5 * s) : what === 'batterySag' ? 0.5 * s : 0,
  );
  fault('battery-resistance', (what, s) => (what === 'batterySag' ? 4 * s : 0));
  fault('battery-imbalance', (what, s) => (what === 'batteryFloor' ? 0.4 * s : 0));
  fault('battery-thermal', (what, s) => (what === 'batteryHeat' ? 65 * s : 0));
}
