/** The names of a reading's values in their order, and the slot of each; −1 where no rule reads it. */
export interface ReadingOrder {
  readonly names: readonly string[];
  readonly places: Int32Array;
}

/** Where a slot's value is near a limit: at or above `high`, at or below `low`. */
export interface SlotBounds {
  readonly high: Float64Array;
  readonly low: Float64Array;
  /** Order of the readings of this asset, as last seen. */
  order: ReadingOrder | undefined;
}

/**
 * Puts the values of readings into numbered slots. Readings of one asset mostly name the same channels in the same order:
 * then a walk over the values needs no look-up by name. What a reading does not hold, or holds as no number, is NaN.
 */
export class SlotReader {
  readonly slots: Float64Array;
  readonly #names: readonly string[];
  readonly #slotOf: ReadonlyMap<string, number>;
  /** The order by which the slots were filled last; undefined: anything may stand in them. */
  #filledBy: ReadingOrder | undefined;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#slotOf = new Map(names.map((name, slot) => [name, slot]));
    this.slots = new Float64Array(names.length).fill(Number.NaN);
  }

  /** Time passed without a reading. */
  clear(): void {
    this.slots.fill(Number.NaN);
    this.#filledBy = undefined;
  }

  /** Fills the slots; whether a value is near one of the limits in `bounds`. */
  read(values: Readonly<Record<string, number>>, bounds: SlotBounds): boolean {
    const order = bounds.order ?? this.#filledBy ?? this.#learn(values, bounds);
    const { slots } = this;
    if (order !== this.#filledBy) {
      slots.fill(Number.NaN);
      this.#filledBy = order;
    }
    bounds.order = order;
    const { names, places } = order;
    const { high, low } = bounds;
    let near = false;
    let i = 0;
    for (const name in values) {
      if (name !== names[i]) return this.#again(values, bounds);
      const slot = places[i++] as number;
      if (slot < 0) continue;
      const value = values[name];
      if (typeof value !== 'number') {
        slots[slot] = Number.NaN;
        continue;
      }
      slots[slot] = value;
      // NaN compares false.
      if (value >= (high[slot] as number) || value <= (low[slot] as number)) near = true;
    }
    return i === names.length ? near : this.#again(values, bounds);
  }

  /** The same for a reading with signals beside it, which win over its own values; slower. */
  readBoth(values: Readonly<Record<string, number>>, derived: Readonly<Record<string, number>>): void {
    this.#filledBy = undefined;
    for (let slot = 0; slot < this.#names.length; slot++) {
      const name = this.#names[slot] as string;
      const value = derived[name] ?? values[name];
      this.slots[slot] = typeof value === 'number' ? value : Number.NaN;
    }
  }

  #again(values: Readonly<Record<string, number>>, bounds: SlotBounds): boolean {
    bounds.order = this.#learn(values, bounds);
    return this.read(values, bounds);
  }

  #learn(values: Readonly<Record<string, number>>, bounds: SlotBounds): ReadingOrder {
    const names: string[] = [];
    // As `read` walks: own and inherited names alike.
    for (const name in values) names.push(name);
    bounds.order = { names, places: Int32Array.from(names, (name) => this.#slotOf.get(name) ?? -1) };
    return bounds.order;
  }
}
