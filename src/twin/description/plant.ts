import { quote, TimeZone, TwinergyError } from '../../core/index.js';
import { validate } from '../../core/validate.js';
import { type BatteryParameters, batteries } from '../library/batteries.js';
import { type InverterParameters, inverters } from '../library/inverters.js';
import { type ModuleParameters, modules } from '../library/modules.js';
import type { DeSotoModule, SandiaInverter } from '../solar/index.js';
import { type PlantDescription, plantSchema } from './schema.js';

/** A single-axis tracker with every default filled in; angles in degrees. */
export interface Tracker {
  readonly axisTilt: number;
  readonly axisAzimuth: number;
  readonly maxAngle: number;
  readonly groundCoverageRatio: number;
  readonly backtrack: boolean;
}

/** An array: strings of one module type in one plane on one inverter. */
export interface PlantArray {
  readonly id: string;
  readonly tilt: number;
  readonly azimuth: number;
  readonly tracker: Tracker | undefined;
  readonly modulesPerString: number;
  readonly module: DeSotoModule;
  /** Groups of cells in a module that a bypass diode bridges. */
  readonly cellGroups: number;
  /** Index of the inverter. */
  readonly inverter: number;
  /** Whether each string has its own maximum power point tracker. */
  readonly ownTrackers: boolean;
  /** Faiman's heat-loss coefficients, W/(m²·K) and W·s/(m³·K). */
  readonly u0: number;
  readonly u1: number;
  /** Indices of its strings in the plant's list. */
  readonly strings: readonly number[];
}

/** A string of modules in series. */
export interface PlantString {
  readonly id: string;
  /** Index of the array. */
  readonly array: number;
}

/** An inverter with its thermal figures. */
export interface PlantInverter extends InverterParameters {
  /** The same in the names of the Sandia model. */
  readonly sandia: SandiaInverter;
  readonly id: string;
  readonly heatSinkRise: number;
  readonly enclosureRise: number;
  readonly deratingStart: number;
  /** Indices of the arrays on it. */
  readonly arrays: readonly number[];
}

/** How the battery is run. */
export type DispatchStrategy =
  | { readonly kind: 'self-consumption' }
  | { readonly kind: 'peak-shaving'; readonly importLimit: number }
  | { readonly kind: 'schedule'; readonly hours: readonly { readonly from: number; readonly power: number }[] };

/** The battery of a plant. */
export interface PlantBattery extends BatteryParameters {
  readonly strategy: DispatchStrategy;
  readonly reserve: number;
  readonly initialStateOfCharge: number;
}

/** A consumer behind the meter. */
export interface PlantLoad {
  readonly id: string;
  readonly annualEnergy: number;
  readonly profile: 'household' | 'office' | 'constant';
}

/** A plant description, checked, with every default filled in and every reference resolved: the asset graph. */
export interface Plant {
  readonly id: string;
  readonly name: string;
  readonly site: {
    readonly latitude: number;
    readonly longitude: number;
    readonly altitude: number;
    readonly timeZone: string;
    readonly albedo: number;
    /** Linke turbidity by month, 12 numbers. */
    readonly linkeTurbidity: readonly number[];
  };
  readonly arrays: readonly PlantArray[];
  readonly strings: readonly PlantString[];
  readonly inverters: readonly PlantInverter[];
  readonly battery: PlantBattery | undefined;
  readonly loads: readonly PlantLoad[];
  readonly grid: {
    readonly voltage: number;
    readonly phases: 1 | 3;
    readonly exportLimit: number;
    readonly lossAtRating: number;
  };
  /** Sum of the inverters' AC ratings, W. */
  readonly acRating: number;
}

function fail(path: string, message: string, value?: unknown, hint?: string): never {
  throw new TwinergyError('TWIN_BAD_DESCRIPTION', `The plant description at ${path} ${message}.`, {
    path,
    value,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A component by its library name, or the one that was given in full. */
function lookUp<Item extends object>(
  given: string | Item,
  library: Readonly<Record<string, Item>>,
  path: string,
  what: string,
): Item {
  if (typeof given !== 'string') return given;
  if (Object.hasOwn(library, given)) return library[given] as Item;
  return fail(
    path,
    `names no ${what} of the library, got ${quote(given)}`,
    given,
    `Known: ${Object.keys(library).join(', ')}.`,
  );
}

function checkTimeZone(timeZone: string): void {
  try {
    new TimeZone(timeZone);
  } catch {
    fail('site.timeZone', `names no IANA time zone, got ${quote(timeZone)}`, timeZone, 'For example "Europe/Berlin".');
  }
}

const mountings = {
  // Faiman (2008) for open racks; the roof values are PVsyst's for modules with little air behind them.
  rack: { u0: 25, u1: 6.84 },
  roof: { u0: 20, u1: 0 },
} as const;

/**
 * Checks a description and fills in what it leaves open.
 * @throws TwinergyError `TWIN_BAD_DESCRIPTION` with the path of the fault, such as `arrays[1].tilt`
 */
export function readPlant(input: PlantDescription): Plant {
  const description = validate(plantSchema, input, 'TWIN_BAD_DESCRIPTION', 'plant description');
  const { site } = description;
  const timeZone = site.timeZone ?? 'UTC';
  checkTimeZone(timeZone);

  const inverterIds = description.inverters.map((entry, i) => entry.id ?? `inverter${i + 1}`);
  const duplicate = inverterIds.findIndex((id, i) => inverterIds.indexOf(id) !== i);
  if (duplicate >= 0) fail(`inverters[${duplicate}].id`, 'is used twice', inverterIds[duplicate]);

  const strings: PlantString[] = [];
  const arrays = description.arrays.map((array, a): PlantArray => {
    const path = `arrays[${a}]`;
    if (array.tracker === undefined && array.tilt === undefined)
      fail(`${path}.tilt`, 'is missing; give tilt and azimuth, or a tracker');
    if (array.tracker !== undefined && (array.tilt !== undefined || array.azimuth !== undefined)) {
      fail(`${path}.tilt`, 'cannot stand beside a tracker', array.tilt ?? array.azimuth);
    }
    if (array.tracker === undefined && array.azimuth === undefined && (array.tilt ?? 0) > 0)
      fail(`${path}.azimuth`, 'is missing');
    let inverter = description.inverters.length === description.arrays.length ? a : 0;
    if (array.inverter !== undefined) {
      inverter = inverterIds.indexOf(array.inverter);
      if (inverter < 0) {
        fail(
          `${path}.inverter`,
          `names no inverter, got ${quote(array.inverter)}`,
          array.inverter,
          `Known: ${inverterIds.join(', ')}.`,
        );
      }
    }
    const mounting = array.mounting ?? 'rack';
    const { u0, u1 } = typeof mounting === 'string' ? mountings[mounting] : mounting;
    const module: ModuleParameters = lookUp<ModuleParameters>(array.module, modules, `${path}.module`, 'module');
    const first = strings.length;
    for (let s = 0; s < array.strings; s++) strings.push({ id: `string${strings.length + 1}`, array: a });
    return {
      id: array.id ?? `array${a + 1}`,
      tilt: array.tilt ?? 0,
      azimuth: array.azimuth ?? 180,
      tracker:
        array.tracker === undefined
          ? undefined
          : {
              axisTilt: array.tracker.axisTilt ?? 0,
              axisAzimuth: array.tracker.axisAzimuth ?? 180,
              maxAngle: array.tracker.maxAngle ?? 60,
              groundCoverageRatio: array.tracker.groundCoverageRatio ?? 0.35,
              backtrack: array.tracker.backtrack ?? true,
            },
      modulesPerString: array.modulesPerString,
      module: {
        photocurrentRef: module.photocurrent,
        saturationCurrentRef: module.saturationCurrent,
        seriesResistance: module.seriesResistance,
        shuntResistanceRef: module.shuntResistance,
        aRef: module.modifiedIdealityFactor,
        alphaSc: module.alphaSc,
        bandGapRef: module.bandGap ?? 1.121,
        bandGapSlope: module.bandGapSlope ?? -0.0002677,
      },
      cellGroups: module.cellGroups ?? 3,
      inverter,
      ownTrackers: array.mppt === 'string',
      u0,
      u1,
      strings: Array.from({ length: array.strings }, (_, s) => first + s),
    };
  });

  const plantInverters = description.inverters.map((entry, i): PlantInverter => {
    const path = `inverters[${i}]`;
    const parameters: InverterParameters = lookUp<InverterParameters>(
      entry.model,
      inverters,
      `${path}.model`,
      'inverter',
    );
    if (parameters.mpptHigh <= parameters.mpptLow)
      fail(`${path}.model.mpptHigh`, 'must be above mpptLow', parameters.mpptHigh);
    const own = arrays.flatMap((array, a) => (array.inverter === i ? [a] : []));
    if (own.length === 0) fail(path, 'has no array');
    return {
      ...parameters,
      sandia: {
        pAc0: parameters.acRating,
        pDc0: parameters.dcRating,
        vDc0: parameters.dcVoltage,
        pS0: parameters.startPower,
        c0: parameters.c0,
        c1: parameters.c1,
        c2: parameters.c2,
        c3: parameters.c3,
        pNight: parameters.nightTare,
      },
      id: inverterIds[i] as string,
      heatSinkRise: entry.heatSinkRise ?? 25,
      enclosureRise: entry.enclosureRise ?? 6,
      deratingStart: entry.deratingStart ?? 75,
      arrays: own,
    };
  });

  const acRating = plantInverters.reduce((sum, inverter) => sum + inverter.acRating, 0);
  const entry = description.battery;
  const battery: PlantBattery | undefined =
    entry === undefined
      ? undefined
      : {
          ...lookUp<BatteryParameters>(entry.model, batteries, 'battery.model', 'battery'),
          strategy: entry.strategy ?? { kind: 'self-consumption' },
          reserve: entry.reserve ?? 0.1,
          initialStateOfCharge: entry.initialStateOfCharge ?? 0.5,
        };
  const turbidity = site.linkeTurbidity ?? 3;
  return {
    id: description.id,
    name: description.name ?? description.id,
    site: {
      latitude: site.latitude,
      longitude: site.longitude,
      altitude: site.altitude ?? 0,
      timeZone,
      albedo: site.albedo ?? 0.2,
      linkeTurbidity: typeof turbidity === 'number' ? new Array<number>(12).fill(turbidity) : turbidity,
    },
    arrays,
    strings,
    inverters: plantInverters,
    battery,
    loads: (description.loads ?? []).map((load, i) => ({
      id: load.id ?? `load${i + 1}`,
      annualEnergy: load.annualEnergy,
      profile: load.profile ?? 'household',
    })),
    grid: {
      voltage: description.grid?.voltage ?? 400,
      phases: description.grid?.phases ?? 3,
      exportLimit: description.grid?.exportLimit ?? Number.POSITIVE_INFINITY,
      lossAtRating: description.grid?.lossAtRating ?? 0.01,
    },
    acRating,
  };
}
