import type { AssetOutcome, AssetState } from './asset-state.js';

/** Health is stored when its label changes, when it moved by a point, and after so long, ms. */
const EVERY = 900_000;

/** What is remembered of an asset's health: its label, and what was stored last. */
export class HealthMemory {
  /** The label after the last reading: a score near an edge keeps it. */
  label: string | undefined;
  #stored: readonly [time: number, score: number] | undefined;

  /**
   * Whether the health of the last outcome says anything new; then it counts as stored.
   * @param labelBefore the label before that outcome
   */
  isNews({ reading: { time }, health: { score } }: AssetOutcome, labelBefore: string | undefined): boolean {
    if (score === null) return false;
    const stored = this.#stored;
    const news =
      stored === undefined ||
      labelBefore !== this.label ||
      Math.abs(score - stored[1]) >= 1 ||
      time - stored[0] >= EVERY;
    if (news) this.#stored = [time, score];
    return news;
  }

  save(): Pick<AssetState, 'healthLabel' | 'health'> {
    return { healthLabel: this.label ?? null, ...(this.#stored !== undefined && { health: this.#stored }) };
  }

  restore(state: AssetState | undefined): void {
    this.label = state?.healthLabel ?? undefined;
    this.#stored = state?.health;
  }
}
