import type { Layout } from './layout.js';

/** A group's common level, or one member against the group's mean. */
export interface Series {
  readonly group: number;
  /** Place of the member in the plant's signals; −1 for the common level. */
  readonly signal: number;
  /** A signal of the group: says quantity, array and inverter. */
  readonly like: number;
}

/** The series of a layout: for each group that is evidence its common level, and where it has neighbours each against them. */
export function seriesOf(layout: Layout): Series[] {
  return layout.groups.flatMap((members, group): Series[] => {
    const like = members[0] as number;
    if (layout.signals[like]?.evidence !== true) return [];
    const common = { group, signal: -1, like };
    return members.length === 1 ? [common] : [common, ...members.map((signal) => ({ group, signal, like: signal }))];
  });
}
