import type { Plant } from '../description/plant.js';
import { ArrayFilter, type ArrayInput, newArrayInput } from './array-filter.js';
import { BatteryFilter, type BatteryInput } from './battery-filter.js';
import type { HealthEstimate, HealthQuantity } from './health-filter.js';
import { InverterFilter, type InverterInput } from './inverter-filter.js';
import { soilingParticles } from './soiling-particles.js';
import { stringGains } from './string-gains.js';
import type { Wiring } from './wiring.js';

/** Where a part's numbers stand in the memory, and the channels and stages that are its. */
export interface ArrayPart {
  readonly filter: ArrayFilter;
  readonly input: ArrayInput;
  readonly at: number;
  readonly soiling: number;
  /** Place of the loss by dirt among the quantities. */
  readonly dirt: number;
  readonly strings: number;
  readonly count: number;
  readonly lightChannel: number;
  readonly moduleChannel: number;
  readonly currents: readonly number[];
  readonly voltages: readonly number[];
  readonly firstStage: number;
  readonly inverter: number;
  /** Share of its inverter's DC power in a sound plant. */
  readonly share: number;
  /** Mean current of a usual string; NaN without string currents. */
  usual: number;
}

/** The same of an inverter. */
export interface InverterPart {
  readonly filter: InverterFilter;
  readonly input: InverterInput;
  readonly at: number;
  readonly dcChannel: number;
  readonly acChannel: number;
  readonly heatChannel: number;
  readonly voltageChannel: number;
  readonly arrays: readonly number[];
  readonly startPower: number;
  readonly dcStage: number;
}

/** The same of the battery. */
export interface BatteryPart {
  readonly filter: BatteryFilter;
  readonly input: BatteryInput;
  readonly at: number;
}

/** Writes what a memory holds of one quantity. */
export type QuantityPlace = (memory: Float64Array, out: HealthEstimate) => void;

/** The parts of a plant's filter, and what they know of in which places of the memory. */
export interface PlantParts {
  readonly arrays: readonly ArrayPart[];
  readonly inverters: readonly InverterPart[];
  readonly battery: BatteryPart | undefined;
  readonly quantities: readonly HealthQuantity[];
  readonly places: readonly QuantityPlace[];
  readonly memorySize: number;
}

/** Lays out the filter of a plant: its parts one after the other in the memory, whose first number is the day. */
export function layOutParts(plant: Plant, wiring: Wiring, stages: readonly string[]): PlantParts {
  let size = 1;
  const take = (count: number) => {
    size += count;
    return size - count;
  };
  const stage = (name: string) => stages.indexOf(name);
  const quantities: HealthQuantity[] = [];
  const places: QuantityPlace[] = [];
  const alone = plant.arrays.length === 1;
  const peak = plant.arrays.map((array) => array.strings.length * array.modulesPerString);
  const arrays = plant.arrays.map((array, a): ArrayPart => {
    const filter = new ArrayFilter(array);
    const at = take(ArrayFilter.memorySize);
    const soiling = take(soilingParticles.memorySize);
    const count = array.strings.length;
    const strings = take(count * stringGains.width);
    const own = plant.inverters[array.inverter]?.arrays ?? [];
    filter.quantities().forEach((quantity, k) => {
      quantities.push(quantity);
      places.push((memory, out) => filter.estimate(memory.subarray(at), k, out));
    });
    const dirt = quantities.length;
    soilingParticles.quantities(array.id).forEach((quantity, k) => {
      quantities.push(quantity);
      places.push((memory, out) => soilingParticles.estimate(memory.subarray(soiling), k, out));
    });
    const ids = array.strings.map((s) => plant.strings[s]?.id ?? '');
    if (count > 1) {
      ids.forEach((id, k) => {
        const title = `Current of ${id} against its neighbours`;
        quantities.push({ name: `${id}.gain`, unit: '1', title, sound: 0, prior: stringGains.prior });
        places.push((memory, out) => {
          const gains = memory.subarray(strings);
          out.mean = stringGains.gain(gains, k);
          out.sd = Math.sqrt(stringGains.variance(gains, k));
          out.evidence = stringGains.evidence(gains, k);
        });
      });
    }
    const ownLight = wiring.of(`${array.id}.poaGlobal`);
    return {
      filter,
      input: newArrayInput(),
      at,
      soiling,
      dirt,
      strings,
      count,
      lightChannel: ownLight >= 0 ? ownLight : wiring.of('poaGlobal'),
      moduleChannel: alone ? wiring.of('moduleTemperature') : wiring.of(`${array.id}.moduleTemperature`),
      currents: ids.map((id) => wiring.of(`${id}.dcCurrent`)),
      voltages: ids.map((id) => wiring.of(`${id}.dcVoltage`)),
      firstStage: stage(`${ids[0]}.dcCurrent`),
      inverter: array.inverter,
      share: (peak[a] as number) / own.reduce((sum, other) => sum + (peak[other] as number), 0),
      usual: Number.NaN,
    };
  });
  const inverters = plant.inverters.map((inverter, i): InverterPart => {
    const filter = new InverterFilter(inverter);
    const at = take(InverterFilter.memorySize);
    filter.quantities().forEach((quantity, k) => {
      quantities.push(quantity);
      places.push((memory, out) => filter.estimate(memory.subarray(at), k, out));
    });
    return {
      filter,
      input: newInverterInput(),
      at,
      dcChannel: wiring.of(`${inverter.id}.dcPower`),
      acChannel: wiring.of(`${inverter.id}.acPower`),
      heatChannel: wiring.of(`${inverter.id}.heatSinkTemperature`),
      voltageChannel: wiring.of(`${inverter.id}.dcVoltage`),
      arrays: plant.arrays.flatMap((array, a) => (array.inverter === i ? [a] : [])),
      startPower: inverter.startPower,
      dcStage: stage(`${inverter.id}.dcPower`),
    };
  });
  let battery: BatteryPart | undefined;
  if (plant.battery !== undefined) {
    const filter = new BatteryFilter(plant.battery);
    const at = take(BatteryFilter.memorySize);
    filter.quantities().forEach((quantity, k) => {
      quantities.push(quantity);
      places.push((memory, out) => filter.estimate(memory.subarray(at), k, out));
    });
    battery = { filter, at, input: newBatteryInput() };
  }
  return { arrays, inverters, battery, quantities, places, memorySize: size };
}

const newInverterInput = (): InverterInput => ({
  power: 0,
  powerDeviation: 0,
  voltage: 0,
  air: 0,
  airDeviation: 0,
  acPower: 0,
  acVariance: 0,
  heatSink: 0,
  heatSinkVariance: 0,
  efficiency: 0,
  efficiencyVariance: 0,
  limited: false,
});

const newBatteryInput = (): BatteryInput => ({
  current: 0,
  currentDeviation: 0,
  temperature: 0,
  level: 0,
  levelVariance: 0,
  voltage: 0,
  voltageVariance: 0,
});
