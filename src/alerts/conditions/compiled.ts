import type { TimeZone } from '../../core/zone.js';
import type { ChannelTable } from '../channels.js';
import type { ExpressionCompiler } from '../expression/compiler.js';
import type { AlertAsset, Condition } from '../rules/rule.js';

/** What a condition looks at: one asset at one moment. Reused from reading to reading. */
export interface Probe {
  /** Values of the reading by slot; NaN where not measured. */
  slots: Float64Array;
  /** ms since the epoch. */
  time: number;
  asset: AlertAsset;
  zone: TimeZone;
  /** False when time passed without a reading: then the slots are all NaN. */
  reading: boolean;
}

/** What a condition remembers per asset; JSON data. Times are ms since the epoch, −1 for never. */
export interface Memory {
  /** Last level: 0 normal, 1 LOW … 4 CRITICAL; −1 unknown. */
  level: number;
  /** Last figure judged, and the limit it was judged by; null where there is none. */
  value: number | null;
  limit: number | null;
  /** A moment or figure of its own. */
  mark: number;
  /** A list of its own. */
  list: number[];
  /** Where a list that is a ring or queue begins. */
  head: number;
  children: Memory[];
}

/** A fresh memory. */
export function newMemory(children: Memory[] = []): Memory {
  return { level: 0, value: null, limit: null, mark: -1, list: [], head: 0, children };
}

/** A condition, compiled. */
export interface CompiledCondition {
  /** Slots it reads. */
  readonly slots: readonly number[];
  /** Whether it can become true by time alone. */
  readonly timed: boolean;
  readonly unit: string;
  readonly channel: string | null;
  /** It gives the same for the same reading, whatever was before. */
  readonly stateless?: boolean | undefined;
  /** While `sign · slot < least`, nothing holds, and nothing that did not hold begins. */
  readonly quiet?: { readonly slot: number; readonly sign: number; readonly least: number } | undefined;
  /** Nothing comes true for so long (ms) after a reading, whatever its values; the reading's time goes into `memory.mark`. */
  readonly patience?: ((asset: AlertAsset) => number) | undefined;
  memory(): Memory;
  /** The level now: 0, 1 … 4, or −1 where it cannot be told. */
  level(probe: Probe, memory: Memory): number;
  /** A clause that says why, with the figures, after `level` was positive. */
  why(memory: Memory): string;
}

/** What compiling needs. */
export interface CompileContext {
  readonly channels: ChannelTable;
  readonly expressions: ExpressionCompiler | undefined;
  /** Compiles what lies inside. */
  readonly compile: (condition: Condition, path: string) => CompiledCondition;
}

/** A figure for people: 4 digits, no exponent where it can be helped. */
export function figure(value: number | null, unit: string): string {
  if (value === null) return 'unknown';
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
  return unit === '1' ? text : `${text} ${unit}`;
}
