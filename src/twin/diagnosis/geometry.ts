import { log } from '../../core/math/index.js';
import type { Plant } from '../description/plant.js';
import { inputCount, type Plane, planeIrradiance, trackerPlane, workingPlane } from '../plant/environment.js';
import { arrayInput, input } from '../plant/inputs.js';
import type { Sky } from '../plant/sky.js';
import { decomposeErbs } from '../solar/index.js';
import { SECTORS } from './quantities.js';

const HOUR = 3_600_000;
/** Logarithms of light beyond this are twilight, not evidence. */
const MOST = 1.5;
/** Entries after which remembered shifts are forgotten. */
const MEMORY = 50_000;

/** Where and when a cell was measured. */
export interface CellCondition {
  readonly sector: number;
  /** 0 low, 1 middle, 2 high light or load. */
  readonly level: number;
  readonly light: number;
  readonly temperature: number;
  readonly load: number;
  /** Start of the solar day, ms since the epoch. */
  readonly day: number;
}

/** What it takes to turn the light of a cell of the day from one plane, or one hour, to another. */
export class LightGeometry {
  readonly #plant: Plant;
  readonly #sky: Sky;
  readonly #inputs: Float64Array;
  readonly #light = new Float64Array(3);
  readonly #memory = new Map<string, number>();

  constructor(plant: Plant, sky: Sky) {
    this.#plant = plant;
    this.#sky = sky;
    this.#inputs = new Float64Array(inputCount(plant));
  }

  /** Logarithm of the light on array `a` whose tracker is stuck at `angle` over that on a working one. */
  stalled(a: number, angle: number, at: CellCondition): number {
    const tracker = this.#plant.arrays[a]?.tracker;
    if (tracker === undefined) return 0;
    return this.#remember(`stall ${a} ${angle}`, at, () => {
      const plane = this.#look(a, at);
      return log(this.#total(this.#under(at.light, plane), trackerPlane(tracker, angle)) / Math.max(5, at.light));
    });
  }

  /**
   * Logarithm of the true light on array `a` over what a sensor reads that is turned by `turn` degrees of azimuth (and
   * laid flatter by a third of that, as such sensors are).
   */
  misread(a: number, turn: number, at: CellCondition): number {
    return this.#remember(`turn ${a} ${turn}`, at, () => {
      const plane = this.#look(a, at);
      const turned = {
        surfaceTilt: Math.max(0, plane.surfaceTilt - Math.abs(turn) / 3),
        surfaceAzimuth: (plane.surfaceAzimuth + turn + 360) % 360,
      };
      return log(this.#total(this.#under(at.light, turned), plane) / Math.max(5, at.light));
    });
  }

  /** Logarithm of the clear-sky light on array `a` `hours` before a cell's time over that at it. */
  late(a: number, hours: number, at: CellCondition): number {
    return this.#remember(`late ${a} ${hours}`, at, () => {
      const now = this.#clear(a, at, 0);
      const before = this.#clear(a, at, hours);
      return now > 5 ? log(Math.max(1, before) / now) : 0;
    });
  }

  #remember(what: string, at: CellCondition, compute: () => number): number {
    const key = `${what} ${at.day} ${at.sector} ${Math.round(at.light / 50)}`;
    const known = this.#memory.get(key);
    if (known !== undefined) return known;
    if (this.#memory.size > MEMORY) this.#memory.clear();
    const raw = compute();
    const shift = Number.isFinite(raw) ? Math.max(-MOST, Math.min(MOST, raw)) : 0;
    this.#memory.set(key, shift);
    return shift;
  }

  /** Sets the sun to the middle of a cell's sector (the day starts at solar midnight); returns the working plane. */
  #look(a: number, at: CellCondition, earlier = 0): Plane {
    const sky = this.#sky;
    const inputs = this.#inputs;
    sky.look(at.day + (12 - earlier + (at.sector + 0.5 - SECTORS / 2) * 1.5) * HOUR);
    inputs[input.zenith] = sky.apparentZenith;
    inputs[input.azimuth] = sky.azimuth;
    inputs[input.extraterrestrial] = sky.extraterrestrial;
    const array = this.#plant.arrays[a];
    return array === undefined ? { surfaceTilt: 0, surfaceAzimuth: 180 } : workingPlane(array, inputs).plane;
  }

  #clear(a: number, at: CellCondition, earlier: number): number {
    const plane = this.#look(a, at, earlier);
    return this.#total(this.#sky.clearGhi, plane);
  }

  #total(ghi: number, plane: Plane): number {
    const light = this.#light;
    const inputs = this.#inputs;
    const parts = decomposeErbs(ghi, this.#sky.zenith, this.#sky.day);
    inputs[input.ghi] = ghi;
    inputs[input.dhi] = parts.dhi;
    inputs[input.dni] = parts.dni;
    planeIrradiance(inputs, plane, this.#plant.site.albedo, light, 0);
    return (
      (light[arrayInput.beam] as number) + (light[arrayInput.sky] as number) + (light[arrayInput.ground] as number)
    );
  }

  /** The horizontal light under which `plane` sees `light`: three steps are enough for a cell of the day. */
  #under(light: number, plane: Plane): number {
    let ghi = Math.max(10, Math.min(this.#sky.clearGhi, light));
    for (let k = 0; k < 3; k++)
      ghi = Math.min(1.15 * this.#sky.clearGhi + 5, (ghi * light) / Math.max(5, this.#total(ghi, plane)));
    return ghi;
  }
}
