import { exp } from '../../core/math/index.js';
import type { AssetRun } from '../asset-model.js';
import { PackAgeing } from '../battery/ageing.js';
import { batteryRequest } from '../battery/dispatch.js';
import { BatteryPack, type PackCondition } from '../battery/pack.js';
import type { Plant } from '../description/plant.js';
import type { ActiveFault } from '../faults/index.js';
import { ArrayRun } from './array-run.js';
import { PlantCondition } from './condition.js';
import { input } from './inputs.js';
import { InverterRun } from './inverter-run.js';

/** Irradiation over which the panel health forgets, Wh/m²: about a fair day. */
const HEALTH_MEMORY = 4000;
/** Rise of the AC voltage at rated power in a sound installation, as a fraction. */
const VOLTAGE_RISE = 0.015;

/** One simulation of a solar plant: light → strings → inverters → lines → loads, battery and grid. */
export class PlantRun implements AssetRun {
  readonly #plant: Plant;
  readonly #condition: PlantCondition;
  readonly #arrays: readonly ArrayRun[];
  readonly #inverters: readonly InverterRun[];
  readonly #battery: BatteryPack | undefined;
  readonly #ageing: PackAgeing | undefined;
  /** Age and faults of the battery together. */
  readonly #pack: PackCondition = { capacity: 1, resistance: 1, imbalance: 0, selfHeating: 0 };
  /** Light-weighted ratio of the arrays' power to that of sound ones. */
  #health = 1;

  constructor(plant: Plant, faults: readonly ActiveFault[]) {
    this.#plant = plant;
    this.#condition = new PlantCondition(plant, faults);
    this.#arrays = plant.arrays.map((_, a) => new ArrayRun(plant, a));
    this.#inverters = plant.inverters.map((inverter) => new InverterRun(inverter, this.#arrays));
    this.#battery =
      plant.battery === undefined ? undefined : new BatteryPack(plant.battery, plant.battery.initialStateOfCharge);
    this.#ageing = plant.battery === undefined ? undefined : new PackAgeing(plant.battery.chemistry);
  }

  step(time: number, seconds: number, inputs: Float64Array, out: Float64Array): void {
    const plant = this.#plant;
    const condition = this.#condition;
    condition.update();
    const pack = Object.assign(this.#pack, condition.battery);
    if (this.#ageing !== undefined) {
      pack.capacity *= this.#ageing.capacity;
      pack.resistance *= this.#ageing.resistance;
    }
    const air = inputs[input.airTemperature] as number;

    let poa = 0;
    let cells = 0;
    let peak = 0;
    let available = 0;
    let sound = 0;
    this.#arrays.forEach((run, a) => {
      const ailing = condition.arrays[a];
      if (ailing === undefined) return;
      run.step(seconds, inputs, ailing, condition.strings, condition.uneven[a] === true);
      const weight = run.array.modulesPerString * run.array.strings.length;
      poa += run.poa * weight;
      cells += run.cellTemperature * weight;
      peak += weight;
      available += run.available;
      sound += run.sound;
    });
    poa /= peak;
    if (poa > 50 && sound > 0) {
      const memory = exp((-poa * seconds) / 3600 / HEALTH_MEMORY);
      this.#health = available / sound + (this.#health - available / sound) * memory;
    }

    let ac = 0;
    this.#inverters.forEach((run, i) => {
      const ailing = condition.inverters[i];
      if (ailing === undefined) return;
      run.run(seconds, air, condition.cooling, ailing);
      run.curtail(condition.limit * run.inverter.acRating);
      ac += run.acPower;
    });
    const load = inputs[input.load] as number;
    const room = 12 + 0.5 * air;
    ac = this.#balance(ac, load, seconds, inputs[input.hour] as number, room + condition.cooling * 20);

    let dc = 0;
    let hottest = Number.NEGATIVE_INFINITY;
    for (const run of this.#inverters) {
      run.finish();
      dc += run.dcPower;
      hottest = Math.max(hottest, run.enclosure);
    }
    if (this.#battery !== undefined) {
      this.#ageing?.note(time, this.#battery.stateOfCharge(pack), this.#battery.state.temperature);
    }
    const acLoss = this.#lineLoss(ac);
    const meter = ac - acLoss;
    const battery = this.#battery;
    if (battery !== undefined) hottest = Math.max(hottest, battery.state.temperature);
    const batteryPower = battery?.flow.acPower ?? 0;
    const grid = meter - load - batteryPower;

    const nominal = plant.grid.voltage;
    const share = ac / plant.acRating;
    const acVoltage = nominal * (1 + (VOLTAGE_RISE + condition.acLoss) * Math.max(0, share));
    const mayMeasureEfficiency = dc > 0.1 * plant.acRating;

    let c = 0;
    const put = (value: number) => {
      out[c++] = value;
    };
    put(ac);
    put(hottest);
    if (battery !== undefined) put(100 * battery.stateOfCharge(pack));
    put(acVoltage);
    put(Math.abs(ac) / (acVoltage * (plant.grid.phases === 3 ? Math.sqrt(3) : 1)));
    put(poa);
    put(mayMeasureEfficiency ? (100 * ac) / dc : Number.NaN);
    put(100 * Math.min(1, this.#health));
    put(inputs[input.windSpeed] as number);
    put(inputs[input.humidity] as number);
    put(poa);
    put(inputs[input.ghi] as number);
    put(air);
    put(cells / peak);
    put(inputs[input.precipitation] as number);
    put(dc);
    put(ac);
    put(meter);
    if (this.#arrays.length > 1 || this.#arrays.some((run) => run.array.tracker !== undefined)) {
      for (const run of this.#arrays) {
        put(run.poa);
        put(run.cellTemperature);
        if (run.array.tracker !== undefined) put(run.angle);
      }
    }
    for (const run of this.#arrays) put(run.hottest);
    this.#inverters.forEach((run, i) => {
      put(run.dcPower);
      put(run.acPower);
      put(run.voltage);
      put(run.heatSink);
      put(condition.inverters[i]?.insulation ?? 0);
    });
    for (const run of this.#arrays) {
      for (const mppt of run.inputs) {
        mppt.strings.forEach((_, place) => {
          put(mppt.now.voltage);
          put(mppt.currentOf(place));
        });
      }
    }
    if (plant.loads.length > 0) put(load);
    if (plant.loads.length > 0 || battery !== undefined) put(grid);
    if (battery !== undefined) {
      put(battery.flow.acPower);
      put(battery.flow.voltage);
      put(battery.flow.current);
      put(battery.state.temperature);
    }

    for (const run of this.#arrays) {
      put(run.state.dust);
      put(run.state.snow);
    }
    if (battery !== undefined) put(battery.testedCapacity(pack));
    put(mayMeasureEfficiency ? ac / dc : Number.NaN);
    put(1 - Math.min(1, this.#health));
    const sum = (pick: (run: InverterRun) => number) => this.#inverters.reduce((total, run) => total + pick(run), 0);
    put(available);
    put(sum((run) => run.trackingLoss));
    put(sum((run) => run.outage));
    put(sum((run) => run.clipped));
    put(sum((run) => run.curtailed));
    put(dc - ac);
    put(acLoss);
    put(load);
    put(grid);
    if (battery !== undefined) {
      put(battery.flow.chemicalPower);
      put(battery.flow.heat + battery.flow.converterLoss);
    }
  }

  #lineLoss(ac: number): number {
    const { acRating, grid } = this.#plant;
    return Math.max(0, ac) ** 2 * ((grid.lossAtRating + this.#condition.acLoss) / acRating);
  }

  /** Runs the battery and keeps to the export limit; returns the inverters' AC power. */
  #balance(ac: number, load: number, seconds: number, hour: number, room: number): number {
    const plant = this.#plant;
    const meter = ac - this.#lineLoss(ac);
    const battery = this.#battery;
    if (battery !== undefined && plant.battery !== undefined) {
      const request = batteryRequest(plant.battery.strategy, meter - load, hour);
      // The reserve is counted as charge drawn from a new battery, as energy managers do.
      const deepest = (1 - plant.battery.reserve) * plant.battery.capacity;
      battery.advance(request, seconds, deepest, room, this.#pack);
    }
    const allowed = plant.grid.exportLimit + load + (battery?.flow.acPower ?? 0);
    if (meter <= allowed) return ac;
    // The loss grows with the square of the power: solve p − k p² = allowed.
    const k = (plant.grid.lossAtRating + this.#condition.acLoss) / plant.acRating;
    const limit = k > 0 ? (2 * allowed) / (1 + Math.sqrt(Math.max(0, 1 - 4 * k * allowed))) : allowed;
    let total = 0;
    for (const run of this.#inverters) {
      run.curtail((limit * run.acPower) / ac);
      total += run.acPower;
    }
    return total;
  }

  save(): number[] {
    const state = [this.#health];
    for (const { state: array } of this.#arrays)
      state.push(array.dust, array.rain, array.snow, array.snowed, array.recovered);
    // A heat sink that has not been run yet has no temperature: absolute zero stands for it.
    for (const run of this.#inverters) state.push(Number.isNaN(run.heatSink) ? -273.15 : run.heatSink);
    if (this.#battery !== undefined) state.push(this.#battery.state.drawn, this.#battery.state.temperature);
    if (this.#ageing !== undefined) state.push(...this.#ageing.save());
    return state;
  }

  load(state: readonly number[]): void {
    let i = 0;
    const take = () => state[i++] ?? 0;
    this.#health = take();
    for (const { state: array } of this.#arrays) {
      array.dust = take();
      array.rain = take();
      array.snow = take();
      array.snowed = take();
      array.recovered = take();
    }
    for (const run of this.#inverters) {
      const temperature = take();
      run.heatSink = temperature === -273.15 ? Number.NaN : temperature;
    }
    if (this.#battery !== undefined) {
      this.#battery.state.drawn = take();
      this.#battery.state.temperature = take();
    }
    this.#ageing?.load(take);
  }
}
