import { useEffect, useMemo, useRef, useState } from 'react';
import type { Frame } from '../core/index.js';
import type { MonitorEvents } from '../monitor/index.js';
import { oncePerFrame } from './live-store.js';
import type { MonitorSource } from './source.js';

/** Options of `useSeries`. */
export interface SeriesOptions {
  /** Most rows that are kept, the newest. Default 2,000. */
  readonly rows?: number;
  /** What was before: rows of the past with columns of the same names. Loaded once for each asset. */
  readonly history?: (assetId: string) => Frame | Promise<Frame>;
  /** Told when `history` fails; the live rows come all the same. */
  readonly onError?: (error: unknown) => void;
}

/** Rows of channels, as charts take them. */
export interface Series {
  /** ms since the epoch, increasing. */
  readonly time: readonly number[];
  /** Channel → values; missing is NaN. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/**
 * The newest rows of some channels of an asset, growing as readings come. A channel with `.expected` behind its name is what
 * a sound asset would show: `['acPower', 'acPower.expected']`.
 */
export function useSeries(
  source: MonitorSource,
  assetId: string,
  channels: readonly string[],
  { rows = 2000, history, onError }: SeriesOptions = {},
): Series {
  // The list is compared by what it says, so that a literal in the caller's code does not begin anew at each rendering.
  const key = channels.join('\n');
  const names = useMemo(() => key.split('\n'), [key]);
  const [series, setSeries] = useState<Series>(() => empty(names));
  const load = useRef({ history, onError });
  load.current = { history, onError };

  useEffect(() => {
    let time: number[] = [];
    let columns = names.map((): number[] => []);
    let mounted = true;
    const show = () => {
      if (!mounted) return;
      const values = Object.fromEntries(names.map((name, i) => [name, [...(columns[i] as number[])]]));
      setSeries({ time: [...time], values });
    };
    const changed = oncePerFrame(show);
    const trim = () => {
      const over = time.length - rows;
      if (over <= 0) return;
      time = time.slice(over);
      columns = columns.map((column) => column.slice(over));
    };
    const stop = source.on('reading', (outcome) => {
      const { reading } = outcome;
      // A reading that comes late is history, which the store has put right.
      if (reading.assetId !== assetId || reading.time <= (time.at(-1) ?? Number.NEGATIVE_INFINITY)) return;
      time.push(reading.time);
      names.forEach((name, i) => {
        columns[i]?.push(valueIn(outcome, name));
      });
      // Trimmed in blocks: an array is not copied for every reading.
      if (time.length > rows * 1.25) trim();
      changed();
    });
    const before = async () => {
      const frame = await load.current.history?.(assetId);
      if (frame === undefined || !mounted) return;
      const first = time[0] ?? Number.POSITIVE_INFINITY;
      const kept = frame.time.filter((t) => t < first).length;
      time = [...frame.time.subarray(0, kept), ...time];
      columns = columns.map((column, i) => {
        const name = names[i] as string;
        const old = frame.has(name) ? frame.column(name).subarray(0, kept) : new Float64Array(kept).fill(Number.NaN);
        return [...old, ...column];
      });
      trim();
      changed();
    };
    before().catch((error: unknown) => load.current.onError?.(error));
    show();
    return () => {
      mounted = false;
      stop();
    };
  }, [source, assetId, names, rows]);

  return series;
}

function empty(names: readonly string[]): Series {
  return { time: [], values: Object.fromEntries(names.map((name) => [name, []])) };
}

const EXPECTED = '.expected';

function valueIn({ reading, expected }: MonitorEvents['reading'], name: string): number {
  const value = name.endsWith(EXPECTED) ? expected[name.slice(0, -EXPECTED.length)] : reading.values[name];
  return value ?? Number.NaN;
}
