import type { ScenarioFault } from '../asset-model.js';
import type { Plant } from '../description/plant.js';

/** The scenarios of the original design: each a bundle of faults of the catalogue, and nothing else. */
const bundles: Readonly<Record<string, readonly ScenarioFault[]>> = {
  normal: [],
  high_temp: [
    { id: 'cooling', severity: 1 },
    { id: 'heat-wave', severity: 1 },
  ],
  critical_failure: [
    { id: 'inverter-trip', severity: 1 },
    { id: 'battery-thermal', severity: 1 },
  ],
  degradation: [
    { id: 'soiling', severity: 0.6 },
    { id: 'series-resistance', severity: 0.5 },
    { id: 'discolouration', severity: 1 },
  ],
  inverter_fault: [
    { id: 'inverter-efficiency', severity: 0.7 },
    { id: 'inverter-derating', severity: 0.8 },
  ],
  battery_failure: [
    { id: 'battery-capacity-fade', severity: 0.9 },
    { id: 'battery-resistance', severity: 0.9 },
  ],
};

/** The scenarios that can be played on `plant`: faults of a battery that it has not got are left out. */
export function scenariosOf(plant: Plant): Record<string, readonly ScenarioFault[]> {
  const playable: Record<string, readonly ScenarioFault[]> = {};
  for (const [name, faults] of Object.entries(bundles)) {
    const possible = faults.filter(({ id }) => plant.battery !== undefined || !id.startsWith('battery-'));
    if (possible.length > 0 || faults.length === 0) playable[name] = possible;
  }
  return playable;
}
