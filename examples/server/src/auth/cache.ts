/** Values kept for a short time, at most so many. */
export class ShortCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #ttl: number;
  readonly #most: number;

  constructor(ttl: number, most: number) {
    this.#ttl = ttl;
    this.#most = most;
  }

  async get(key: string, make: () => Promise<Value>): Promise<Value> {
    const kept = this.#entries.get(key);
    const now = Date.now();
    if (kept !== undefined && kept.until > now) return kept.value;
    const value = await make();
    if (this.#entries.size >= this.#most) this.#entries.delete(this.#entries.keys().next().value as string);
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + this.#ttl });
    return value;
  }

  clear(): void {
    this.#entries.clear();
  }
}
