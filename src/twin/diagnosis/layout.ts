import type { Frame } from '../../core/index.js';
import type { Plant } from '../description/plant.js';

/** What is compared with what; the stages of the plant from the light to the meter. */
export type Quantity =
  | 'current'
  | 'voltage'
  | 'dcPower'
  | 'conversion'
  | 'acPower'
  | 'meter'
  | 'heatSink'
  | 'moduleHeat'
  | 'skyLight'
  | 'lightPair'
  | 'coldCell'
  | 'insulation'
  | 'hotSpot'
  | 'batterySwing'
  | 'batterySag'
  | 'batteryHeat'
  | 'batteryFloor';

/** One compared quantity of one part. */
export interface Signal {
  readonly quantity: Quantity;
  /** Id of the string, inverter or array; the plant's id for the meter. */
  readonly part: string;
  /** Index of the array whose light it goes with, and of the inverter. */
  readonly array: number;
  readonly inverter: number;
  /** Signals with the same number are neighbours, judged against each other. */
  readonly group: number;
  /** Whether it is evidence of its own; the AC power of an inverter whose DC side is measured is only the sum of others. */
  readonly evidence: boolean;
}

/** The channels of a plant that diagnosis found, and the signals that they allow. */
export interface Layout {
  readonly signals: readonly Signal[];
  /** For each group, the places of its signals. */
  readonly groups: readonly (readonly number[])[];
  /** Channel that holds a quantity of a part, by `quantity part`; undefined where nobody measures it. */
  readonly channels: readonly string[];
  /** What it cannot tell for want of a channel, in words. */
  readonly blind: readonly string[];
}

const LIGHT = ['poaGlobal', 'irradiance'] as const;

/** The first of `names` that `frame` has. */
export const firstChannel = (has: (name: string) => boolean, names: readonly string[]): string | undefined =>
  names.find(has);

/** The channel of the light on array `a`, and whether it is the array's own. */
export function lightChannel(plant: Plant, a: number, has: (name: string) => boolean): string | undefined {
  return firstChannel(has, [`${plant.arrays[a]?.id}.poaGlobal`, ...LIGHT]);
}

/** The channel of the module temperature of array `a`. */
export function moduleChannel(plant: Plant, a: number, has: (name: string) => boolean): string | undefined {
  return firstChannel(has, [`${plant.arrays[a]?.id}.moduleTemperature`, 'moduleTemperature']);
}

/** The channel of an inverter's AC power; the plant's where there is one inverter. */
export function acChannel(plant: Plant, i: number, has: (name: string) => boolean): string | undefined {
  const own = `${plant.inverters[i]?.id}.acPower`;
  return firstChannel(has, plant.inverters.length === 1 ? [own, 'acPower', 'solarPower', 'meterPower'] : [own]);
}

/** Which signals of the battery the channels allow. */
function batterySignals(plant: Plant, has: (name: string) => boolean): Quantity[] {
  if (plant.battery === undefined) return [];
  const signals: Quantity[] = [];
  if (has('batteryLevel') && has('battery.current')) {
    signals.push('batterySwing');
    if (has('battery.voltage')) signals.push('batterySag');
    if (has('gridPower')) signals.push('batteryFloor');
  }
  if (has('battery.temperature') && has('airTemperature')) signals.push('batteryHeat');
  return signals;
}

/** Finds which signals `names` allow. */
export function layoutOf(plant: Plant, names: readonly string[]): Layout {
  const known = new Set(names);
  const has = (name: string) => known.has(name);
  const signals: Signal[] = [];
  const groups: number[][] = [];
  const blind: string[] = [];
  const addGroup = (members: Omit<Signal, 'group' | 'evidence'>[], evidence = true) => {
    if (members.length === 0) return;
    groups.push(members.map((member) => signals.push({ ...member, group: groups.length, evidence }) - 1));
  };

  let currents = 0;
  plant.arrays.forEach((array, a) => {
    if (lightChannel(plant, a, has) === undefined && !has('ghi')) return;
    const strings = array.strings.map((s) => plant.strings[s]?.id ?? '');
    const member = (quantity: Quantity) => (part: string) => ({ quantity, part, array: a, inverter: array.inverter });
    const withCurrent = strings.filter((id) => has(`${id}.dcCurrent`));
    currents += withCurrent.length;
    addGroup(withCurrent.map(member('current')));
    const withVoltage = strings.filter((id) => has(`${id}.dcVoltage`));
    if (withVoltage.length > 0)
      addGroup((array.ownTrackers ? withVoltage : withVoltage.slice(0, 1)).map(member('voltage')));
    else if (
      has(`${plant.inverters[array.inverter]?.id}.dcVoltage`) &&
      plant.inverters[array.inverter]?.arrays.length === 1
    )
      addGroup([member('voltage')(plant.inverters[array.inverter]?.id ?? '')]);
    if (
      moduleChannel(plant, a, has) !== undefined &&
      has('airTemperature') &&
      (a === 0 || has(`${array.id}.moduleTemperature`))
    ) {
      addGroup([{ quantity: 'moduleHeat', part: array.id, array: a, inverter: array.inverter }]);
      addGroup([{ quantity: 'coldCell', part: array.id, array: a, inverter: array.inverter }]);
    }
    if (has(`${array.id}.hotSpotTemperature`) && moduleChannel(plant, a, has) !== undefined)
      addGroup([{ quantity: 'hotSpot', part: array.id, array: a, inverter: array.inverter }]);
  });
  const inverter = (quantity: Quantity, i: number) => ({
    quantity,
    part: plant.inverters[i]?.id ?? '',
    array: plant.inverters[i]?.arrays[0] ?? 0,
    inverter: i,
  });
  const each = plant.inverters.map((_, i) => i);
  const light = plant.arrays.some((_, a) => lightChannel(plant, a, has) !== undefined) || has('ghi');
  const stringsTell = (i: number) =>
    plant.strings.every(
      ({ id, array }) => plant.arrays[array]?.inverter !== i || (has(`${id}.dcCurrent`) && has(`${id}.dcVoltage`)),
    );
  const dcTells = (i: number) => stringsTell(i) || dcChannel(plant, i, has) !== undefined;
  if (light) {
    addGroup(
      each.filter((i) => dcChannel(plant, i, has) !== undefined && !stringsTell(i)).map((i) => inverter('dcPower', i)),
    );
    const withAc = each.filter((i) => acChannel(plant, i, has) !== undefined);
    addGroup(withAc.filter((i) => !dcTells(i)).map((i) => inverter('acPower', i)));
    addGroup(
      withAc.filter(dcTells).map((i) => inverter('acPower', i)),
      false,
    );
    if (
      plant.inverters.length > 1 &&
      each.every((i) => acChannel(plant, i, has) === undefined) &&
      plantAcChannel(has) !== undefined
    )
      addGroup([{ quantity: 'acPower', part: plant.id, array: 0, inverter: -1 }]);
  } else blind.push('without irradiance it can only compare parts with each other');
  for (const i of each) {
    if (dcTells(i) && acChannel(plant, i, has) !== undefined) addGroup([inverter('conversion', i)]);
    if (
      has(`${plant.inverters[i]?.id}.heatSinkTemperature`) &&
      has('airTemperature') &&
      acChannel(plant, i, has) !== undefined
    )
      addGroup([inverter('heatSink', i)]);
    if (has(`${plant.inverters[i]?.id}.insulationResistance`)) addGroup([inverter('insulation', i)]);
  }
  if (
    has('meterPower') &&
    (has('acPower') ||
      has('solarPower') ||
      each.every((i) => acChannel(plant, i, has) !== undefined && acChannel(plant, i, has) !== 'meterPower'))
  )
    addGroup([{ quantity: 'meter', part: plant.id, array: 0, inverter: -1 }]);
  for (const quantity of batterySignals(plant, has)) addGroup([{ quantity, part: 'battery', array: 0, inverter: -1 }]);
  if (light) addGroup([{ quantity: 'skyLight', part: plant.id, array: 0, inverter: -1 }]);
  // A plane that turns with the sun tells of its tracker as much as of the sensors.
  if (lightChannel(plant, 0, has) !== undefined && has('ghi') && plant.arrays[0]?.tracker === undefined)
    addGroup([{ quantity: 'lightPair', part: plant.id, array: 0, inverter: -1 }]);

  if (currents === 0) blind.push('without string currents it cannot say which string is at fault');
  if (!signals.some(({ quantity }) => quantity === 'voltage'))
    blind.push(
      'without DC voltages it cannot tell faults of voltage (bypass diodes, PID, contacts) from those of current',
    );
  if (!signals.some(({ quantity }) => quantity === 'conversion'))
    blind.push('without DC and AC power it cannot tell the arrays from the inverters');
  if (!signals.some(({ quantity }) => quantity === 'heatSink'))
    blind.push('without heat-sink temperatures it cannot see a worn fan before it costs power');
  if (!signals.some(({ quantity }) => quantity === 'meter'))
    blind.push('without a meter beside the inverters it cannot see losses of lines and transformer');
  return { signals, groups, channels: [...names], blind };
}

/** The channel of an inverter's DC power; the plant's where there is one inverter. */
export function dcChannel(plant: Plant, i: number, has: (name: string) => boolean): string | undefined {
  const own = `${plant.inverters[i]?.id}.dcPower`;
  return firstChannel(has, plant.inverters.length === 1 ? [own, 'dcPower'] : [own]);
}

/** The channel of the AC power of all inverters. */
export const plantAcChannel = (has: (name: string) => boolean): string | undefined =>
  firstChannel(has, ['acPower', 'solarPower', 'meterPower']);

/** A column of `frame`, or undefined. */
export const columnOf = (frame: Frame, name: string | undefined): Float64Array | undefined =>
  name !== undefined && frame.has(name) ? frame.column(name) : undefined;
