import { quote, TwinergyError } from '../../core/index.js';
import { pow } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import type { ActiveFault } from '../faults/index.js';

/** What ails an array. */
export interface ArrayCondition {
  /** Severity of soiling (the rate), of snow, of shade; 0…1. */
  soiling: number;
  snow: number;
  shade: number;
  /** Factors on the diode parameters; `pid` is a severity. */
  photocurrent: number;
  saturation: number;
  series: number;
  pid: number;
  /** Angle at which the tracker is stuck, as a share of the greatest; negative when it moves. */
  stall: number;
}

/** What ails a string. */
export interface StringCondition {
  /** Cell groups that are shorted. */
  shorted: number;
  /** Severity of an open bypass diode with a hot cell. */
  hotSpot: number;
  /** Severity of cracks. */
  crack: number;
  open: boolean;
  /** Severity of a fault that bridges modules. */
  bridged: number;
}

/** What ails an inverter. */
export interface InverterCondition {
  /** Share of the way from the maximum power point to open circuit. */
  mpptOffset: number;
  /** Factor on the thermal resistance of the heat sink. */
  thermalResistance: number;
  /** Share of the DC power lost on top. */
  extraLoss: number;
  off: boolean;
  /** Lowest insulation resistance of its strings, kΩ. */
  insulation: number;
}

/** Insulation resistance of a sound and a broken array, kΩ. */
const INSULATION = { sound: 2000, broken: 20 } as const;

/**
 * The condition of a plant: what all its faults together do to each part. Faults compose: factors multiply, losses of
 * the same kind add.
 */
export class PlantCondition {
  readonly arrays: readonly ArrayCondition[];
  readonly strings: readonly StringCondition[];
  readonly inverters: readonly InverterCondition[];
  readonly battery = { capacity: 1, resistance: 1, imbalance: 0, selfHeating: 0 };
  /** Severity of failed ventilation. */
  cooling = 0;
  /** Extra AC loss at rated power, as a fraction of it. */
  acLoss = 0;
  /** Limit of the AC power by curtailment, as a fraction of the rating. */
  limit = 1;
  /** Whether the strings of an array differ. */
  readonly uneven: boolean[];
  readonly #plant: Plant;
  readonly #faults: readonly { readonly fault: ActiveFault; readonly targets: readonly number[] }[];

  /** @throws TwinergyError `TWIN_BAD_FAULT` where a target is not there or a fault cannot act on this plant */
  constructor(plant: Plant, faults: readonly ActiveFault[]) {
    this.#plant = plant;
    this.arrays = plant.arrays.map(() => ({
      soiling: 0,
      snow: 0,
      shade: 0,
      photocurrent: 1,
      saturation: 1,
      series: 1,
      pid: 0,
      stall: -1,
    }));
    this.strings = plant.strings.map(() => ({ shorted: 0, hotSpot: 0, crack: 0, open: false, bridged: 0 }));
    this.inverters = plant.inverters.map(() => ({
      mpptOffset: 0,
      thermalResistance: 1,
      extraLoss: 0,
      off: false,
      insulation: INSULATION.sound,
    }));
    this.uneven = plant.arrays.map(() => false);
    this.#faults = faults.map((fault) => ({ fault, targets: targetsOf(plant, fault) }));
    this.update();
  }

  /** Takes the faults' present severities. */
  update(): void {
    for (const array of this.arrays) {
      array.soiling = array.snow = array.shade = array.pid = 0;
      array.photocurrent = array.saturation = array.series = 1;
      array.stall = -1;
    }
    for (const string of this.strings) {
      string.shorted = string.hotSpot = string.crack = string.bridged = 0;
      string.open = false;
    }
    for (const inverter of this.inverters) {
      inverter.mpptOffset = inverter.extraLoss = 0;
      inverter.thermalResistance = 1;
      inverter.off = false;
      inverter.insulation = INSULATION.sound;
    }
    Object.assign(this.battery, { capacity: 1, resistance: 1, imbalance: 0, selfHeating: 0 });
    this.cooling = this.acLoss = 0;
    this.limit = 1;
    this.uneven.fill(false);
    for (const { fault, targets } of this.#faults) {
      if (fault.severity > 0) for (const target of targets) this.#apply(fault.definition.id, fault.severity, target);
    }
  }

  #apply(id: string, s: number, target: number): void {
    const array = this.arrays[target];
    const string = this.strings[target];
    const inverter = this.inverters[target];
    switch (id) {
      case 'soiling':
        if (array) array.soiling = Math.max(array.soiling, s);
        break;
      case 'snow':
        if (array) array.snow = Math.max(array.snow, s);
        break;
      case 'shading':
        if (array) array.shade = Math.max(array.shade, s);
        break;
      case 'pid':
        if (array) array.pid = Math.max(array.pid, s);
        break;
      case 'lid':
        if (array) array.photocurrent *= 1 - 0.03 * s;
        break;
      case 'letid':
        if (array) {
          array.photocurrent *= 1 - 0.04 * s;
          array.saturation *= 1 + 2 * s;
        }
        break;
      case 'discolouration':
        if (array) array.photocurrent *= 1 - 0.1 * s;
        break;
      case 'series-resistance':
        if (array) array.series *= 1 + 4 * s;
        break;
      case 'tracker-stall':
        if (array) array.stall = s;
        break;
      case 'bypass-short':
        if (string) {
          const groups = this.#groups(target);
          string.shorted += Math.max(1, Math.round(s * groups));
          this.#markUneven(target);
        }
        break;
      case 'hot-spot':
        if (string) string.hotSpot = Math.max(string.hotSpot, s);
        this.#markUneven(target);
        break;
      case 'cell-crack':
        if (string) string.crack = Math.max(string.crack, s);
        this.#markUneven(target);
        break;
      case 'string-open':
        if (string) string.open = true;
        this.#markUneven(target);
        break;
      case 'ground-fault':
        if (string) {
          string.bridged = Math.max(string.bridged, s);
          const owner = this.#plant.arrays[this.#plant.strings[target]?.array ?? -1];
          const own = this.inverters[owner?.inverter ?? -1];
          if (own)
            own.insulation = Math.min(own.insulation, INSULATION.sound * pow(INSULATION.broken / INSULATION.sound, s));
          this.#markUneven(target);
        }
        break;
      case 'mppt-fault':
        if (inverter) inverter.mpptOffset = Math.max(inverter.mpptOffset, 0.6 * s);
        break;
      case 'inverter-derating':
        if (inverter) inverter.thermalResistance *= 1 + 2 * s;
        break;
      case 'inverter-efficiency':
        if (inverter) inverter.extraLoss = 1 - (1 - inverter.extraLoss) * (1 - 0.25 * s);
        break;
      case 'inverter-trip':
      case 'planned-outage':
        if (inverter) inverter.off = true;
        break;
      case 'ac-loss':
        this.acLoss += 0.15 * s;
        break;
      case 'battery-capacity-fade':
        this.battery.capacity *= 1 - 0.5 * s;
        break;
      case 'battery-resistance':
        this.battery.resistance *= 1 + 4 * s;
        break;
      case 'battery-imbalance':
        this.battery.imbalance = Math.max(this.battery.imbalance, 0.4 * s);
        break;
      case 'battery-thermal':
        this.battery.selfHeating += 65 * s;
        break;
      case 'cooling':
        this.cooling = Math.max(this.cooling, s);
        break;
      case 'curtailment':
        this.limit = Math.min(this.limit, 1 - s);
        break;
    }
  }

  #groups(string: number): number {
    return this.#plant.arrays[this.#plant.strings[string]?.array ?? -1]?.cellGroups ?? 1;
  }

  #markUneven(string: number): void {
    const array = this.#plant.strings[string]?.array;
    if (array !== undefined) this.uneven[array] = true;
  }
}

/** Faults that no list of parts names: they act on the whole plant or the environment, once. */
const ONCE = [0];

function targetsOf(plant: Plant, { definition, request }: ActiveFault): readonly number[] {
  const { id, acts } = definition;
  const refuse = (message: string, hint?: string): never => {
    throw new TwinergyError('TWIN_BAD_FAULT', `The fault ${quote(id)} ${message}.`, {
      path: 'target',
      value: request.target,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (acts === 'battery') return plant.battery === undefined ? refuse('needs a battery, and the plant has none') : ONCE;
  if (id === 'planned-outage') return plant.inverters.map((_, i) => i);
  if (acts === 'plant') return ONCE;
  const parts = acts === 'array' ? plant.arrays : acts === 'inverter' ? plant.inverters : plant.strings;
  let targets: number[];
  if (request.target === undefined) targets = acts === 'string' ? [0] : parts.map((_, i) => i);
  else {
    const found = parts.findIndex((part) => part.id === request.target);
    if (found < 0)
      refuse(
        `acts on a part that there is not, ${quote(request.target)}`,
        `Known: ${parts.map((part) => part.id).join(', ')}.`,
      );
    targets = [found];
  }
  if (id === 'tracker-stall') {
    targets = targets.filter((target) => plant.arrays[target]?.tracker !== undefined);
    if (targets.length === 0) refuse('needs an array with a tracker');
  }
  return targets;
}
