import { type Column, Frame, TwinergyError } from '../../core/index.js';
import type { ModelChannel } from '../asset-model.js';
import type { Plant } from '../description/plant.js';
import { inputCount, PlantEnvironment } from './environment.js';
import { arrayInput, arrayStart, input } from './inputs.js';
import { PlantRun } from './run.js';
import type { Sky } from './sky.js';

/** The channels whose expected values follow from light, temperature and wind, in the order of the physics. */
export function plantStages(plant: Plant): string[] {
  return [
    'poaGlobal',
    'moduleTemperature',
    ...plant.strings.flatMap(({ id }) => [`${id}.dcCurrent`, `${id}.dcVoltage`]),
    'dcPower',
    ...plant.inverters.flatMap(({ id }) => [`${id}.dcPower`, `${id}.acPower`, `${id}.heatSinkTemperature`]),
    'inverterEfficiency',
    'acPower',
    'meterPower',
  ];
}

function firstOf(frame: Frame, names: readonly string[]): Float64Array | undefined {
  const name = names.find((candidate) => frame.has(candidate));
  return name === undefined ? undefined : frame.column(name);
}

/** Share of the rating below which the voltage of an idling or waking inverter is not foretold. */
const LEAST_LOAD = 0.01;
/** Nominal wind where none is measured, m/s. */
const USUAL_WIND = 2;

/**
 * What a sound plant would do under the light that was measured. Light: each array's `poaGlobal`, else the plant's
 * (or `irradiance`) where all arrays lie in one plane, else `ghi` turned onto each plane. Temperature: `airTemperature`,
 * else what `moduleTemperature` says of it. The plane-of-array irradiance itself is expected from `ghi`.
 * @throws TwinergyError `TWIN_MISSING_CHANNEL` where `frame` has no light or no temperature
 */
export function expectedOf(
  plant: Plant,
  sky: Sky,
  channels: readonly ModelChannel[],
  stateCount: number,
  frame: Frame,
): Frame {
  const onePlane = plant.arrays.every(
    ({ tilt, azimuth, tracker }) =>
      tracker === undefined && tilt === plant.arrays[0]?.tilt && azimuth === plant.arrays[0]?.azimuth,
  );
  const common = firstOf(frame, ['poaGlobal', 'irradiance']);
  const ghi = firstOf(frame, ['ghi']);
  const own = plant.arrays.map(
    ({ id }) => firstOf(frame, [`${id}.poaGlobal`]) ?? (onePlane || ghi === undefined ? common : undefined),
  );
  const missing = own.indexOf(undefined);
  if (missing >= 0 && ghi === undefined) {
    throw new TwinergyError(
      'TWIN_MISSING_CHANNEL',
      'There is no light in these data: none of poaGlobal, irradiance, ghi.',
      {
        hint: `Channels are: ${frame.names.join(', ')}.`,
      },
    );
  }
  const air = firstOf(frame, ['airTemperature']);
  const module = firstOf(frame, ['moduleTemperature']);
  if (air === undefined && module === undefined) {
    throw new TwinergyError(
      'TWIN_MISSING_CHANNEL',
      'There is no temperature in these data: neither airTemperature nor moduleTemperature.',
      {
        hint: `Channels are: ${frame.names.join(', ')}.`,
      },
    );
  }
  const wind = firstOf(frame, ['windSpeed']);

  const stages = plantStages(plant);
  const places = stages.map((stage) => channels.findIndex(({ name }) => name === stage));
  const columns: Record<string, Column> = {};
  const data = stages.map((stage, s) => {
    const values = new Float64Array(frame.length).fill(Number.NaN);
    columns[stage] = { data: values, unit: channels[places[s] as number]?.unit ?? '1' };
    return values;
  });

  const dcPlace = channels.findIndex(({ name }) => name === 'dcPower');
  const voltages = stages.flatMap((stage, s) => (stage.endsWith('.dcVoltage') ? [s] : []));

  // The sun is only needed where light has to be turned onto a plane.
  const environment = new PlantEnvironment(plant, sky, {
    seed: 0,
    circumstances: [],
    weather: ghi === undefined ? undefined : frame.select('ghi'),
  });
  const inputs = new Float64Array(inputCount(plant));
  const out = new Float64Array(channels.length + stateCount);
  const run = new PlantRun(plant, []);
  let previous = Number.NaN;
  for (let row = 0; row < frame.length; row++) {
    const time = frame.time[row] as number;
    // A lone row, and one after a gap, is taken as settled.
    const seconds = row === 0 ? 3600 : Math.min(3600, (time - previous) / 1000);
    previous = time;
    if (ghi !== undefined && !Number.isNaN(ghi[row] as number)) environment.at(time, inputs);
    else inputs.fill(0);
    let poaFromGhi = 0;
    let known = true;
    plant.arrays.forEach((array, a) => {
      const at = arrayStart(a);
      const turned =
        (inputs[at + arrayInput.beam] as number) +
        (inputs[at + arrayInput.sky] as number) +
        (inputs[at + arrayInput.ground] as number);
      poaFromGhi += (turned * array.strings.length * array.modulesPerString) / totalModules(plant);
      const measured = own[a]?.[row];
      if (measured !== undefined) {
        inputs[at + arrayInput.beam] = Math.max(0, measured);
        inputs[at + arrayInput.sky] = 0;
        inputs[at + arrayInput.ground] = 0;
        known &&= !Number.isNaN(measured);
      } else known &&= ghi !== undefined && !Number.isNaN(ghi[row] as number);
    });
    const speed = wind?.[row] ?? USUAL_WIND;
    inputs[input.windSpeed] = Number.isNaN(speed) ? USUAL_WIND : speed;
    let temperature = air?.[row] ?? Number.NaN;
    if (Number.isNaN(temperature) && module !== undefined) {
      const array = plant.arrays[0];
      const light = inputs[arrayStart(0)] as number;
      temperature =
        (module[row] as number) - light / ((array?.u0 ?? 25) + (array?.u1 ?? 0) * (inputs[input.windSpeed] as number));
    }
    inputs[input.airTemperature] = temperature;
    if (!known || Number.isNaN(temperature)) continue;
    run.step(time, seconds, inputs, out);
    for (let s = 0; s < stages.length; s++) (data[s] as Float64Array)[row] = out[places[s] as number] as number;
    if ((out[dcPlace] as number) < LEAST_LOAD * plant.acRating) {
      for (const s of voltages) (data[s] as Float64Array)[row] = Number.NaN;
    }
    const poa = data[0] as Float64Array;
    poa[row] = ghi === undefined ? Number.NaN : poaFromGhi;
  }
  return new Frame(frame.time, columns);
}

const totalModules = (plant: Plant) =>
  plant.arrays.reduce((sum, array) => sum + array.strings.length * array.modulesPerString, 0);
