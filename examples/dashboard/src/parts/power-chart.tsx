import { useQuery } from '@tanstack/react-query';
import { listAnomalies } from '@twinergy-examples/client';
import { LineChart } from '@twinergy-examples/ui/chart';
import { useMemo } from 'react';
import { usePlantForecast, usePlantSeries } from '../data/use-plant-series.js';
import { useSpeech } from '../i18n/index.js';
import type { Stretch } from '../shell/time-range.js';
import { Answer } from './answer.js';
import { useChartWords } from './chart-words.js';
import { episodesOf } from './episodes.js';

const LEVELS = [95, 80, 50] as const;
/** Half the width of an anomaly's mark, ms. */
const MARK = 150_000;

/** Measured power against expected, the forecast ahead with its intervals, anomalies marked. */
export function PowerChart({
  id,
  stretch,
  timeZone,
}: {
  readonly id: string;
  readonly stretch: Stretch;
  readonly timeZone: string;
}) {
  const { t } = useSpeech();
  const series = usePlantSeries(id, ['solar_power'], stretch);
  const ahead = usePlantForecast(id).data;
  const forecast = stretch.live ? ahead : undefined;
  const anomalies = useQuery({
    queryKey: ['anomalies', id, stretch.key],
    queryFn: async () => {
      const { from, to } = stretch.bounds();
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: 1000 };
      return (await listAnomalies({ query: { asset_id: id, ...query } })).data.items;
    },
  }).data;
  const spans = useMemo(
    () =>
      episodesOf(anomalies ?? []).map(({ from, to }) => ({
        from: from - MARK,
        to: to + MARK,
        color: '--anomaly',
        mark: true,
      })),
    [anomalies],
  );
  return (
    <Answer query={series} height={300}>
      {(data) => (
        <Chart
          {...{ data, forecast, spans, timeZone }}
          title={t('now.power')}
          names={[t('chart.measured'), t('chart.expected'), t('chart.forecast')]}
        />
      )}
    </Answer>
  );
}

type Data = NonNullable<ReturnType<typeof usePlantSeries>['data']>;
type Forecast = ReturnType<typeof usePlantForecast>['data'];

function Chart({
  data,
  forecast,
  spans,
  timeZone,
  title,
  names: [measured, expected, ahead],
}: {
  readonly data: Data;
  readonly forecast: Forecast;
  readonly spans: readonly { from: number; to: number; color: string; mark: boolean }[];
  readonly timeZone: string;
  readonly title: string;
  readonly names: readonly [string, string, string];
}) {
  const shown = useMemo(() => {
    const last = data.time.at(-1) ?? 0;
    const points = (forecast?.points ?? []).filter(({ time }) => Date.parse(time) > last);
    const kilo = (watts: number | null | undefined) => (watts == null ? Number.NaN : watts / 1000);
    const before = data.time.map(() => Number.NaN);
    const after = points.map(() => Number.NaN);
    const past = (of: Data['series']) => [...(Object.values(of)[0]?.values ?? before).map(kilo), ...after];
    const future = (pick: (point: (typeof points)[number]) => number | null) => [
      ...before,
      ...points.map((p) => kilo(pick(p))),
    ];
    return {
      time: [...data.time, ...points.map(({ time }) => Date.parse(time))],
      lines: [
        { name: measured, values: past(data.series), color: '--measured' },
        { name: expected, values: past(data.expected), color: '--expected', dashed: true },
        ...(points.length > 0 ? [{ name: ahead, values: future(({ value }) => value), color: '--forecast' }] : []),
      ],
      bands:
        points.length === 0
          ? []
          : LEVELS.map((level) => ({
              name: `${level} %`,
              low: future((point) => point[`lower${level}`]),
              high: future((point) => point[`upper${level}`]),
              color: '--forecast',
              opacity: 0.14,
            })),
    };
  }, [data, forecast, measured, expected, ahead]);
  const words = useChartWords();
  return <LineChart title={title} unit="kW" syncKey="plant" {...{ timeZone, spans, words, ...shown }} />;
}
