import { exp, pow, sin } from '../../core/math/index.js';
import type { Plant, PlantArray } from '../description/plant.js';
import {
  cellTemperatureFaiman,
  maximumPowerPoint,
  type PowerPoint,
  type SingleDiode,
  singleDiodeDeSoto,
} from '../solar/index.js';
import type { ArrayCondition, StringCondition } from './condition.js';
import { planeIrradiance, trackerPlane } from './environment.js';
import { arrayInput, arrayStart, input } from './inputs.js';
import {
  networkMaximumPower,
  parallelCurrent,
  type StringCurve,
  stringCurrent,
  stringOpenVoltage,
} from './string-curve.js';

/** Azimuth that an obstacle stands at, and its half width, degrees. */
const OBSTACLE = { azimuth: 100, halfWidth: 20, height: 45 } as const;
/** Share of the shunt resistance that is left at full severity of PID. */
const SHUNT_LEFT = 0.015;
/** Rain within a day that washes the glass, mm (Kimber et al. 2006 use 6 for heavy dust). */
const WASHING_RAIN = 4;

/** State of an array that has a memory. */
export interface ArrayState {
  /** Share of the light that dust takes. */
  dust: number;
  /** Rain of the last day, mm, fading. */
  rain: number;
  /** Share of the array under snow. */
  snow: number;
  /** Whether the snow of the fault's onset has fallen. */
  snowed: number;
  /** PID that has recovered over night, as a share. */
  recovered: number;
}

/** A tracker input of an inverter as the inverter sees it. */
export interface DcInput {
  /** The greatest power that it could give. */
  readonly best: PowerPoint;
  /** Where it works. */
  readonly now: PowerPoint;
  /** Open-circuit voltage, V. */
  open(): number;
  /** Sets where it works to `voltage` V. */
  hold(voltage: number): void;
  /** Sets where it works to the voltage above the maximum power point at which it gives `power` W. */
  throttle(power: number): void;
}

/** A tracker input with the curves of its strings. */
export class MpptInput implements DcInput {
  readonly strings: readonly number[];
  curves: StringCurve[] = [];
  /** For each of `strings`, the index of its curve; −1 when it is open. */
  readonly curveOf: Int32Array;
  readonly best: PowerPoint = { voltage: 0, current: 0, power: 0 };
  readonly now: PowerPoint = { voltage: 0, current: 0, power: 0 };
  /** What the root finding leaves open between the current there and the sum of the strings' own, as a factor near 1. */
  #match = 1;

  constructor(strings: readonly number[]) {
    this.strings = strings;
    this.curveOf = new Int32Array(strings.length);
  }

  open(): number {
    let voltage = 0;
    for (const curve of this.curves) voltage = Math.max(voltage, stringOpenVoltage(curve));
    return voltage;
  }

  hold(voltage: number): void {
    this.#match = 1;
    this.now.voltage = voltage;
    this.now.current = parallelCurrent(this.curves, voltage);
    this.now.power = voltage * this.now.current;
  }

  throttle(power: number): void {
    let low = this.best.voltage;
    let high = this.open();
    for (let i = 0; i < 60 && high - low > 1e-9 * high; i++) {
      const middle = 0.5 * (low + high);
      if (middle * parallelCurrent(this.curves, middle) > power) low = middle;
      else high = middle;
    }
    this.now.voltage = 0.5 * (low + high);
    this.now.power = power;
    this.now.current = power / this.now.voltage;
    this.#match = this.curves.length > 1 ? this.now.current / parallelCurrent(this.curves, this.now.voltage) : 1;
  }

  /** Forgets where it worked in the last step. */
  begin(): void {
    this.#match = 1;
  }

  /** Current of the string at `place` of the input, A. */
  currentOf(place: number): number {
    const curve = this.curves[this.curveOf[place] as number];
    if (curve === undefined || this.now.power <= 0) return 0;
    if (this.curves.length === 1) return this.now.current / curve.parallel;
    return this.#match * stringCurrent(curve, this.now.voltage);
  }
}

/** One array in a simulation: light on the plane, cells, strings. */
export class ArrayRun {
  readonly array: PlantArray;
  readonly state: ArrayState = { dust: 0, rain: 0, snow: 0, snowed: 0, recovered: 0 };
  readonly inputs: readonly MpptInput[];
  /** Irradiance on the plane where the sensor is, W/m². */
  poa = 0;
  /** Rotation of the tracker, degrees. */
  angle = 0;
  cellTemperature = 0;
  hottest = 0;
  /** Greatest DC power at the present condition, and that of a sound array under the same light and temperature, W. */
  available = 0;
  sound = 0;
  readonly #albedo: number;
  readonly #start: number;
  readonly #stalled = new Float64Array(3);

  constructor(plant: Plant, index: number) {
    this.array = plant.arrays[index] as PlantArray;
    this.#albedo = plant.site.albedo;
    this.#start = arrayStart(index);
    const groups = this.array.ownTrackers ? this.array.strings.map((s) => [s]) : [[...this.array.strings]];
    this.inputs = groups.map((strings) => new MpptInput(strings));
  }

  /** Light, dust, snow, temperature and the greatest power of each tracker input at `time`. */
  step(
    seconds: number,
    inputs: Float64Array,
    condition: ArrayCondition,
    strings: readonly StringCondition[],
    uneven: boolean,
  ): void {
    const { array } = this;
    const at = this.#start;
    let beam = inputs[at + arrayInput.beam] as number;
    let diffuse = (inputs[at + arrayInput.sky] as number) + (inputs[at + arrayInput.ground] as number);
    this.poa = beam + diffuse;
    this.angle = inputs[at + arrayInput.angle] as number;
    if (condition.stall >= 0 && array.tracker !== undefined) {
      this.angle = condition.stall * array.tracker.maxAngle;
      planeIrradiance(inputs, trackerPlane(array.tracker, this.angle), this.#albedo, this.#stalled, 0);
      beam = this.#stalled[0] as number;
      diffuse = (this.#stalled[1] as number) + (this.#stalled[2] as number);
    }
    this.#weather(seconds, inputs, condition, beam + diffuse);

    const light = beam + diffuse;
    const wind = inputs[input.windSpeed] as number;
    this.cellTemperature = cellTemperatureFaiman(
      light,
      inputs[input.airTemperature] as number,
      wind,
      array.u0,
      array.u1,
    );
    this.hottest = this.cellTemperature;
    const transmitted = (1 - this.state.dust) * (1 - this.state.snow);
    const shaded = condition.shade > 0 && beam > 0 ? this.#shadedShare(inputs, condition.shade) : 0;
    this.#power(light * transmitted, diffuse * transmitted, shaded, condition, strings, uneven);
    this.sound = this.available;
    const altered =
      uneven ||
      shaded > 0 ||
      transmitted < 1 ||
      condition.stall >= 0 ||
      condition.pid > 0 ||
      condition.series !== 1 ||
      condition.photocurrent !== 1 ||
      condition.saturation !== 1;
    if (altered) this.sound = this.#soundPower(inputs);
  }

  #weather(seconds: number, inputs: Float64Array, condition: ArrayCondition, light: number): void {
    const { state } = this;
    const days = seconds / 86_400;
    state.rain = state.rain * exp(-days) + ((inputs[input.precipitation] as number) * seconds) / 3600;
    if (condition.soiling > 0) {
      if (state.rain >= WASHING_RAIN) state.dust = 0;
      else if ((inputs[input.precipitation] as number) === 0)
        state.dust = Math.min(0.35, state.dust + 0.01 * condition.soiling * days);
    } else state.dust = 0;

    if (condition.snow > 0) {
      const temperature = inputs[input.airTemperature] as number;
      if (state.snowed === 0 || (inputs[input.snowfall] as number) > 0.5) {
        state.snow = condition.snow;
        state.snowed = 1;
      } else if (temperature > light / -80) {
        // Snow slides where air temperature exceeds irradiance / −80 W/(m²·K), by 0.197·sin(tilt) of the slope an hour
        // (Marion et al. 2013).
        const slope = sin((array90(this.array.tilt) * Math.PI) / 180);
        state.snow = Math.max(0, state.snow - 0.197 * slope * (seconds / 3600));
      }
    } else {
      state.snow = 0;
      state.snowed = 0;
    }
    const recovering = light < 5 ? 0.1 : 0;
    state.recovered = recovering + (state.recovered - recovering) * exp(-seconds / (4 * 3600));
  }

  #shadedShare(inputs: Float64Array, severity: number): number {
    const off = Math.abs((((inputs[input.azimuth] as number) - OBSTACLE.azimuth + 540) % 360) - 180);
    const elevation = 90 - (inputs[input.zenith] as number);
    return off < OBSTACLE.halfWidth && elevation < OBSTACLE.height * severity ? 0.5 * Math.sqrt(severity) : 0;
  }

  /** Circuit of a module under `light` W/m² in the present condition. */
  #circuit(light: number, condition: ArrayCondition): SingleDiode {
    const sound = singleDiodeDeSoto(this.array.module, light, this.cellTemperature);
    let shuntResistance = sound.shuntResistance;
    if (condition.pid > 0) {
      // The leak is there at any light, unlike the shunt of the De Soto model, which fades with it.
      const severity = condition.pid * (1 - this.state.recovered);
      const leak = (pow(SHUNT_LEFT, -severity) - 1) / this.array.module.shuntResistanceRef;
      shuntResistance = 1 / (1 / shuntResistance + leak);
    }
    return {
      photocurrent: sound.photocurrent * condition.photocurrent,
      saturationCurrent: sound.saturationCurrent * condition.saturation,
      seriesResistance: sound.seriesResistance * condition.series,
      shuntResistance,
      nNsVth: sound.nNsVth,
    };
  }

  #power(
    light: number,
    diffuse: number,
    shaded: number,
    condition: ArrayCondition,
    strings: readonly StringCondition[],
    uneven: boolean,
  ): void {
    const { array } = this;
    this.available = 0;
    const device = this.#circuit(light, condition);
    if (!uneven && shaded === 0) {
      // All groups are equal: one module stands for all.
      const point = maximumPowerPoint(device);
      for (const mppt of this.inputs) {
        mppt.begin();
        const n = mppt.strings.length;
        mppt.curves = [{ classes: [{ diode: device, count: array.modulesPerString, bypass: true }], parallel: n }];
        mppt.curveOf.fill(0);
        mppt.best.voltage = point.voltage * array.modulesPerString;
        mppt.best.current = point.current * n;
        mppt.best.power = mppt.best.voltage * mppt.best.current;
        this.available += mppt.best.power;
      }
      return;
    }
    for (const mppt of this.inputs) {
      mppt.begin();
      this.#network(mppt, device, light > 0 ? diffuse / light : 1, shaded, strings);
      networkMaximumPower(mppt.curves, mppt.best);
      this.available += mppt.best.power;
    }
  }

  /** Builds the curves of a tracker input: one for each distinct condition of its strings. */
  #network(
    mppt: MpptInput,
    device: SingleDiode,
    diffuseShare: number,
    shaded: number,
    strings: readonly StringCondition[],
  ): void {
    const { array } = this;
    const groups = array.cellGroups;
    const scaled = (light: number): SingleDiode => ({
      photocurrent: device.photocurrent * light,
      saturationCurrent: device.saturationCurrent,
      seriesResistance: device.seriesResistance / groups,
      shuntResistance: device.shuntResistance / groups / Math.max(light, 1e-9),
      nNsVth: device.nNsVth / groups,
    });
    const known = new Map<string, number>();
    mppt.curves = [];
    mppt.strings.forEach((index, place) => {
      const string = strings[index] as StringCondition;
      if (string.open) {
        mppt.curveOf[place] = -1;
        return;
      }
      const key = `${string.shorted} ${string.hotSpot} ${string.crack} ${string.bridged}`;
      const same = known.get(key);
      if (same !== undefined) {
        mppt.curveOf[place] = same;
        (mppt.curves[same] as StringCurve).parallel += 1;
        return;
      }
      let left = Math.max(1, array.modulesPerString * groups - string.shorted);
      if (string.bridged > 0) {
        left = Math.max(1, left - groups * Math.max(1, Math.round((string.bridged * array.modulesPerString) / 3)));
      }
      const classes = [];
      const take = (count: number, light: number, bypass: boolean) => {
        const taken = Math.min(left - 1, Math.round(count));
        if (taken <= 0) return;
        left -= taken;
        classes.push({ diode: scaled(light), count: taken, bypass });
      };
      if (string.hotSpot > 0) {
        take(1, 1 - 0.4 * string.hotSpot, false);
        // The cell takes up the power of its neighbours: some 60 K at full light and severity (Herrmann et al. 1997).
        this.hottest = Math.max(
          this.hottest,
          this.cellTemperature + 60 * string.hotSpot * Math.min(1, device.photocurrent / array.module.photocurrentRef),
        );
      }
      if (string.crack > 0) take(Math.max(1, 0.2 * array.modulesPerString), 1 - 0.5 * string.crack, true);
      if (shaded > 0) take(shaded * array.modulesPerString * groups, diffuseShare, true);
      classes.push({ diode: scaled(1), count: left, bypass: true });
      known.set(key, mppt.curves.length);
      mppt.curveOf[place] = mppt.curves.length;
      mppt.curves.push({ classes, parallel: 1 });
    });
  }

  #soundPower(inputs: Float64Array): number {
    const at = this.#start;
    const light =
      (inputs[at + arrayInput.beam] as number) +
      (inputs[at + arrayInput.sky] as number) +
      (inputs[at + arrayInput.ground] as number);
    const point = maximumPowerPoint(singleDiodeDeSoto(this.array.module, light, this.cellTemperature));
    return point.power * this.array.modulesPerString * this.array.strings.length;
  }
}

/** Trackers shed snow as a plane of 30° does: they are parked steep after snowfall. */
const array90 = (tilt: number) => (tilt > 0 ? tilt : 30);
