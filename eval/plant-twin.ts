import { canonicalUnit, Frame, isCompatibleUnit } from '../src/core/index.js';
import { usualStep } from '../src/core/quality/statistics.js';
import type { ModuleParameters, PlantDescription as TwinDescription } from '../src/twin/index.js';
import { typicalArray, typicalInverter } from '../src/twin/library/typical.js';
import { SolarPlantModel } from '../src/twin/plant/model.js';
import { maximumPowerPoint, singleDiodeDeSoto } from '../src/twin/solar/index.js';
import { type ArrayDescription, moduleOf, type PlantDescription, type PlantFolder } from './plant-folder.js';

/** A plant folder as the library wants it. */
export interface PlantTwin {
  /** For `new DigitalTwin(description)`. */
  readonly description: TwinDescription;
  /** The telemetry under the twin's channel names, in its units. */
  readonly telemetry: Frame;
  /** What `plant.json` said; the rest are plausible values, for calibration to find. */
  readonly known: {
    readonly site: boolean;
    /** Of each array. */
    readonly orientation: readonly boolean[];
    readonly module: boolean;
    readonly peak: boolean;
    readonly rating: boolean;
  };
}

/** Peak power of the arrays over the inverter's rating where only one of them is known. */
const USUAL_RATIO = 1.15;

/**
 * Turns a plant folder into the twin's description and telemetry. What `plant.json` leaves open is filled in: a typical
 * module and inverter, the peak power from the greatest power seen, a tilt of 30° towards the equator.
 */
export function plantTwin({ plant, frame }: PlantFolder): PlantTwin {
  const stringCount = highest(plant, /^string(\d+)\./);
  const inverterCount = Math.max(1, highest(plant, /^inverter(\d+)\./));
  const listed: Partial<ArrayDescription>[] = plant.arrays.length > 0 ? plant.arrays : [{}];
  const greatest = greatestPower(frame);
  const rating = plant.inverter.acRating;
  const arrayCount = listed.length;
  const guessedPeak = rating === undefined ? greatest * USUAL_RATIO : Math.max(rating, greatest) * USUAL_RATIO;
  const fallbackPeak = guessedPeak / arrayCount;

  let left = stringCount;
  let peak = 0;
  let voltage = 600;
  const arrays = listed.map((array, index): TwinDescription['arrays'][number] => {
    const own = moduleOf(array);
    const share = index === arrayCount - 1 ? left : Math.round(stringCount / arrayCount);
    const given = array.strings ?? (share > 0 ? share : undefined);
    left -= given ?? 0;
    let part: { strings: number; modulesPerString: number; module: ModuleParameters };
    if (own !== undefined && array.modulesPerString !== undefined && given !== undefined) {
      part = {
        strings: given,
        modulesPerString: array.modulesPerString,
        module: {
          photocurrent: own.I_L_ref,
          saturationCurrent: own.I_o_ref,
          seriesResistance: own.R_s,
          shuntResistance: own.R_sh_ref,
          modifiedIdealityFactor: own.a_ref,
          alphaSc: own.alpha_sc,
          ...(own.EgRef === undefined ? {} : { bandGap: own.EgRef }),
          ...(own.dEgdT === undefined ? {} : { bandGapSlope: own.dEgdT }),
        },
      };
    } else part = typicalArray(array.peakPower ?? fallbackPeak, given);
    const point = peakPoint(part.module);
    peak += point.power * part.strings * part.modulesPerString;
    voltage = point.voltage * part.modulesPerString;
    const { tracker } = array;
    const southern = (plant.site?.latitude ?? 1) < 0;
    return {
      ...part,
      ...(tracker === undefined
        ? { tilt: array.tilt ?? 30, azimuth: ((array.azimuth ?? (southern ? 0 : 180)) + 360) % 360 }
        : {
            tracker: {
              axisTilt: tracker.axisTilt ?? 0,
              axisAzimuth: tracker.axisAzimuth ?? 180,
              maxAngle: tracker.maxAngle ?? 60,
              groundCoverageRatio: tracker.gcr ?? 0.35,
              backtrack: tracker.backtrack ?? true,
            },
          }),
      mppt: array.mppTrackers === undefined || !/string/i.test(array.mppTrackers) ? 'array' : 'string',
    };
  });

  const acRating = rating ?? Math.max(greatest, peak);
  const efficiency = plant.inverter.nominalEfficiency ?? 0.96;
  const inverters = Array.from({ length: inverterCount }, () => ({
    model: typicalInverter(acRating / inverterCount, efficiency, voltage),
  }));
  const description: TwinDescription = {
    id: identifierOf(plant.name),
    name: plant.name,
    site: {
      latitude: plant.site?.latitude ?? 0,
      longitude: plant.site?.longitude ?? 0,
      altitude: plant.site?.altitude ?? 0,
    },
    arrays: arrays.length >= inverterCount ? arrays : spread(arrays, inverterCount),
    inverters,
  };
  return {
    description,
    telemetry: inTwinChannels(frame, description, rating),
    known: {
      site: plant.site !== undefined,
      orientation: listed.map((array) => array.tracker !== undefined || (array.tilt ?? array.azimuth) !== undefined),
      module: listed.every((array) => moduleOf(array) !== undefined),
      peak: listed.every((array) => array.peakPower !== undefined || moduleOf(array) !== undefined),
      rating: rating !== undefined,
    },
  };
}

/** Power and voltage of a module at standard test conditions. */
function peakPoint(module: ModuleParameters) {
  return maximumPowerPoint(
    singleDiodeDeSoto(
      {
        photocurrentRef: module.photocurrent,
        saturationCurrentRef: module.saturationCurrent,
        seriesResistance: module.seriesResistance,
        shuntResistanceRef: module.shuntResistance,
        aRef: module.modifiedIdealityFactor,
        alphaSc: module.alphaSc,
        bandGapRef: module.bandGap ?? 1.121,
        bandGapSlope: module.bandGapSlope ?? -0.0002677,
      },
      1000,
      25,
    ),
  );
}

/** The greatest number in channel names such as `string3.dcVoltage`. */
const highest = (plant: PlantDescription, pattern: RegExp) =>
  Math.max(0, ...Object.keys(plant.channels).map((name) => Number(pattern.exec(name)?.[1] ?? 0)));

const POWERS = ['acPower', 'meterPower', 'dcPower'];

/** The power, W, that 0.1 % of the rows exceed; 1 kW where there is none. */
function greatestPower(frame: Frame): number {
  const name = POWERS.find((candidate) => frame.has(candidate));
  if (name === undefined) return 1000;
  const unit = frame.unit(name);
  const values = (isCompatibleUnit(unit, 'W') ? frame.inUnit(name, 'W') : frame).column(name);
  const sorted = values.filter((value) => value > 0).sort();
  return sorted[Math.floor(0.999 * sorted.length)] ?? 1000;
}

function identifierOf(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
  return /^[A-Za-z]/.test(clean) ? clean : `plant-${clean}`;
}

/** One array on each inverter: as many strings of each as there are, shared out. */
function spread(arrays: TwinDescription['arrays'], inverters: number): TwinDescription['arrays'] {
  return Array.from({ length: inverters }, (_, i) => {
    const array = arrays[i % arrays.length] as TwinDescription['arrays'][number];
    const sharers = Math.ceil((inverters - (i % arrays.length)) / arrays.length);
    const place = Math.floor(i / arrays.length);
    const strings = Math.floor(array.strings / sharers) + (place < array.strings % sharers ? 1 : 0);
    return { ...array, strings: Math.max(1, strings), inverter: `inverter${i + 1}` };
  });
}

/** Channels that a plant of one inverter calls by their plain name. */
const OF_INVERTER = ['heatSinkTemperature', 'dcVoltage', 'insulationResistance'];
/** Other names that descriptions use. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  irradiance: 'poaGlobal',
  solarPower: 'acPower',
  ambientTemperature: 'airTemperature',
};
const HOUR = 3_600_000;

/** The columns under the twin's names and in its units; those that it does not know are kept as they are. */
function inTwinChannels(frame: Frame, description: TwinDescription, rating: number | undefined): Frame {
  const { channels } = new SolarPlantModel(description);
  const renamed = new Map<string, { data: Float64Array; unit: string }>();
  for (const [name, { data, unit }] of frame.columns()) {
    const plain = OTHER_NAMES[name] ?? name;
    const target = OF_INVERTER.includes(plain) ? `inverter1.${plain}` : plain;
    const wanted = channels.find((channel) => channel.name === target)?.unit;
    renamed.set(target, wanted === undefined ? { data, unit } : inUnitOf(wanted, data, unit, frame, rating));
  }
  const voltage = renamed.get('inverter1.dcVoltage');
  const current = renamed.get('dcCurrent');
  if (voltage !== undefined && current !== undefined && !renamed.has('dcPower')) {
    const data = voltage.data.map((value, row) => value * (current.data[row] as number));
    renamed.set('dcPower', { data, unit: 'W' });
  }
  const poa = renamed.get('poaGlobal');
  if (poa !== undefined && description.arrays.length === 1 && description.arrays[0]?.tracker !== undefined) {
    renamed.set('array1.poaGlobal', poa);
  }
  return new Frame(frame.time, renamed);
}

/** A column in the unit `wanted`: converted, an energy per row as its mean power, an unnamed kW recognised by the rating. */
function inUnitOf(wanted: string, data: Float64Array, unit: string, frame: Frame, rating: number | undefined) {
  const spelt = canonicalUnit(unit) ?? unit;
  if (spelt === wanted) return { data, unit: wanted };
  if (isCompatibleUnit(spelt, wanted)) {
    return { data: new Frame(frame.time, { x: { data, unit: spelt } }).inUnit('x', wanted).column('x'), unit: wanted };
  }
  if (wanted === 'W' && isCompatibleUnit(spelt, 'Wh')) {
    const hours = usualStep(frame.time) / HOUR;
    const energy = new Frame(frame.time, { x: { data, unit: spelt } }).inUnit('x', 'Wh').column('x');
    return { data: energy.map((value) => value / hours), unit: wanted };
  }
  if (wanted === 'W' && rating !== undefined) {
    const most =
      data
        .filter((value) => value > 0)
        .sort()
        .at(-1) ?? 0;
    if (most > 0 && most < rating / 100) return { data: data.map((value) => value * 1000), unit: wanted };
  }
  return { data, unit: wanted };
}
