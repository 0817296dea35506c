import { exp } from '../../core/math/index.js';
import type { CellCondition } from './geometry.js';
import { GAINS, type Hypotheses, OFFSETS, ofQuantity } from './hypothesis.js';
import { moduleChannel, type Quantity } from './layout.js';

/** Temperature coefficient of the operating voltage, 1/K: typical of silicon. */
const VOLTAGE_PER_KELVIN = -0.0042;
/** Light that warms modules by a kelvin, W/m²: typical of open racks in a light wind. */
const KELVIN_LIGHT = 38;
/** Offsets of thermometers are looked for farther out: shares of a full scale that is small in kelvin. */
const HEAT_OFFSETS = OFFSETS.map((x) => 2.5 * x);

/** What a module sensor that is `kelvin` too warm does to a signal. */
function warmed(what: Quantity | undefined, kelvin: number, at: CellCondition): number {
  switch (what) {
    case 'voltage':
      return -VOLTAGE_PER_KELVIN * kelvin;
    case 'moduleHeat':
      return kelvin / Math.max(3, at.light / KELVIN_LIGHT);
    case 'coldCell':
      return kelvin;
    case 'hotSpot':
      return -kelvin;
    default:
      return 0;
  }
}

/** The thermometer of the modules of array `a`. */
export function addModuleSensor(on: Hypotheses, a: number): void {
  const { plant, geometry, has } = on;
  const module = moduleChannel(plant, a, has);
  if (module === undefined || (a > 0 && module !== `${plant.arrays[a]?.id}.moduleTemperature`)) return;
  const felt = on.find(
    (signal) => ofQuantity('voltage', 'moduleHeat', 'coldCell', 'hotSpot')(signal) && signal.array === a,
  );
  on.addSensor('bias', module, HEAT_OFFSETS, felt, 0, (k, at, x) => warmed(on.quantity(k), 70 * x, at));
  on.addSensor('gain', module, GAINS, felt, -1, (k, at, x) =>
    warmed(on.quantity(k), (x / (1 + x)) * at.temperature, at),
  );
  // A late clock: the heat of an hour ago.
  for (const hours of [-2, -1, 0.5, 1, 2, 3]) {
    on.add({
      kind: 'clock-shift',
      layer: 'measurement',
      target: module,
      severities: [Math.min(1, Math.abs(hours) / 3)],
      touches: felt,
      prior: -2,
      loss: 'none',
      caution: 3,
      tolerance: 0.4,
      shift: (k, at) => {
        const other = Math.min(2, exp(geometry.late(a, hours, at)));
        return warmed(on.quantity(k), ((other - 1) * at.light) / KELVIN_LIGHT, at);
      },
    });
  }
}

/** The thermometer of the air. */
export function addAirSensor(on: Hypotheses): void {
  if (!on.has('airTemperature')) return;
  const felt = on.find(ofQuantity('moduleHeat', 'coldCell', 'heatSink'));
  on.addSensor('bias', 'airTemperature', HEAT_OFFSETS, felt, 0, (k, at, x) =>
    on.quantity(k) === 'moduleHeat' ? -(70 * x) / Math.max(3, at.light / KELVIN_LIGHT) : -70 * x,
  );
}

/** The thermometer of an inverter's heat sink. */
export function addSinkSensor(on: Hypotheses, channel: string, heat: readonly number[], prior: number): void {
  if (on.has(channel)) on.addSensor('bias', channel, HEAT_OFFSETS, heat, prior, (_k, _at, x) => 80 * x);
}
