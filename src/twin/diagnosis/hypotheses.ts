import { exp, log } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import type { FaultLayer } from '../faults/index.js';
import { type CircuitTable, circuitTables, lookUp, SEVERITIES } from './circuit-signatures.js';
import type { Expectation } from './expectation.js';
import type { LightGeometry } from './geometry.js';
import {
  acChannel,
  dcChannel,
  type Layout,
  lightChannel,
  moduleChannel,
  type Quantity,
  type Signal,
} from './layout.js';
import { SECTORS } from './quantities.js';
import { LEAST_LIGHT } from './rows.js';

/** Where and when a cell was measured. */
export interface CellCondition {
  readonly sector: number;
  /** 0 low, 1 middle, 2 high light or load. */
  readonly level: number;
  readonly light: number;
  readonly temperature: number;
  readonly load: number;
  /** Start of the solar day, ms since the epoch. */
  readonly day: number;
}

/** One possible cause: what it would do to each signal. */
export interface Hypothesis {
  readonly kind: string;
  readonly layer: FaultLayer;
  /** String, array, inverter or channel; undefined for the whole plant. */
  readonly target: string | undefined;
  /** Severities at which `shift` is told, on the catalogue's scale. */
  readonly severities: readonly number[];
  /** Shift of a signal in a cell at the severity of that index. */
  readonly shift: (signal: number, at: CellCondition, severity: number) => number;
  /** Which signals it can move at all. */
  readonly touches: readonly number[];
  /** Logarithm of its prior probability, relative. */
  readonly prior: number;
  /** Which class of loss it belongs to, for the energy: `apart` is told by neighbours, `common` by light, `stage` by the stages' ratios. */
  readonly loss: 'apart' | 'common' | 'stage' | 'none';
  /** By how much its threshold is raised: causes with many variants meet chance more often. */
  readonly caution: number;
  /** How well the signature is known, as a share of itself. */
  readonly tolerance: number;
}

/** Severities beyond 1 are the signature of 1 made larger. */
const BEYOND = [1.4, 2] as const;
const ALL_SEVERITIES = [...SEVERITIES, ...BEYOND];
/** Temperature coefficient of the operating voltage, 1/K: typical of silicon. */
const VOLTAGE_PER_KELVIN = -0.0042;
/** Light that warms modules by a kelvin, W/m²: typical of open racks in a light wind. */
const KELVIN_LIGHT = 38;
/** How the signatures of real faults scatter about the twin's, as a share. */
const CIRCUIT_TOLERANCE = 0.15;
const SENSOR_TOLERANCE = 0.15;

const tableShift = (
  tables: readonly CircuitTable[],
  pick: (table: CircuitTable) => Float64Array,
  at: CellCondition,
  severity: number,
): number => {
  const last = tables.length - 1;
  const table = tables[Math.min(last, severity)];
  if (table === undefined) return 0;
  const value = lookUp(pick(table), at.light, at.temperature);
  return severity > last ? value * (BEYOND[severity - last - 1] ?? 1) : value;
};

/** Every cause that the channels of this plant let one think of. */
export function hypothesesOf(
  plant: Plant,
  layout: Layout,
  expectations: readonly Expectation[],
  geometry: LightGeometry,
): Hypothesis[] {
  const { signals } = layout;
  const names = new Set(layout.channels);
  const has = (name: string) => names.has(name);
  const list: Hypothesis[] = [];
  const find = (test: (signal: Signal) => boolean) => signals.flatMap((signal, k) => (test(signal) ? [k] : []));
  const quantity =
    (...wanted: Quantity[]) =>
    (signal: Signal) =>
      wanted.includes(signal.quantity);
  const known = (k: number) => expectations[k] !== null && expectations[k] !== undefined;
  const add = (given: Omit<Hypothesis, 'caution'> & { readonly caution?: number }) => {
    const hypothesis = { caution: 0, ...given };
    const touches = hypothesis.touches.filter((k) => known(k) && signals[k]?.evidence === true);
    if (touches.length > 0) list.push({ ...hypothesis, touches });
  };

  plant.arrays.forEach((array, a) => {
    const tables = circuitTables(plant, a);
    const table = (id: string): readonly CircuitTable[] => tables.get(id) ?? [];
    const mine = (signal: Signal) => signal.array === a && quantity('current', 'voltage')(signal);
    const lump = find((signal) => quantity('dcPower', 'acPower')(signal) && feeds(plant, signal, a));
    const share = (k: number) => arrayShare(plant, signals[k] as Signal, a);
    const strings = array.strings.map((s) => plant.strings[s]?.id ?? '');
    const measured = strings.filter((id) => has(`${id}.dcCurrent`) || (array.ownTrackers && has(`${id}.dcVoltage`)));

    // What befalls all strings of the array alike.
    const whole = (kind: string, id: string, tolerance: number, prior: number, layer: FaultLayer = 'plant') => {
      const own = table(id);
      add({
        kind,
        layer,
        target: plant.arrays.length > 1 ? array.id : undefined,
        severities: ALL_SEVERITIES,
        touches: [...find(mine), ...lump],
        prior,
        loss: 'common',
        tolerance,
        shift: (k, at, s) => {
          const what = signals[k]?.quantity;
          const current = tableShift(own, (t) => t.current, at, s);
          const voltage = tableShift(own, (t) => t.voltage, at, s);
          return what === 'current' ? current : what === 'voltage' ? voltage : share(k) * (current + voltage);
        },
      });
    };
    whole('pid', 'pid', CIRCUIT_TOLERANCE, 0);
    whole('pid', 'pid-scaled', CIRCUIT_TOLERANCE, -1);
    whole('series-resistance', 'series-resistance', CIRCUIT_TOLERANCE, 0);
    whole('mppt-fault', 'mppt-fault', CIRCUIT_TOLERANCE, 0);
    whole('mppt-fault', 'mppt-low', CIRCUIT_TOLERANCE, -1);
    whole('letid', 'letid', CIRCUIT_TOLERANCE, -2);
    const dim = (kind: string, most: number, prior: number) => {
      add({
        kind,
        layer: 'plant',
        target: plant.arrays.length > 1 ? array.id : undefined,
        severities: ALL_SEVERITIES,
        touches: [...find(mine), ...lump],
        prior,
        loss: 'common',
        tolerance: CIRCUIT_TOLERANCE,
        shift: (k, at, s) => {
          const x = log(1 - Math.min(0.95, most * (ALL_SEVERITIES[s] ?? 1)));
          const what = signals[k]?.quantity;
          const voltage = 0.035 * x * (at.level === 0 ? 1.4 : 1);
          return what === 'current' ? x : what === 'voltage' ? voltage : share(k) * (x + voltage);
        },
      });
    };
    dim('soiling', 0.25, 2.5);
    dim('snow', 0.9, -1);
    dim('lid', 0.03, -1.5);
    dim('discolouration', 0.1, -2);

    // Without string currents an open string is a step of one part in so many.
    if (measured.length === 0 && array.strings.length > 1) {
      const parts = Array.from({ length: Math.min(3, array.strings.length - 1) }, (_, k) => k + 1);
      add({
        kind: 'string-open',
        layer: 'plant',
        target: plant.arrays.length > 1 ? array.id : undefined,
        severities: parts.map(() => 1),
        touches: lump,
        prior: 1,
        loss: 'common',
        tolerance: 0.05,
        shift: (k, _at, s) => log(1 - (share(k) * (parts[s] ?? 1)) / array.strings.length),
      });
    }

    // What befalls one string.
    measured.forEach((id) => {
      const prior = -log(measured.length);
      const single = (kind: string, tableId: string, relative: number, tolerance = CIRCUIT_TOLERANCE) => {
        const own = table(tableId);
        const parallel = !array.ownTrackers && array.strings.length > 1;
        add({
          kind,
          layer: 'plant',
          target: id,
          severities: ALL_SEVERITIES,
          touches: [...find((signal) => mine(signal) && (parallel || signal.part === id)), ...lump],
          prior: prior + relative,
          loss: 'apart',
          tolerance,
          shift: (k, at, s) => {
            const signal = signals[k] as Signal;
            const current = tableShift(own, (t) => t.current, at, s);
            const voltage = tableShift(own, (t) => t.voltage, at, s);
            if (signal.quantity === 'voltage') return voltage;
            if (signal.quantity === 'current')
              return signal.part === id ? current : tableShift(own, (t) => t.otherCurrent, at, s);
            return (share(k) / array.strings.length) * (current + voltage);
          },
        });
      };
      single('bypass-short', 'bypass-short', 0);
      single('hot-spot', 'hot-spot', -1.7);
      single('cell-crack', 'cell-crack', -1);
      single('cell-crack', 'crack-held', 0);
      single('cell-crack', 'crack-dim', 0);
      single('ground-fault', 'ground-fault', -1.7);
      if (array.ownTrackers) {
        single('pid', 'pid', 0);
        single('pid', 'pid-scaled', 0);
        single('series-resistance', 'series-resistance', 0);
        single('mppt-fault', 'mppt-fault', 0);
        single('mppt-fault', 'mppt-low', 0);
      }
      const current = find((signal) => signal.quantity === 'current' && signal.part === id);
      add({
        kind: 'string-open',
        layer: 'plant',
        target: id,
        severities: [1],
        touches: [...current, ...lump],
        prior,
        loss: 'apart',
        tolerance: 0.05,
        shift: (k) =>
          signals[k]?.quantity === 'current' ? -2.45 : share(k) * log(1 - 1 / Math.max(2, array.strings.length)),
      });
      // Gains of the string's instruments: the power downstream does not follow.
      const conversion = find((signal) => signal.quantity === 'conversion' && signal.inverter === array.inverter);
      const portion =
        1 /
        Math.max(1, plant.strings.filter((string) => plant.arrays[string.array]?.inverter === array.inverter).length);
      for (const [what, channel] of [
        ['current', `${id}.dcCurrent`],
        ['voltage', `${id}.dcVoltage`],
      ] as const) {
        if (!has(channel)) continue;
        const own = find((signal) => signal.quantity === what && signal.part === id);
        const strings = conversion.length > 0 && own.length > 0;
        if (!strings) continue;
        sensor('gain', channel, GAINS, [...own, ...conversion], prior, (k, _at, x) =>
          signals[k]?.quantity === what ? log(1 + x) : -log(1 + portion * x),
        );
        if (what === 'voltage') continue;
        // An offset of the clamp, as a share of one and a half times the current under standard light: more at low light.
        sensor('bias', channel, OFFSETS, [...own, ...conversion], prior - 1, (k, at, x) => {
          const share = Math.max(-0.9, (1500 * x) / Math.max(LEAST_LIGHT, at.light));
          return signals[k]?.quantity === what ? log(1 + share) : -log(1 + portion * share);
        });
      }
    });

    // Shade: the same sectors of the day, all strings or one.
    const shadeOn = (part: string | undefined, relative: number) => {
      const touched = find((signal) => mine(signal) && (part === undefined || signal.part === part));
      for (const what of ['current', 'voltage'] as const) {
        const lumps = part === undefined ? lump : [];
        const own = [...touched.filter((k) => signals[k]?.quantity === what), ...(what === 'current' ? lumps : [])];
        if (own.length === 0) continue;
        for (let sector = 0; sector < SECTORS; sector++) {
          for (const span of [1, 2, 3]) {
            if (sector + span > SECTORS) continue;
            add({
              kind: 'shading',
              layer: 'plant',
              target: part ?? (plant.arrays.length > 1 ? array.id : undefined),
              severities: SHADES,
              touches: own,
              prior: relative - log(SECTORS) - 1,
              caution: part === undefined ? 2.5 : 1.2,
              loss: part === undefined ? 'common' : 'apart',
              tolerance: 0.5,
              shift: (_k, at, s) =>
                at.sector >= sector && at.sector < sector + span ? -(SHADES[s] ?? 0) * (at.level === 0 ? 0.4 : 1) : 0,
            });
          }
        }
      }
    };
    shadeOn(undefined, 0);
    if (measured.length > 1) for (const id of measured) shadeOn(id, -log(measured.length));

    if (array.tracker !== undefined) {
      for (const angle of [-60, -45, -30, -15, 0, 15, 30, 45, 60]) {
        if (Math.abs(angle) > array.tracker.maxAngle + 10) continue;
        add({
          kind: 'tracker-stall',
          layer: 'plant',
          target: plant.arrays.length > 1 ? array.id : undefined,
          severities: [Math.min(1, Math.max(0.05, Math.abs(angle) / array.tracker.maxAngle))],
          touches: [
            ...find((signal) => mine(signal) && signal.quantity === 'current'),
            ...find((signal) => signal.quantity === 'moduleHeat' && signal.array === a),
            ...lump,
          ],
          prior: -1,
          loss: 'common',
          tolerance: 0.35,
          shift: (k, at) => {
            const loss = geometry.stalled(a, angle, at);
            return signals[k]?.quantity === 'moduleHeat' ? exp(loss) - 1 : loss * (lump.includes(k) ? share(k) : 1);
          },
        });
      }
    }

    // The light sensor and the module temperature.
    const light = lightChannel(plant, a, has);
    if (light !== undefined && (a === 0 || light === `${array.id}.poaGlobal`)) {
      const seen = (signal: Signal) =>
        (quantity('current', 'dcPower', 'acPower', 'moduleHeat')(signal) &&
          (signal.array === a || !has(`${plant.arrays[signal.array]?.id}.poaGlobal`))) ||
        (a === 0 && signal.quantity === 'skyLight');
      // What the sensor reads is (1 + x) of the truth: everything that is told from it moves the other way.
      const read = (k: number, x: number) => {
        const what = signals[k]?.quantity;
        return what === 'skyLight' ? log(1 + x) : what === 'moduleHeat' ? 1 / (1 + x) - 1 : -log(1 + x);
      };
      sensor('gain', light, GAINS, find(seen), 0, (k, _at, x) => read(k, x));
      sensor('bias', light, OFFSETS, find(seen), -1, (k, at, x) => {
        const truth = Math.max(20, at.light - 1000 * x);
        return read(k, at.light / truth - 1);
      });
    }
    if (light !== undefined && (a === 0 || light === `${array.id}.poaGlobal`)) {
      const told = find((signal) => quantity('current', 'dcPower', 'acPower')(signal) && signal.array === a);
      const shaped = (
        kind: string,
        channel: string,
        touches: readonly number[],
        values: readonly number[],
        whole: number,
        prior: number,
        shift: (at: CellCondition, x: number, signal: number) => number,
      ) => {
        for (const side of [values.filter((x) => x < 0), values.filter((x) => x > 0)]) {
          if (side.length === 0) continue;
          add({
            kind,
            layer: 'measurement',
            target: channel,
            severities: side.map((x) => Math.min(1, Math.abs(x) / whole)),
            touches,
            prior,
            loss: 'none',
            caution: 1 - prior,
            tolerance: 0.4,
            shift: (k, at, s) => shift(at, side[s] ?? 0, k),
          });
        }
      };
      shaped('irradiance-sensor-misaligned', light, told, [-30, -20, -10, 10, 20, 30], 30, -1, (at, turn) =>
        geometry.misread(a, turn, at),
      );
      shaped('clock-shift', light, told, [-2, -1, 0.5, 1, 2, 3], 3, -1, (at, hours) => -geometry.late(a, hours, at));
      const conversion = find((signal) => signal.quantity === 'conversion' && signal.inverter === array.inverter);
      for (const id of measured) {
        const channel = `${id}.dcCurrent`;
        const own = find((signal) => signal.quantity === 'current' && signal.part === id);
        // Unlike shade, a late clock leaves the power downstream as it is.
        shaped('clock-shift', channel, [...own, ...conversion], [-2, -1, 0.5, 1, 2, 3], 3, -3, (at, hours, k) => {
          const late = geometry.late(a, hours, at);
          return own.includes(k) ? late : -log(1 + (exp(late) - 1) / Math.max(1, measured.length));
        });
      }
    }
    const module = moduleChannel(plant, a, has);
    if (module !== undefined && (a === 0 || module === `${array.id}.moduleTemperature`)) {
      const felt = find(
        (signal) => quantity('voltage', 'moduleHeat', 'coldCell', 'hotSpot')(signal) && signal.array === a,
      );
      sensor(
        'bias',
        module,
        OFFSETS.map((x) => 2.5 * x),
        felt,
        0,
        (k, at, x) => warmed(signals[k]?.quantity, 70 * x, at),
      );
      sensor('gain', module, GAINS, felt, -1, (k, at, x) =>
        warmed(signals[k]?.quantity, (x / (1 + x)) * at.temperature, at),
      );
      // A late clock of the module sensor: the heat of an hour ago.
      for (const hours of [-2, -1, 0.5, 1, 2, 3]) {
        add({
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
            return warmed(signals[k]?.quantity, ((other - 1) * at.light) / KELVIN_LIGHT, at);
          },
        });
      }
    }
  });

  function sensor(
    kind: string,
    channel: string,
    severities: readonly number[],
    touches: readonly number[],
    prior: number,
    shift: (signal: number, at: CellCondition, x: number) => number,
  ): void {
    const scale = kind === 'gain' ? 0.3 : 0.1;
    // Too high and too low are two causes: the matched filter looks one way.
    for (const side of [severities.filter((x) => x < 0), severities.filter((x) => x > 0)]) {
      if (side.length === 0) continue;
      add({
        kind,
        layer: 'measurement',
        target: channel,
        severities: side.map((x) => Math.min(1, Math.abs(x) / scale)),
        touches,
        prior,
        loss: 'none',
        tolerance: SENSOR_TOLERANCE,
        shift: (k, at, s) => shift(k, at, side[s] ?? 0),
      });
    }
  }

  plant.inverters.forEach((inverter, i) => {
    const own = (signal: Signal) => signal.inverter === i;
    const prior = -log(plant.inverters.length);
    const conversion = find((signal) => own(signal) && quantity('conversion', 'acPower')(signal));
    const heat = find((signal) => own(signal) && signal.quantity === 'heatSink');
    const meter = find((signal) => signal.quantity === 'meter');
    const target = plant.inverters.length > 1 ? inverter.id : undefined;
    add({
      kind: 'inverter-efficiency',
      layer: 'plant',
      target,
      severities: ALL_SEVERITIES,
      touches: conversion,
      prior,
      loss: 'stage',
      tolerance: 0.15,
      shift: (_k, _at, s) => log(1 - 0.25 * Math.min(2, ALL_SEVERITIES[s] ?? 1)),
    });
    const rise = (k: number, at: CellCondition) => {
      const mean = expectations[k]?.mean ?? [0, 25, 0];
      return Math.max(0, (mean[1] ?? 0) * at.load + (mean[2] ?? 0) * at.load * at.load);
    };
    add({
      kind: 'inverter-derating',
      layer: 'plant',
      target,
      severities: ALL_SEVERITIES,
      touches: heat,
      prior,
      loss: 'none',
      tolerance: 0.2,
      shift: (k, at, s) => 2 * (ALL_SEVERITIES[s] ?? 1) * rise(k, at),
    });
    add({
      kind: 'cooling',
      layer: 'plant',
      target: undefined,
      severities: ALL_SEVERITIES,
      touches: [...heat, ...find(({ quantity: what }) => what === 'batteryHeat')],
      prior: prior - 0.5,
      // Air about the housing is not the air of the weather station: weeks of other weather shift it by themselves.
      caution: 2,
      loss: 'none',
      tolerance: 0.2,
      shift: (k, at, s) =>
        (ALL_SEVERITIES[s] ?? 1) *
        (signals[k]?.quantity === 'batteryHeat' ? 20 : 10 + 20 * Math.min(1, Math.max(0, at.load))),
    });
    const sink = `${inverter.id}.heatSinkTemperature`;
    if (has(sink))
      sensor(
        'bias',
        sink,
        OFFSETS.map((x) => 2.5 * x),
        heat,
        prior - 1,
        (_k, _at, x) => 80 * x,
      );
    const ac = acChannel(plant, i, has);
    if (ac !== undefined && meter.length > 0) {
      sensor('gain', ac, GAINS, [...conversion, ...meter], prior, (k, _at, x) =>
        signals[k]?.quantity === 'meter' ? -log(1 + x / plant.inverters.length) : log(1 + x),
      );
    }
    const dc = dcChannel(plant, i, has);
    const lumped = find((signal) => own(signal) && signal.quantity === 'dcPower');
    if (dc !== undefined && lumped.length > 0) {
      sensor(
        'gain',
        dc,
        GAINS,
        [...lumped, ...find((signal) => own(signal) && signal.quantity === 'conversion')],
        prior,
        (k, _at, x) => (signals[k]?.quantity === 'dcPower' ? log(1 + x) : -log(1 + x)),
      );
    }
  });
  const meter = find((signal) => signal.quantity === 'meter');
  add({
    kind: 'ac-loss',
    layer: 'plant',
    target: undefined,
    severities: ALL_SEVERITIES,
    touches: meter,
    prior: 0,
    loss: 'stage',
    tolerance: 0.2,
    shift: (_k, at, s) => log(1 - Math.min(0.9, 0.15 * (ALL_SEVERITIES[s] ?? 1) * Math.max(0.02, at.load))),
  });
  // A joint or a cable whose loss goes with the power itself, as a transformer tap or a wrong meter constant has it.
  add({
    kind: 'ac-loss',
    layer: 'plant',
    target: undefined,
    severities: ALL_SEVERITIES,
    touches: meter,
    prior: -0.7,
    loss: 'stage',
    tolerance: 0.2,
    shift: (_k, _at, s) => log(1 - 0.1 * (ALL_SEVERITIES[s] ?? 1)),
  });
  if (has('meterPower'))
    sensor(
      'gain',
      'meterPower',
      GAINS.filter((x) => x > 0),
      meter,
      0,
      (_k, _at, x) => log(1 + x),
    );
  if (has('airTemperature')) {
    const felt = find(quantity('moduleHeat', 'coldCell', 'heatSink'));
    sensor(
      'bias',
      'airTemperature',
      OFFSETS.map((x) => 2.5 * x),
      felt,
      0,
      (k, at, x) => {
        const what = signals[k]?.quantity;
        return what === 'moduleHeat' ? -(70 * x) / Math.max(3, at.light / KELVIN_LIGHT) : -70 * x;
      },
    );
  }
  plant.arrays.forEach((array, a) => {
    const hot = find((signal) => signal.quantity === 'hotSpot' && signal.array === a);
    add({
      kind: 'hot-spot',
      layer: 'plant',
      target: plant.arrays.length > 1 ? array.id : undefined,
      severities: ALL_SEVERITIES,
      touches: hot,
      prior: 0,
      loss: 'apart',
      tolerance: 0.25,
      shift: (_k, at, s) => 60 * (ALL_SEVERITIES[s] ?? 1) * Math.min(1, at.light / 1000),
    });
  });
  plant.inverters.forEach((_, i) => {
    const insulation = find((signal) => signal.quantity === 'insulation' && signal.inverter === i);
    add({
      kind: 'ground-fault',
      layer: 'plant',
      target: undefined,
      severities: ALL_SEVERITIES,
      touches: insulation,
      prior: 0,
      loss: 'apart',
      tolerance: 0.25,
      shift: (_k, _at, s) => Math.max(-2.5, -4.6 * (ALL_SEVERITIES[s] ?? 1)),
    });
  });
  const ofBattery = find(({ part }) => part === 'battery');
  const batteryFault = (kind: string, effect: (what: Quantity | undefined, s: number) => number) =>
    add({
      kind,
      layer: 'plant',
      target: undefined,
      severities: ALL_SEVERITIES,
      touches: ofBattery.filter((k) => effect(signals[k]?.quantity, 1) !== 0),
      prior: 0,
      loss: 'none',
      tolerance: 0.25,
      shift: (k, _at, s) => effect(signals[k]?.quantity, Math.min(1.6, ALL_SEVERITIES[s] ?? 1)),
    });
  batteryFault('battery-capacity-fade', (what, s) =>
    what === 'batterySwing' ? -log(1 - 0.5 * s) : what === 'batterySag' ? 0.5 * s : 0,
  );
  batteryFault('battery-resistance', (what, s) => (what === 'batterySag' ? 4 * s : 0));
  batteryFault('battery-imbalance', (what, s) => (what === 'batteryFloor' ? 0.4 * s : 0));
  batteryFault('battery-thermal', (what, s) => (what === 'batteryHeat' ? 65 * s : 0));
  return list;
}

/** Relative errors of a gain, both ways, and offsets as shares of the full scale. */
const GAINS = [-0.5, -0.35, -0.25, -0.17, -0.11, -0.07, -0.04, 0.04, 0.07, 0.11, 0.17, 0.25, 0.35, 0.5];
const OFFSETS = [-0.15, -0.1, -0.065, -0.04, -0.025, -0.015, 0.015, 0.025, 0.04, 0.065, 0.1, 0.15];
/** Logarithmic losses in a shaded sector. */
const SHADES = [0.03, 0.06, 0.12, 0.22, 0.4, 0.7, 1.2];

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
