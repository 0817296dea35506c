import type { Frame } from '../../core/index.js';
import { log } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import { inputCount, PlantEnvironment, planeIrradiance, workingPlane } from '../plant/environment.js';
import { arrayInput, arrayStart, input } from '../plant/inputs.js';
import { Sky } from '../plant/sky.js';
import { cellTemperatureFaiman, maximumPowerPoint, singleDiodeDeSoto } from '../solar/index.js';
import { batteryRows } from './battery-rows.js';
import { clearParts, turnedLight } from './clear-light.js';
import { acChannel, columnOf, dcChannel, type Layout, lightChannel, moduleChannel, plantAcChannel } from './layout.js';

/** Light below which ratios are mostly noise, W/m². */
export const LEAST_LIGHT = 60;
/** Logarithm below which a ratio counts as "nothing": 8 % of what was expected. */
export const NOTHING = -2.5;
/** Heat-sink memory, s: as the model's. */
const HEAT_SINK_TIME = 900;
/** Share of the rating above which an inverter runs. */
export const RUNS = 0.001;
const DEFAULT_WIND = 2;
/** Elevation of the sun above which light on one plane tells that on another, degrees. */
const PAIRED = 15;

/** The signals of a stretch of rows before any learning: what the physics alone says. */
export interface SignalRows {
  readonly time: Float64Array;
  /** Solar hour angle, hours from noon; elevation of the sun, degrees. */
  readonly hourAngle: Float64Array;
  readonly elevation: Float64Array;
  /** Light on each array, W/m², and clear-sky light on it. */
  readonly light: readonly Float64Array[];
  readonly clear: readonly Float64Array[];
  readonly cell: readonly Float64Array[];
  readonly air: Float64Array;
  readonly wind: Float64Array;
  /** DC power that sound arrays would give, by inverter, W. */
  readonly expectedDc: readonly Float64Array[];
  /** AC power by inverter, W; NaN where nobody measures it. */
  readonly ac: readonly Float64Array[];
  /** Share of the rating, and whether it runs (0…1), smoothed as the heat sink smooths them, by inverter. */
  readonly heatLoad: readonly Float64Array[];
  readonly heatOn: readonly Float64Array[];
  /** Load of an inverter, as a share of its rating: for ratios of power. */
  readonly load: readonly Float64Array[];
  /** Logarithms of measured over expected (heat sink, moduleHeat, coldCell, insulation: see `quantities.ts`), by signal. */
  readonly values: readonly Float64Array[];
}

const ratio = (measured: number, expected: number): number =>
  expected > 0 && Number.isFinite(measured)
    ? Math.max(NOTHING, measured > 0 ? log(measured / expected) : NOTHING)
    : Number.NaN;

/** Computes the signals of `frame`, which may be any stretch of rows in order. */
export function signalRows(plant: Plant, sky: Sky, layout: Layout, frame: Frame): SignalRows {
  const n = frame.length;
  const has = (name: string) => frame.has(name);
  const make = () => new Float64Array(n).fill(Number.NaN);
  const out = {
    time: frame.time,
    hourAngle: make(),
    elevation: make(),
    light: plant.arrays.map(make),
    clear: plant.arrays.map(make),
    cell: plant.arrays.map(make),
    air: columnOf(frame, 'airTemperature') ?? make(),
    wind: columnOf(frame, 'windSpeed') ?? new Float64Array(n).fill(DEFAULT_WIND),
    expectedDc: plant.inverters.map(make),
    ac: plant.inverters.map(make),
    heatLoad: plant.inverters.map(make),
    heatOn: plant.inverters.map(make),
    load: plant.inverters.map(make),
    values: layout.signals.map(make),
  };
  const lights = plant.arrays.map((_, a) => columnOf(frame, lightChannel(plant, a, has)));
  const ownLight = plant.arrays.map(({ id }) => has(`${id}.poaGlobal`));
  const modules = plant.arrays.map((_, a) => columnOf(frame, moduleChannel(plant, a, has)));
  const ghi = columnOf(frame, 'ghi');
  const turned =
    ghi === undefined || lights.every((column) => column !== undefined)
      ? undefined
      : new PlantEnvironment(plant, new Sky(plant.site), { seed: 0, circumstances: [], weather: frame.select('ghi') });
  const inputs = new Float64Array(inputCount(plant));
  const inputs2 = new Float64Array(inputCount(plant));
  const pair = new Float64Array(inputCount(plant));

  const mpp = plant.arrays.map(() => ({ current: 0, voltage: 0 }));
  const stringCurrent = plant.strings.map(({ id }) => columnOf(frame, `${id}.dcCurrent`));
  const stringVoltage = plant.strings.map(({ id }) => columnOf(frame, `${id}.dcVoltage`));
  const inverterDc = plant.inverters.map((_, i) => columnOf(frame, dcChannel(plant, i, has)));
  const inverterAc = plant.inverters.map((_, i) => columnOf(frame, acChannel(plant, i, has)));
  const inverterVoltage = plant.inverters.map(({ id }) => columnOf(frame, `${id}.dcVoltage`));
  const sinks = plant.inverters.map(({ id }) => columnOf(frame, `${id}.heatSinkTemperature`));
  const insulation = plant.inverters.map(({ id }) => columnOf(frame, `${id}.insulationResistance`));
  const hottest = plant.arrays.map(({ id }) => columnOf(frame, `${id}.hotSpotTemperature`));
  const plantAc = columnOf(frame, plantAcChannel(has));
  const meter = columnOf(frame, 'meterPower');
  const sum =
    has('acPower') || has('solarPower') ? columnOf(frame, has('acPower') ? 'acPower' : 'solarPower') : undefined;
  const heat = plant.inverters.map(() => ({ load: Number.NaN, on: Number.NaN }));
  let previous = Number.NaN;

  for (let row = 0; row < n; row++) {
    const time = frame.time[row] as number;
    const seconds = Number.isNaN(previous) ? 0 : (time - previous) / 1000;
    previous = time;
    sky.look(time);
    const elevation = 90 - sky.apparentZenith;
    (out.elevation as Float64Array)[row] = elevation;
    (out.hourAngle as Float64Array)[row] = solarHour(time, plant.site.longitude, sky.day);
    const wind = Number.isNaN(out.wind[row] as number) ? DEFAULT_WIND : (out.wind[row] as number);
    const air = out.air[row] as number;
    // Clear-sky light on each plane, for what the light sensor should have seen at best.
    inputs[input.zenith] = sky.apparentZenith;
    inputs[input.azimuth] = sky.azimuth;
    inputs[input.extraterrestrial] = sky.extraterrestrial;
    clearParts(sky, inputs);
    if (turned !== undefined) turned.at(time, inputs2);
    let common = Number.NaN;
    plant.arrays.forEach((array, a) => {
      const at = arrayStart(a);
      planeIrradiance(inputs, workingPlane(array, inputs).plane, plant.site.albedo, inputs, at);
      const clear =
        (inputs[at + arrayInput.beam] as number) +
        (inputs[at + arrayInput.sky] as number) +
        (inputs[at + arrayInput.ground] as number);
      (out.clear[a] as Float64Array)[row] = clear;
      let light = lights[a]?.[row] ?? Number.NaN;
      if (lights[a] === undefined && ghi !== undefined) {
        light = Number.isNaN(ghi[row] as number)
          ? Number.NaN
          : (inputs2[at + arrayInput.beam] as number) +
            (inputs2[at + arrayInput.sky] as number) +
            (inputs2[at + arrayInput.ground] as number);
      } else if (a > 0 && ownLight[a] === false) {
        // One sensor for planes that differ: turned by what a clear sky gives on each.
        const first = out.clear[0]?.[row] as number;
        if (Math.abs(first - clear) > 1e-9) light = first > 20 ? light * Math.min(3, clear / first) : Number.NaN;
      }
      if (a === 0) common = light;
      (out.light[a] as Float64Array)[row] = light;
      const measured = modules[a]?.[row] ?? Number.NaN;
      const cell = Number.isNaN(measured)
        ? cellTemperatureFaiman(Math.max(0, light), air, wind, array.u0, array.u1)
        : measured;
      (out.cell[a] as Float64Array)[row] = cell;
      const point = mpp[a] as { current: number; voltage: number };
      if (light > LEAST_LIGHT / 3 && Number.isFinite(cell) && cell > -60 && cell < 120) {
        const found = maximumPowerPoint(singleDiodeDeSoto(array.module, Math.min(light, 1600), cell));
        point.current = found.current;
        point.voltage = found.voltage * array.modulesPerString;
      } else {
        point.current = point.voltage = light <= LEAST_LIGHT / 3 ? 0 : Number.NaN;
      }
    });
    plant.inverters.forEach((inverter, i) => {
      let expected = 0;
      let dc = 0;
      for (const a of inverter.arrays) {
        const array = plant.arrays[a];
        const point = mpp[a];
        if (array === undefined || point === undefined) continue;
        expected += point.current * point.voltage * array.strings.length;
        for (const s of array.strings)
          dc += (stringCurrent[s]?.[row] ?? Number.NaN) * (stringVoltage[s]?.[row] ?? Number.NaN);
      }
      (out.expectedDc[i] as Float64Array)[row] = expected;
      const measured = Number.isNaN(dc) ? (inverterDc[i]?.[row] ?? Number.NaN) : dc;
      const ac = inverterAc[i]?.[row] ?? Number.NaN;
      (out.ac[i] as Float64Array)[row] = ac;
      const load = Number.isNaN(measured) ? ac : measured;
      (out.load[i] as Float64Array)[row] = load / inverter.acRating;
      const share = Math.max(0, Number.isNaN(ac) ? 0 : ac / inverter.acRating);
      const on = share > RUNS ? 1 : 0;
      const before = heat[i] as { load: number; on: number };
      const keep = Number.isNaN(before.load) || seconds > 4 * HEAT_SINK_TIME ? 0 : Math.exp(-seconds / HEAT_SINK_TIME);
      before.load = keep === 0 ? share : share + (before.load - share) * keep;
      before.on = keep === 0 ? on : on + (before.on - on) * keep;
      (out.heatLoad[i] as Float64Array)[row] = before.load;
      (out.heatOn[i] as Float64Array)[row] = before.on;
    });

    layout.signals.forEach((signal, k) => {
      const { quantity, array: a, inverter: i } = signal;
      const values = out.values[k] as Float64Array;
      const light = out.light[a]?.[row] as number;
      const point = mpp[a] as { current: number; voltage: number };
      switch (quantity) {
        case 'current': {
          if (light < LEAST_LIGHT) break;
          const s = stringIndex(plant, signal.part);
          values[row] = ratio(stringCurrent[s]?.[row] as number, point.current);
          break;
        }
        case 'voltage': {
          if (light < LEAST_LIGHT) break;
          // What a silent thermometer would have shown is not known well enough for voltages.
          if (modules[a] !== undefined && Number.isNaN(modules[a]?.[row] as number)) break;
          const s = stringIndex(plant, signal.part);
          const v = s >= 0 ? stringVoltage[s]?.[row] : inverterVoltage[i]?.[row];
          values[row] = ratio(v as number, point.voltage);
          break;
        }
        case 'dcPower':
          if (light >= LEAST_LIGHT)
            values[row] = ratio(inverterDc[i]?.[row] as number, out.expectedDc[i]?.[row] as number);
          break;
        case 'acPower':
          if (light >= LEAST_LIGHT) {
            const expected =
              i >= 0
                ? (out.expectedDc[i]?.[row] as number)
                : out.expectedDc.reduce((total, column) => total + (column[row] as number), 0);
            values[row] = ratio(i >= 0 ? (inverterAc[i]?.[row] as number) : (plantAc?.[row] as number), expected);
          }
          break;
        case 'conversion': {
          const load = out.load[i]?.[row] as number;
          if (load > 0.04)
            values[row] = ratio(inverterAc[i]?.[row] as number, load * (plant.inverters[i]?.acRating ?? 1));
          break;
        }
        case 'meter': {
          const total = sum?.[row] ?? out.ac.reduce((all, column) => all + (column[row] as number), 0);
          if (total > 0.04 * plant.acRating) values[row] = ratio(meter?.[row] as number, total);
          break;
        }
        case 'heatSink':
          values[row] = (sinks[i]?.[row] as number) - air;
          break;
        case 'moduleHeat':
          if (light > 250) {
            const expected = light / (25 + 6.84 * wind);
            values[row] = ((modules[a]?.[row] as number) - air) / expected - 1;
          }
          break;
        case 'coldCell':
          if (light < 25) values[row] = (modules[a]?.[row] as number) - air;
          break;
        case 'insulation':
          values[row] = ratio(insulation[i]?.[row] as number, 1);
          break;
        case 'hotSpot':
          values[row] = (hottest[a]?.[row] as number) - (modules[a]?.[row] as number);
          break;
        case 'skyLight':
          if (elevation > 12) values[row] = ratio(common, out.clear[0]?.[row] as number);
          break;
        case 'lightPair':
          if (elevation > PAIRED && light >= LEAST_LIGHT)
            values[row] = ratio(light, turnedLight(plant, a, ghi?.[row] as number, sky, pair));
          break;
      }
    });
  }
  layout.signals.forEach(({ quantity, part }, k) => {
    if (part === 'battery') batteryRows(plant, frame, quantity, out.values[k] as Float64Array);
  });
  return out;
}

const stringIndex = (plant: Plant, id: string): number => plant.strings.findIndex((string) => string.id === id);

/** Hours from solar noon. */
function solarHour(time: number, longitude: number, day: number): number {
  // Equation of time, minutes (Spencer 1971, two terms): a minute is enough to name a sector of the sky.
  const b = (2 * Math.PI * (day - 81)) / 364;
  const minutes = 9.87 * Math.sin(2 * b) - 7.53 * Math.cos(b) - 1.5 * Math.sin(b);
  const hour = (time / 3_600_000 + longitude / 15 + minutes / 60) % 24;
  return ((hour + 24) % 24) - 12;
}
