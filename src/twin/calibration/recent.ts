/** Keeps the last few results: numerical derivatives go back to the same base again and again. */
export class Recent<Value> {
  readonly #kept: { readonly key: readonly number[]; readonly value: Value }[] = [];
  readonly #most: number;

  constructor(most = 2) {
    this.#most = most;
  }

  /** The value for `key`, made where it is not among the last ones asked for. */
  get(key: readonly number[], make: () => Value): Value {
    const place = this.#kept.findIndex((entry) => entry.key.every((part, i) => Object.is(part, key[i])));
    const entry = place < 0 ? { key, value: make() } : (this.#kept[place] as { key: number[]; value: Value });
    if (place >= 0) this.#kept.splice(place, 1);
    this.#kept.unshift(entry);
    if (this.#kept.length > this.#most) this.#kept.pop();
    return entry.value;
  }
}
