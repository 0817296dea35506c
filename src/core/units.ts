import { quote, TwinergyError } from './errors.js';

/** A unit as `scale · x + offset` of its dimension's base unit. */
interface UnitDefinition {
  readonly dimension: string;
  readonly scale: number;
  readonly offset?: number;
}

const DEFINITIONS: Readonly<Record<string, UnitDefinition>> = {
  '1': { dimension: 'ratio', scale: 1 },
  '%': { dimension: 'ratio', scale: 0.01 },
  mW: { dimension: 'power', scale: 1e-3 },
  W: { dimension: 'power', scale: 1 },
  kW: { dimension: 'power', scale: 1e3 },
  MW: { dimension: 'power', scale: 1e6 },
  GW: { dimension: 'power', scale: 1e9 },
  J: { dimension: 'energy', scale: 1 / 3600 },
  kJ: { dimension: 'energy', scale: 1e3 / 3600 },
  MJ: { dimension: 'energy', scale: 1e6 / 3600 },
  Wh: { dimension: 'energy', scale: 1 },
  kWh: { dimension: 'energy', scale: 1e3 },
  MWh: { dimension: 'energy', scale: 1e6 },
  GWh: { dimension: 'energy', scale: 1e9 },
  'W/m²': { dimension: 'irradiance', scale: 1 },
  'kW/m²': { dimension: 'irradiance', scale: 1e3 },
  K: { dimension: 'temperature', scale: 1, offset: -273.15 },
  '°C': { dimension: 'temperature', scale: 1 },
  '°F': { dimension: 'temperature', scale: 5 / 9, offset: -160 / 9 },
  mV: { dimension: 'voltage', scale: 1e-3 },
  V: { dimension: 'voltage', scale: 1 },
  kV: { dimension: 'voltage', scale: 1e3 },
  mA: { dimension: 'current', scale: 1e-3 },
  A: { dimension: 'current', scale: 1 },
  kA: { dimension: 'current', scale: 1e3 },
  Ah: { dimension: 'charge', scale: 1 },
  Ω: { dimension: 'resistance', scale: 1 },
  mΩ: { dimension: 'resistance', scale: 1e-3 },
  kΩ: { dimension: 'resistance', scale: 1e3 },
  'm/s': { dimension: 'speed', scale: 1 },
  'km/h': { dimension: 'speed', scale: 1 / 3.6 },
  mph: { dimension: 'speed', scale: 0.44704 },
  kn: { dimension: 'speed', scale: 1852 / 3600 },
  'mm/h': { dimension: 'speed', scale: 1e-3 / 3600 },
  'cm/h': { dimension: 'speed', scale: 1e-2 / 3600 },
  Pa: { dimension: 'pressure', scale: 1 },
  hPa: { dimension: 'pressure', scale: 100 },
  kPa: { dimension: 'pressure', scale: 1e3 },
  bar: { dimension: 'pressure', scale: 1e5 },
  psi: { dimension: 'pressure', scale: 6894.757293168361 },
  '°': { dimension: 'angle', scale: 1 },
  rad: { dimension: 'angle', scale: 180 / Math.PI },
  ms: { dimension: 'time', scale: 1e-3 },
  s: { dimension: 'time', scale: 1 },
  min: { dimension: 'time', scale: 60 },
  h: { dimension: 'time', scale: 3600 },
  d: { dimension: 'time', scale: 86400 },
  mm: { dimension: 'length', scale: 1e-3 },
  cm: { dimension: 'length', scale: 1e-2 },
  m: { dimension: 'length', scale: 1 },
  km: { dimension: 'length', scale: 1e3 },
  Hz: { dimension: 'frequency', scale: 1 },
  rpm: { dimension: 'frequency', scale: 1 / 60 },
  g: { dimension: 'acceleration', scale: 9.80665 },
  'm/s²': { dimension: 'acceleration', scale: 1 },
  'L/min': { dimension: 'flow', scale: 1 / 60 },
  'L/s': { dimension: 'flow', scale: 1 },
};

/** Other spellings that data files use. Looked up as they stand, then in lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  '': '1',
  fraction: '1',
  ratio: '1',
  'p.u.': '1',
  percent: '%',
  pct: '%',
  w: 'W',
  watt: 'W',
  watts: 'W',
  kw: 'kW',
  mw: 'MW',
  wh: 'Wh',
  kwh: 'kWh',
  mwh: 'MWh',
  'w/m2': 'W/m²',
  'w/m^2': 'W/m²',
  'w/m**2': 'W/m²',
  wm2: 'W/m²',
  'kw/m2': 'kW/m²',
  'm/s2': 'm/s²',
  degc: '°C',
  deg_c: '°C',
  celsius: '°C',
  c: '°C',
  degf: '°F',
  deg_f: '°F',
  fahrenheit: '°F',
  f: '°F',
  kelvin: 'K',
  degk: 'K',
  v: 'V',
  volt: 'V',
  volts: 'V',
  a: 'A',
  amp: 'A',
  amps: 'A',
  ohm: 'Ω',
  ohms: 'Ω',
  mps: 'm/s',
  'km/hr': 'km/h',
  kph: 'km/h',
  knots: 'kn',
  pa: 'Pa',
  hpa: 'hPa',
  mbar: 'hPa',
  kpa: 'kPa',
  deg: '°',
  degree: '°',
  degrees: '°',
  radian: 'rad',
  radians: 'rad',
  sec: 's',
  minute: 'min',
  minutes: 'min',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  hz: 'Hz',
  'l/min': 'L/min',
  'l/s': 'L/s',
};

/** The library's spelling of `unit` (`degC` → `°C`, `W/m2` → `W/m²`), or undefined where it knows no such unit. */
export function canonicalUnit(unit: string): string | undefined {
  const text = unit.trim();
  if (Object.hasOwn(DEFINITIONS, text)) return text;
  const lower = text.toLowerCase();
  if (Object.hasOwn(ALIASES, text)) return ALIASES[text];
  return Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined;
}

function definition(unit: string): UnitDefinition {
  const known = canonicalUnit(unit);
  const found = known === undefined ? undefined : DEFINITIONS[known];
  if (found === undefined) {
    throw new TwinergyError('UNIT_UNKNOWN', `There is no unit ${quote(unit)}.`, {
      value: unit,
      hint: `Known units: ${Object.keys(DEFINITIONS).join(', ')}.`,
    });
  }
  return found;
}

/** Whether both are units of the same quantity, so that one can be converted into the other. */
export function isCompatibleUnit(from: string, to: string): boolean {
  return definition(from).dimension === definition(to).dimension;
}

/** All units of the same quantity as `unit`, itself included. @throws TwinergyError `UNIT_UNKNOWN` */
export function unitsLike(unit: string): string[] {
  const { dimension } = definition(unit);
  return Object.keys(DEFINITIONS).filter((name) => DEFINITIONS[name]?.dimension === dimension);
}

/** A straight line from one unit to another: `value · scale + offset`. */
export interface UnitConversion {
  readonly scale: number;
  readonly offset: number;
}

/**
 * The conversion from one unit into another.
 * @throws TwinergyError `UNIT_UNKNOWN`, `UNIT_MISMATCH` (W is no °C)
 */
export function unitConversion(from: string, to: string): UnitConversion {
  const source = definition(from);
  const target = definition(to);
  if (source.dimension !== target.dimension) {
    throw new TwinergyError(
      'UNIT_MISMATCH',
      `${quote(from)} is a unit of ${source.dimension}, ${quote(to)} one of ${target.dimension}.`,
      {
        value: from,
        hint: 'Declare the unit that the data are in.',
      },
    );
  }
  if (source === target) return { scale: 1, offset: 0 };
  return { scale: source.scale / target.scale, offset: ((source.offset ?? 0) - (target.offset ?? 0)) / target.scale };
}

/** `value`, given in `from`, in the unit `to`. @throws TwinergyError `UNIT_UNKNOWN`, `UNIT_MISMATCH` */
export function convertUnit(value: number, from: string, to: string): number {
  const { scale, offset } = unitConversion(from, to);
  return scale === 1 && offset === 0 ? value : value * scale + offset;
}
