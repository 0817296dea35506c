import type { Plant } from '../description/plant.js';
import {
  acChannel,
  dcChannel,
  type Layout,
  lightChannel,
  moduleChannel,
  type Quantity,
  type Signal,
} from './layout.js';

/** Quantities that are told from the light sensor. */
const BY_LIGHT: readonly Quantity[] = ['current', 'dcPower', 'acPower', 'moduleHeat', 'skyLight', 'lightPair'];

/** The signals that a channel goes into: what an error of it can move. */
export function dependents(plant: Plant, layout: Layout, channel: string): number[] {
  const names = new Set(layout.channels);
  const has = (name: string) => names.has(name);
  const uses = ({ quantity, array, inverter, part }: Signal): boolean => {
    if (BY_LIGHT.includes(quantity) && channel === lightChannel(plant, array, has)) return true;
    if (
      ['voltage', 'moduleHeat', 'coldCell', 'hotSpot'].includes(quantity) &&
      channel === moduleChannel(plant, array, has)
    )
      return true;
    switch (quantity) {
      case 'current':
        return channel === `${part}.dcCurrent`;
      case 'voltage':
        return channel === `${part}.dcVoltage`;
      case 'dcPower':
        return channel === dcChannel(plant, inverter, has);
      case 'acPower':
        return channel === acChannel(plant, inverter, has);
      case 'conversion':
        return (
          channel === acChannel(plant, inverter, has) ||
          channel === dcChannel(plant, inverter, has) ||
          plant.strings.some(
            ({ id, array: a }) =>
              plant.arrays[a]?.inverter === inverter &&
              (channel === `${id}.dcCurrent` || channel === `${id}.dcVoltage`),
          )
        );
      case 'meter':
        return channel === 'meterPower' || channel === 'acPower' || channel === 'solarPower';
      case 'heatSink':
        return channel === 'airTemperature' || channel === `${part}.heatSinkTemperature`;
      case 'moduleHeat':
      case 'coldCell':
        return channel === 'airTemperature';
      case 'insulation':
        return channel === `${part}.insulationResistance`;
      case 'hotSpot':
        return channel === `${part}.hotSpotTemperature`;
      case 'batteryHeat':
        return channel === 'airTemperature' || channel === 'battery.temperature';
      case 'batterySwing':
      case 'batteryFloor':
        return channel === 'batteryLevel' || channel === 'battery.current';
      case 'batterySag':
        return channel === 'batteryLevel' || channel === 'battery.current' || channel === 'battery.voltage';
      case 'lightPair':
        return channel === 'ghi';
      case 'skyLight':
        return false;
    }
  };
  return layout.signals.flatMap((signal, k) => (uses(signal) ? [k] : []));
}
