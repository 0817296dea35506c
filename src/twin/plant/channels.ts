import type { ModelChannel, ModelState } from '../asset-model.js';
import type { Plant } from '../description/plant.js';

/** The channels that the instruments of `plant` have, with their usual uncertainty. */
export function plantChannels(plant: Plant): ModelChannel[] {
  const rating = plant.acRating;
  const channels: ModelChannel[] = [];
  const add = (
    name: string,
    unit: string,
    title: string,
    fullScale: number,
    noise?: ModelChannel['noise'],
    aliasOf?: string,
  ) => {
    channels.push({
      name,
      unit,
      title,
      fullScale,
      ...(noise === undefined ? {} : { noise }),
      ...(aliasOf === undefined ? {} : { aliasOf }),
      ...(unit === '%' ? { limits: [0, 100] } : {}),
    });
  };
  const light = { absolute: 0.5, relative: 0.005 };
  const kelvin = { absolute: 0.2 };
  const power = { relative: 0.003 };

  add('solarPower', 'W', 'AC power', rating, undefined, 'acPower');
  add('temperature', '°C', 'Equipment temperature', 60, kelvin);
  if (plant.battery !== undefined) add('batteryLevel', '%', 'Battery level', 100, { absolute: 0.1 });
  add('voltage', 'V', 'AC voltage', plant.grid.voltage, { relative: 0.004 });
  add('current', 'A', 'AC current', rating / plant.grid.voltage, { relative: 0.004 });
  add('irradiance', 'W/m²', 'Plane-of-array irradiance', 1000, undefined, 'poaGlobal');
  add('inverterEfficiency', '%', 'Inverter efficiency', 100, { absolute: 0.1 });
  add('panelHealth', '%', 'Panel health', 100, { absolute: 0.2 });
  add('windSpeed', 'm/s', 'Wind speed', 20, { relative: 0.02 });
  add('humidity', '%', 'Relative humidity', 100, { absolute: 0.5 });

  add('poaGlobal', 'W/m²', 'Plane-of-array irradiance', 1000, light);
  add('ghi', 'W/m²', 'Global horizontal irradiance', 1000, light);
  add('airTemperature', '°C', 'Air temperature', 40, kelvin);
  add('moduleTemperature', '°C', 'Module temperature', 70, kelvin);
  add('precipitation', 'mm/h', 'Precipitation', 20);
  add('dcPower', 'W', 'DC power', rating, power);
  add('acPower', 'W', 'AC power of the inverters', rating, power);
  add('meterPower', 'W', 'Power at the production meter', rating, { relative: 0.002 });
  if (plant.arrays.length > 1 || plant.arrays.some((array) => array.tracker !== undefined)) {
    for (const array of plant.arrays) {
      add(`${array.id}.poaGlobal`, 'W/m²', `Irradiance on ${array.id}`, 1000, light);
      add(`${array.id}.moduleTemperature`, '°C', `Module temperature of ${array.id}`, 70, kelvin);
      if (array.tracker !== undefined)
        add(`${array.id}.trackerAngle`, '°', `Tracker angle of ${array.id}`, 60, { absolute: 0.1 });
    }
  }
  for (const array of plant.arrays) {
    add(`${array.id}.hotSpotTemperature`, '°C', `Hottest cell of ${array.id}`, 100, { absolute: 0.5 });
  }
  for (const inverter of plant.inverters) {
    const own = inverter.acRating;
    add(`${inverter.id}.dcPower`, 'W', `DC power of ${inverter.id}`, own, power);
    add(`${inverter.id}.acPower`, 'W', `AC power of ${inverter.id}`, own, power);
    add(`${inverter.id}.dcVoltage`, 'V', `DC voltage of ${inverter.id}`, 1000, { relative: 0.002 });
    add(`${inverter.id}.heatSinkTemperature`, '°C', `Heat sink of ${inverter.id}`, 80, kelvin);
    add(`${inverter.id}.insulationResistance`, 'kΩ', `Insulation resistance at ${inverter.id}`, 2000, {
      relative: 0.02,
    });
  }
  for (const string of plant.strings) {
    add(`${string.id}.dcVoltage`, 'V', `Voltage of ${string.id}`, 1000, { relative: 0.002 });
    add(`${string.id}.dcCurrent`, 'A', `Current of ${string.id}`, 12, { absolute: 0.005, relative: 0.004 });
  }
  if (plant.loads.length > 0) add('loadPower', 'W', 'Power of the loads', rating, { relative: 0.003 });
  if (plant.loads.length > 0 || plant.battery !== undefined) {
    add('gridPower', 'W', 'Power fed into the grid', rating, { relative: 0.003 });
  }
  if (plant.battery !== undefined) {
    const most = Math.max(plant.battery.maxChargePower, plant.battery.maxDischargePower);
    add('battery.power', 'W', 'Power into the battery', most, { relative: 0.003 });
    add('battery.voltage', 'V', 'Battery voltage', 4 * plant.battery.cellsInSeries, { relative: 0.001 });
    add('battery.current', 'A', 'Current into the battery', plant.battery.capacity, {
      absolute: 0.01,
      relative: 0.003,
    });
    add('battery.temperature', '°C', 'Battery temperature', 50, kelvin);
  }
  return channels;
}

/** The quantities of `plant` that nobody measures. The energy terms add up to what the arrays could have given. */
export function plantStates(plant: Plant): ModelState[] {
  const states: ModelState[] = [];
  for (const array of plant.arrays) {
    states.push({ name: `${array.id}.soilingLoss`, unit: '1' }, { name: `${array.id}.snowCover`, unit: '1' });
  }
  if (plant.battery !== undefined) states.push({ name: 'battery.capacity', unit: 'Ah' });
  states.push({ name: 'efficiency', unit: '1' }, { name: 'arrayLoss', unit: '1' });
  for (const name of [
    'dcAvailable',
    'trackingLoss',
    'outageLoss',
    'clippingLoss',
    'curtailedPower',
    'inverterLoss',
    'acLoss',
    'load',
    'gridExport',
  ]) {
    states.push({ name, unit: 'W', energy: true });
  }
  if (plant.battery !== undefined) {
    for (const name of ['batteryStored', 'batteryLoss']) states.push({ name, unit: 'W', energy: true });
  }
  return states;
}
