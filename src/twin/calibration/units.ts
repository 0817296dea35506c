import { canonicalUnit, type Frame, isCompatibleUnit } from '../../core/index.js';

/** The unit of a channel by the last part of its name. */
const UNITS: Readonly<Record<string, string>> = {
  acPower: 'W',
  solarPower: 'W',
  meterPower: 'W',
  dcPower: 'W',
  poaGlobal: 'W/m²',
  irradiance: 'W/m²',
  ghi: 'W/m²',
  dni: 'W/m²',
  dhi: 'W/m²',
  airTemperature: '°C',
  moduleTemperature: '°C',
  windSpeed: 'm/s',
  dcVoltage: 'V',
  dcCurrent: 'A',
};

/** The frame with every channel that calibration reads in the library's unit: a column in kW becomes one in W. */
export function inStandardUnits(frame: Frame): Frame {
  let converted = frame;
  for (const name of frame.names) {
    const wanted = UNITS[name.slice(name.lastIndexOf('.') + 1)];
    const unit = frame.unit(name);
    if (wanted === undefined || canonicalUnit(unit) === wanted || !isCompatibleUnit(unit, wanted)) continue;
    converted = converted.inUnit(name, wanted);
  }
  return converted;
}
