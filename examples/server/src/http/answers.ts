/** Answers that are kept for a moment, so that many who ask the same cost the work of one. */
export interface Answers {
  /** The kept text; undefined where there is none, or it is over. */
  get(key: string): Promise<string | undefined>;
  /** Keeps a text for so many seconds. Where it cannot be kept, it is not. */
  set(key: string, text: string, seconds: number): void;
}

/** Characters of an answer beyond which it is not kept. */
const LONGEST = 1_000_000;

/** Answers in this process. */
export class MemoryAnswers implements Answers {
  readonly #kept = new Map<string, { readonly text: string; readonly until: number }>();
  readonly #most: number;

  /** @param most answers; the oldest give way */
  constructor(most = 500) {
    this.#most = most;
  }

  async get(key: string): Promise<string | undefined> {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    if (found.until > Date.now()) return found.text;
    this.#kept.delete(key);
    return undefined;
  }

  set(key: string, text: string, seconds: number): void {
    if (text.length > LONGEST) return;
    this.#kept.delete(key);
    if (this.#kept.size >= this.#most) this.#kept.delete(this.#kept.keys().next().value as string);
    this.#kept.set(key, { text, until: Date.now() + seconds * 1000 });
  }
}
