import type { AlertAsset } from '../rules/rule.js';

/** What hangs on what. A loop in the parents is cut where it closes. */
export class AssetTree {
  readonly #parents = new Map<string, string>();
  readonly #children = new Map<string, string[]>();
  readonly #below = new Map<string, readonly string[]>();

  constructor(assets: readonly Pick<AlertAsset, 'id' | 'parent'>[]) {
    for (const { id, parent } of assets) {
      if (parent === undefined || this.#parents.has(id) || parent === id || this.above(parent).includes(id)) continue;
      this.#parents.set(id, parent);
      const list = this.#children.get(parent);
      if (list === undefined) this.#children.set(parent, [id]);
      else list.push(id);
    }
  }

  /** From the parent to the root. */
  above(id: string): string[] {
    const out: string[] = [];
    for (let at = this.#parents.get(id); at !== undefined; at = this.#parents.get(at)) out.push(at);
    return out;
  }

  /** The topmost asset that it hangs on; itself where it hangs on nothing. */
  root(id: string): string {
    return this.above(id).at(-1) ?? id;
  }

  /** Everything that hangs on it, near or far. */
  below(id: string): readonly string[] {
    let list = this.#below.get(id);
    if (list === undefined) {
      const out = [...(this.#children.get(id) ?? [])];
      for (const child of out) out.push(...(this.#children.get(child) ?? []));
      list = out;
      this.#below.set(id, list);
    }
    return list;
  }
}
