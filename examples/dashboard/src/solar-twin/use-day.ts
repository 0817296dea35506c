import { useQuery } from '@tanstack/react-query';
import { getSeries } from '@twinergy-examples/client';
import { useMemo } from 'react';
import { dateAt, dayStart } from '../data/day.js';
import { type Day, rowAt } from './measures.js';

/** Channels that fit into the address of one request. */
const MOST = 300;
/** A day in steps of a few minutes is enough to replay it. */
const WIDTH = 150;

/** The telemetry of the day that begins at `from`, and what the twin expected of it; of today, renewed every minute. */
export function useDay(id: string, channels: readonly string[], from: number, to: number) {
  return useQuery({
    queryKey: ['series', id, 'day', from, channels.length],
    queryFn: async (): Promise<Day> => {
      const parts: Day[] = [];
      for (let first = 0; first < channels.length; first += MOST)
        parts.push(await columnsOf(id, channels.slice(first, first + MOST), from, to));
      return parts.reduce(join, { time: parts[0]?.time ?? [], series: {}, expected: {} });
    },
    enabled: channels.length > 0,
    refetchInterval: Date.now() < to ? 60_000 : false,
    // The picture stays until the next day is there.
    placeholderData: (before) => before,
  });
}

async function columnsOf(id: string, channels: readonly string[], from: number, to: number): Promise<Day> {
  const { data } = await getSeries({
    path: { asset_id: id },
    query: {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      channels: channels.join(','),
      width: WIDTH,
      expected: 'true',
    },
  });
  const columns = (of: typeof data.series) =>
    Object.fromEntries(
      Object.entries(of).map(([name, { values }]) => [name, values.map((value) => value ?? Number.NaN)]),
    );
  return { time: data.times, series: columns(data.series), expected: columns(data.expected) };
}

/** Columns of a second answer beside those of the first, at the first one's times. */
function join(day: Day, more: Day): Day {
  const rows = day.time.map((time) => rowAt(more.time, time));
  const moved = (of: Day['series']) =>
    Object.fromEntries(
      Object.entries(of).map(([name, values]) => [name, rows.map((row) => values[row] ?? Number.NaN)]),
    );
  return {
    time: day.time,
    series: { ...day.series, ...moved(more.series) },
    expected: { ...day.expected, ...moved(more.expected) },
  };
}

/** Begin and end of a date at the plant; today where none is given. */
export function useSpan(date: string | null, timeZone: string) {
  const today = dateAt(Date.now(), timeZone);
  const day = date !== null && /^\d{4}-\d\d-\d\d$/.test(date) && date <= today ? date : today;
  return useMemo(() => {
    const from = dayStart(day, timeZone);
    return { day, today, from, to: from + 86_400_000 };
  }, [day, today, timeZone]);
}
