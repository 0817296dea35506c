import { useQuery } from '@tanstack/react-query';
import { getForecast, getSeries } from '@twinergy-examples/client';
import { useEffect, useMemo, useState } from 'react';
import type { Stretch } from '../shell/time-range.js';
import { useLive, usePolling } from './live.js';

/** Rows of channels and of what was expected of them, with live readings behind. */
export interface PlantSeries {
  readonly time: readonly number[];
  readonly series: Readonly<Record<string, { readonly unit: string; readonly values: readonly number[] }>>;
  readonly expected: Readonly<Record<string, { readonly unit: string; readonly values: readonly number[] }>>;
}

const missing = (values: readonly (number | null)[]) => values.map((value) => value ?? Number.NaN);

/** The course of some channels over a stretch of time. */
export function usePlantSeries(id: string, channels: readonly string[], stretch: Stretch) {
  const refetchInterval = usePolling();
  const names = channels.join(',');
  const query = useQuery({
    queryKey: ['series', id, names, stretch.key],
    queryFn: async () => {
      const { from, to } = stretch.bounds();
      const { data } = await getSeries({
        path: { asset_id: id },
        query: {
          from: new Date(from).toISOString(),
          to: new Date(stretch.live ? to + 60_000 : to).toISOString(),
          channels: names,
          width: 1000,
          expected: 'true',
        },
      });
      const columns = (of: typeof data.series) =>
        Object.fromEntries(
          Object.entries(of).map(([name, { unit, values }]) => [name, { unit, values: missing(values) }]),
        );
      return { time: data.times, series: columns(data.series), expected: columns(data.expected) };
    },
    enabled: channels.length > 0,
    refetchInterval: refetchInterval === false ? 60_000 : refetchInterval,
  });
  const live = useLiveRows(id, stretch.live ? channels : [], query.dataUpdatedAt);
  const data = useMemo((): PlantSeries | undefined => {
    if (query.data === undefined) return undefined;
    const last = query.data.time.at(-1) ?? 0;
    const rows = live.filter(({ time }) => time > last);
    if (rows.length === 0) return query.data;
    const grow = (of: PlantSeries['series'], pick: (row: LiveRow) => Readonly<Record<string, number>>) =>
      Object.fromEntries(
        Object.entries(of).map(([name, { unit, values }]) => [
          name,
          { unit, values: [...values, ...rows.map((row) => pick(row)[name] ?? Number.NaN)] },
        ]),
      );
    return {
      time: [...query.data.time, ...rows.map(({ time }) => time)],
      series: grow(query.data.series, ({ values }) => values),
      expected: grow(query.data.expected, ({ expected }) => expected),
    };
  }, [query.data, live]);
  return { data, error: query.error, refetch: query.refetch };
}

interface LiveRow {
  readonly time: number;
  readonly values: Readonly<Record<string, number>>;
  readonly expected: Readonly<Record<string, number>>;
}

/** Readings that came since the series was asked for. */
function useLiveRows(id: string, channels: readonly string[], since: number): readonly LiveRow[] {
  const live = useLive();
  const [rows, setRows] = useState<readonly LiveRow[]>([]);
  const any = channels.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer holds what came before it.
  useEffect(() => {
    setRows([]);
    if (!any) return undefined;
    return live.on((event) => {
      if (event.type !== 'reading' || event.asset_id !== id) return;
      const { values = {}, expected = {} } = event.data as Partial<LiveRow>;
      setRows((before) => [...before, { time: Date.parse(event.time), values, expected }]);
    });
  }, [live.on, id, any, since]);
  return rows;
}

/** The newest forecast of a plant. */
export function usePlantForecast(id: string) {
  const refetchInterval = usePolling(60_000);
  return useQuery({
    queryKey: ['forecast', id],
    queryFn: async () => (await getForecast({ path: { asset_id: id } })).data,
    refetchInterval,
  });
}
