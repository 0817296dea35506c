import { exp, log } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import { type CircuitTable, circuitTables, lookUp } from './circuit-signatures.js';
import type { CellCondition } from './geometry.js';
import { ALL_SEVERITIES, BEYOND, GAINS, type Hypotheses, nameOf, OFFSETS, ofQuantity } from './hypothesis.js';
import type { Signal } from './layout.js';
import { LEAST_LIGHT } from './rows.js';

/** How the signatures of real faults scatter about the twin's, as a share. */
const CIRCUIT_TOLERANCE = 0.15;
/** Rise of a hot cell over its module at full severity under standard light, K. */
const HOT_CELL = 60;
/** Logarithm of the insulation that a ground fault of full severity leaves: 20 kΩ of 2 MΩ. */
const BROKEN_INSULATION = -4.6;

function tableShift(
  tables: readonly CircuitTable[],
  pick: (table: CircuitTable) => Float64Array,
  at: CellCondition,
  severity: number,
): number {
  const last = tables.length - 1;
  const table = tables[Math.min(last, severity)];
  if (table === undefined) return 0;
  const value = lookUp(pick(table), at.light, at.temperature);
  return severity > last ? value * (BEYOND[severity - last - 1] ?? 1) : value;
}

const feeds = (plant: Plant, signal: Signal, a: number): boolean =>
  signal.inverter < 0 || plant.inverters[signal.inverter]?.arrays.includes(a) === true;

/** Share of the modules behind a signal that array `a` has. */
function arrayShare(plant: Plant, signal: Signal, a: number): number {
  const modules = (index: number) =>
    (plant.arrays[index]?.strings.length ?? 0) * (plant.arrays[index]?.modulesPerString ?? 0);
  const arrays =
    signal.inverter < 0 ? plant.arrays.map((_, index) => index) : (plant.inverters[signal.inverter]?.arrays ?? []);
  return modules(a) / arrays.reduce((total, index) => total + modules(index), 0);
}

/** The signals of one array: of its strings, and of the power that it is a share of. */
export interface ArraySignals {
  readonly a: number;
  readonly strings: readonly number[];
  readonly lump: readonly number[];
  /** Share of the modules behind a signal. */
  readonly share: (signal: number) => number;
  /** Ids of the strings that are measured one by one. */
  readonly measured: readonly string[];
}

/** Finds the signals of array `a`. */
export function arraySignals(on: Hypotheses, a: number): ArraySignals {
  const { plant, layout } = on;
  const array = plant.arrays[a];
  return {
    a,
    strings: on.find((signal) => signal.array === a && ofQuantity('current', 'voltage')(signal)),
    lump: on.find((signal) => ofQuantity('dcPower', 'acPower')(signal) && feeds(plant, signal, a)),
    share: (k) => arrayShare(plant, layout.signals[k] as Signal, a),
    measured: (array?.strings ?? [])
      .map((s) => plant.strings[s]?.id ?? '')
      .filter((id) => on.has(`${id}.dcCurrent`) || (array?.ownTrackers === true && on.has(`${id}.dcVoltage`))),
  };
}

/** What befalls the circuits of array `a`: all its strings alike, or one of them. */
export function addCircuits(on: Hypotheses, own: ArraySignals): void {
  const { plant } = on;
  const { a, strings, lump, share, measured } = own;
  const array = plant.arrays[a];
  if (array === undefined) return;
  const tables = circuitTables(plant, a);
  const table = (id: string): readonly CircuitTable[] => tables.get(id) ?? [];
  const target = nameOf(plant.arrays, a);

  /** `effect`: shift of current and voltage at a severity's index; power moves by both. */
  const whole = (
    kind: string,
    prior: number,
    effect: (at: CellCondition, severity: number) => { readonly current: number; readonly voltage: number },
  ) =>
    on.add({
      kind,
      layer: 'plant',
      target,
      severities: ALL_SEVERITIES,
      touches: [...strings, ...lump],
      prior,
      loss: 'common',
      tolerance: CIRCUIT_TOLERANCE,
      shift: (k, at, s) => {
        const what = on.quantity(k);
        const { current, voltage } = effect(at, s);
        return what === 'current' ? current : what === 'voltage' ? voltage : share(k) * (current + voltage);
      },
    });
  const circuit = (kind: string, id: string, prior: number) =>
    whole(kind, prior, (at, s) => ({
      current: tableShift(table(id), (t) => t.current, at, s),
      voltage: tableShift(table(id), (t) => t.voltage, at, s),
    }));
  circuit('pid', 'pid', 0);
  circuit('pid', 'pid-scaled', -1);
  circuit('series-resistance', 'series-resistance', 0);
  circuit('mppt-fault', 'mppt-fault', 0);
  circuit('mppt-fault', 'mppt-low', -1);
  circuit('letid', 'letid', -2);

  /** Less light on the cells, by a share of `most`: the voltage follows a little, the more where there is little of it. */
  const dim = (kind: string, most: number, prior: number, worst = Number.POSITIVE_INFINITY) =>
    whole(kind, prior, (at, s) => {
      const current = log(1 - Math.min(0.95, most * Math.min(worst, ALL_SEVERITIES[s] ?? 1)));
      return { current, voltage: 0.035 * current * (at.level === 0 ? 1.4 : 1) };
    });
  dim('soiling', 0.25, 2.5);
  dim('snow', 0.9, -1);
  dim('lid', 0.03, -1.5, 1.4);
  dim('discolouration', 0.1, -2);

  // Without string currents an open string is a step of one part in so many.
  if (measured.length === 0 && array.strings.length > 1) {
    const parts = Array.from({ length: Math.min(3, array.strings.length - 1) }, (_, k) => k + 1);
    on.add({
      kind: 'string-open',
      layer: 'plant',
      target,
      severities: parts.map(() => 1),
      touches: lump,
      prior: 1,
      loss: 'common',
      tolerance: 0.05,
      shift: (k, _at, s) => log(1 - (share(k) * (parts[s] ?? 1)) / array.strings.length),
    });
  }

  const hot = on.find((signal) => signal.quantity === 'hotSpot' && signal.array === a);
  const insulation = on.find((signal) => signal.quantity === 'insulation' && signal.inverter === array.inverter);
  for (const id of measured) {
    const prior = -log(measured.length);
    const parallel = !array.ownTrackers && array.strings.length > 1;
    const touched = on.find(
      (signal) => signal.array === a && ofQuantity('current', 'voltage')(signal) && (parallel || signal.part === id),
    );
    /** `beside`: what the fault does to instruments that do not watch the string's circuit. */
    const single = (
      kind: string,
      tableId: string,
      relative: number,
      beside: readonly number[] = [],
      effect: (at: CellCondition, severity: number) => number = () => 0,
    ) => {
      const circuit = table(tableId);
      on.add({
        kind,
        layer: 'plant',
        target: id,
        severities: ALL_SEVERITIES,
        touches: [...touched, ...lump, ...beside],
        prior: prior + relative,
        loss: 'apart',
        tolerance: CIRCUIT_TOLERANCE,
        shift: (k, at, s) => {
          if (beside.includes(k)) return effect(at, ALL_SEVERITIES[s] ?? 1);
          const signal = on.layout.signals[k] as Signal;
          const current = tableShift(circuit, (t) => t.current, at, s);
          const voltage = tableShift(circuit, (t) => t.voltage, at, s);
          if (signal.quantity === 'voltage') return voltage;
          if (signal.quantity === 'current')
            return signal.part === id ? current : tableShift(circuit, (t) => t.otherCurrent, at, s);
          return (share(k) / array.strings.length) * (current + voltage);
        },
      });
    };
    single('bypass-short', 'bypass-short', 0);
    single('hot-spot', 'hot-spot', -1.7, hot, heatOf);
    single('cell-crack', 'cell-crack', -1);
    single('cell-crack', 'crack-held', 0);
    single('cell-crack', 'crack-dim', 0);
    // Inverters test the insulation and stop: where nobody shows it, a fault that they let run is the rarer.
    single('ground-fault', 'ground-fault', insulation.length > 0 ? -1.7 : -3, insulation, leakOf);
    if (array.ownTrackers) {
      single('pid', 'pid', 0);
      single('pid', 'pid-scaled', 0);
      single('series-resistance', 'series-resistance', 0);
      single('mppt-fault', 'mppt-fault', 0);
      single('mppt-fault', 'mppt-low', 0);
    }
    const current = on.find((signal) => signal.quantity === 'current' && signal.part === id);
    const voltage = on.find((signal) => signal.quantity === 'voltage' && signal.part === id);
    // An input without its string shows no voltage, where nothing else feeds it.
    for (const dead of array.ownTrackers && voltage.length > 0 ? [[], voltage] : [[]]) {
      on.add({
        kind: 'string-open',
        layer: 'plant',
        target: id,
        severities: [1],
        touches: [...current, ...dead, ...lump],
        prior,
        loss: 'apart',
        tolerance: 0.05,
        shift: (k) => (lump.includes(k) ? share(k) * log(1 - 1 / Math.max(2, array.strings.length)) : -2.45),
      });
    }
    addStringInstruments(on, id, a, prior);
  }
  // Without the strings' channels, or with a circuit that hardly feels it.
  on.add({
    kind: 'hot-spot',
    layer: 'plant',
    target,
    severities: ALL_SEVERITIES,
    touches: hot,
    prior: 0,
    loss: 'apart',
    tolerance: 0.25,
    shift: (_k, at, s) => heatOf(at, ALL_SEVERITIES[s] ?? 1),
  });
}

const heatOf = (at: CellCondition, severity: number): number => HOT_CELL * severity * Math.min(1, at.light / 1000);
const leakOf = (_at: CellCondition, severity: number): number => BROKEN_INSULATION * Math.min(1, severity);

/** A ground fault that only the insulation shows. */
export function addGroundFault(on: Hypotheses, inverter: number): void {
  on.add({
    kind: 'ground-fault',
    layer: 'plant',
    target: undefined,
    severities: ALL_SEVERITIES,
    touches: on.find((signal) => signal.quantity === 'insulation' && signal.inverter === inverter),
    prior: 0,
    loss: 'apart',
    tolerance: 0.25,
    shift: (_k, at, s) => leakOf(at, ALL_SEVERITIES[s] ?? 1),
  });
}

/** Gains and offsets of a string's own instruments: the power downstream does not follow. */
function addStringInstruments(on: Hypotheses, id: string, a: number, prior: number): void {
  const { plant } = on;
  const inverter = plant.arrays[a]?.inverter ?? 0;
  const conversion = on.find((signal) => signal.quantity === 'conversion' && signal.inverter === inverter);
  const portion =
    1 / Math.max(1, plant.strings.filter((string) => plant.arrays[string.array]?.inverter === inverter).length);
  for (const [what, channel] of [
    ['current', `${id}.dcCurrent`],
    ['voltage', `${id}.dcVoltage`],
  ] as const) {
    if (!on.has(channel)) continue;
    const own = on.find((signal) => signal.quantity === what && signal.part === id);
    if (conversion.length === 0 || own.length === 0) continue;
    on.addSensor('gain', channel, GAINS, [...own, ...conversion], prior, (k, _at, x) =>
      on.quantity(k) === what ? log(1 + x) : -log(1 + portion * x),
    );
    if (what === 'voltage') continue;
    // An offset of the clamp, as a share of one and a half times the current under standard light: more at low light.
    on.addSensor('bias', channel, OFFSETS, [...own, ...conversion], prior - 1, (k, at, x) => {
      const part = Math.max(-0.9, (1500 * x) / Math.max(LEAST_LIGHT, at.light));
      return on.quantity(k) === what ? log(1 + part) : -log(1 + portion * part);
    });
    // A late clock: unlike shade, it leaves the power downstream as it is.
    on.addTwoSided([-2, -1, 0.5, 1, 2, 3], 3, (side, severities) => ({
      kind: 'clock-shift',
      layer: 'measurement',
      target: channel,
      severities,
      touches: [...own, ...conversion],
      prior: -3,
      loss: 'none',
      caution: 4,
      tolerance: 0.4,
      shift: (k, at, s) => {
        const late = on.geometry.late(a, side[s] ?? 0, at);
        return own.includes(k) ? late : -log(1 + portion * (exp(late) - 1));
      },
    }));
  }
}
