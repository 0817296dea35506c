import { LineChart } from '@twinergy-examples/ui/chart';
import { useMemo } from 'react';
import { useMonitor, useSeries } from 'twinergy/react';
import { frameOf, type PlantClient } from '../plant-client.js';
import type { Begun } from '../worker/messages.js';
import { useAnomalies } from './use-anomalies.js';

const CHANNELS = ['acPower', 'acPower.expected'];
/** Rows that are kept: a week of five minutes. */
const ROWS = 2016;

/** Measured against expected, with the forecast ahead and anomalies marked. */
export function PowerChart({
  client,
  begun,
  watching,
}: {
  readonly client: PlantClient;
  readonly begun: Begun | undefined;
  readonly watching: boolean;
}) {
  if (begun === undefined) return <div className="card skeleton" style={{ height: 340 }} />;
  return <Chart client={client} begun={begun} watching={watching} />;
}

function Chart({ client, begun, watching }: { client: PlantClient; begun: Begun; watching: boolean }) {
  const history = useMemo(() => {
    const first = frameOf(begun.history);
    // What was kept knows of the faults of the last visit; until the store is open, the sound plant stands in.
    return () => (begun.resumed && watching ? client.recent() : first);
  }, [begun, client, watching]);
  // A resumed plant's series is begun again once its store is open.
  const series = useSeries(client, begun.assetId, CHANNELS, { rows: ROWS, history });
  const forecast = useMonitor(client, begun.assetId)?.forecast;
  const anomalies = useAnomalies(client, begun.assetId);

  const { time, lines, bands } = useMemo(() => {
    const past = series.time;
    const last = past.at(-1) ?? Number.NEGATIVE_INFINITY;
    const ahead = forecast === undefined ? [] : [...forecast.time.keys()].filter((i) => (forecast.time[i] ?? 0) > last);
    const nothingAhead = ahead.map(() => Number.NaN);
    const nothingBefore = past.map(() => Number.NaN);
    const column = (name: string) => [...nothingBefore, ...ahead.map((i) => forecast?.column(name)[i] ?? Number.NaN)];
    const measured = (name: string) => [...(series.values[name] ?? []), ...nothingAhead];
    return {
      time: [...past, ...ahead.map((i) => forecast?.time[i] ?? Number.NaN)],
      lines: [
        { name: 'Measured', values: measured('acPower').map((w) => w / 1000), color: '--measured' },
        {
          name: 'Expected',
          values: measured('acPower.expected').map((w) => w / 1000),
          color: '--expected',
          dashed: true,
        },
        ...(ahead.length > 0
          ? [{ name: 'Forecast', values: column('median').map((w) => w / 1000), color: '--forecast' }]
          : []),
      ],
      bands:
        ahead.length > 0
          ? [95, 80, 50].map((level) => ({
              name: `${level} %`,
              low: column(`lower${level}`).map((w) => w / 1000),
              high: column(`upper${level}`).map((w) => w / 1000),
              color: '--forecast',
              opacity: 0.14,
            }))
          : [],
    };
  }, [series, forecast]);

  const spans = useMemo(
    () => anomalies.map(({ time: at }) => ({ from: at - 150_000, to: at + 150_000, color: '--anomaly', mark: true })),
    [anomalies],
  );
  return (
    <section className="card" aria-label="Power">
      <LineChart
        title="Power: measured, expected, and the next hours"
        time={time}
        unit="kW"
        lines={lines}
        bands={bands}
        spans={spans}
        timeZone={begun.timeZone}
      />
    </section>
  );
}
