/** A label where it would like to stand, px; the first of a list matters most. */
export interface Wish {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Which labels can be shown so that none covers another: each, in order, that touches none shown before it. */
export function withoutOverlap(wishes: readonly (Wish | undefined)[], gap = 4): boolean[] {
  const shown: Wish[] = [];
  return wishes.map((wish) => {
    if (wish === undefined) return false;
    const free = shown.every(
      (other) =>
        wish.x + wish.width + gap <= other.x ||
        other.x + other.width + gap <= wish.x ||
        wish.y + wish.height + gap <= other.y ||
        other.y + other.height + gap <= wish.y,
    );
    if (free) shown.push(wish);
    return free;
  });
}
