import type { Chemistry } from '../library/batteries.js';
import { BatteryLife, type BatteryLifeState, LFP_250AH, NMC_75AH } from './life.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The numbers of a life's state, in the order of saving. */
const FIELDS = [
  'days',
  'fullCycles',
  'calendarLoss',
  'cycleLoss',
  'materialLoss',
  'calendarResistance',
  'cycleResistance',
] as const satisfies readonly (keyof BatteryLifeState)[];

/** Ages a pack as it is used: its state is noted by the hour and put through the life model by the day. */
export class PackAgeing {
  #life: BatteryLife;
  readonly #time: number[] = [];
  readonly #charge: number[] = [];
  readonly #temperature: number[] = [];

  constructor(chemistry: Chemistry) {
    this.#life = new BatteryLife(chemistry === 'LFP' ? LFP_250AH : NMC_75AH);
  }

  /** Capacity and resistance over those when new. */
  get capacity(): number {
    return this.#life.capacity;
  }

  get resistance(): number {
    return this.#life.resistance;
  }

  /** Notes the state of charge (fraction) and temperature (°C) at `time`, ms. */
  note(time: number, charge: number, temperature: number): void {
    const last = this.#time[this.#time.length - 1];
    if (last !== undefined && time - last < HOUR) return;
    this.#time.push(time);
    this.#charge.push(charge);
    this.#temperature.push(temperature);
    if (time - (this.#time[0] as number) < DAY) return;
    this.#life.advance(this.#time, this.#charge, this.#temperature);
    // The last sample of a stretch is the first of the next.
    for (const list of [this.#time, this.#charge, this.#temperature]) list.splice(0, list.length - 1);
  }

  /** The state as numbers. */
  save(): number[] {
    const samples = this.#time.flatMap((time, i) => [time, this.#charge[i] as number, this.#temperature[i] as number]);
    return [...FIELDS.map((field) => this.#life.state[field]), this.#time.length, ...samples];
  }

  /** Takes up what `save` gave, number by number. */
  load(take: () => number): void {
    const [days, fullCycles, calendarLoss, cycleLoss, materialLoss, calendarResistance, cycleResistance] =
      FIELDS.map(take);
    this.#life = new BatteryLife(this.#life.parameters, {
      days: days ?? 0,
      fullCycles: fullCycles ?? 0,
      calendarLoss: calendarLoss ?? 0,
      cycleLoss: cycleLoss ?? 0,
      materialLoss: materialLoss ?? 0,
      calendarResistance: calendarResistance ?? 0,
      cycleResistance: cycleResistance ?? 0,
    });
    const count = take();
    for (const list of [this.#time, this.#charge, this.#temperature]) list.length = 0;
    for (let i = 0; i < count; i++) {
      this.#time.push(take());
      this.#charge.push(take());
      this.#temperature.push(take());
    }
  }
}
