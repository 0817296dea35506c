import { useQuery } from '@tanstack/react-query';
import { getPlant } from '@twinergy-examples/client';
import { LineChart } from '@twinergy-examples/ui/chart';
import { useSearchParams } from 'wouter';
import { usePlantSeries } from '../data/use-plant-series.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';
import { useAsset } from '../shell/plant-frame.js';
import { TimeRange, useRange } from '../shell/time-range.js';

const COLORS = ['--measured', '--battery', '--grid', '--sun', '--load', '--forecast'];
const AT_FIRST = 'solar_power,irradiance';

/** LineGraph: the course of any channels, one chart for each unit, with one crosshair. */
export default function LineGraph({ id }: { readonly id: string }) {
  const { t } = useSpeech();
  const asset = useAsset(id);
  const [query, setQuery] = useSearchParams();
  const { range, span, setRange } = useRange();
  const chosen = (query.get('channels') ?? AT_FIRST).split(',').filter(Boolean);
  const plant = useQuery({
    queryKey: ['plant', id],
    queryFn: async () => (await getPlant({ path: { asset_id: id } })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const series = usePlantSeries(id, chosen, span);
  const toggle = (name: string) =>
    setQuery((before) => {
      const names = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
      before.set('channels', names.join(','));
      return before;
    });
  return (
    <>
      <TimeRange range={range} onChange={setRange} />
      <Answer query={plant} height={80}>
        {({ channels }) => (
          <fieldset className="channels card">
            <legend>{t('charts.channels')}</legend>
            {channels.map(({ name, title, unit }) => (
              <label key={name}>
                <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {title}{' '}
                <span className="muted">{unit}</span>
              </label>
            ))}
          </fieldset>
        )}
      </Answer>
      {chosen.length === 0 ? (
        <Empty text={t('charts.none')} />
      ) : (
        <Answer query={series} height={300}>
          {(data) => {
            const units = [...new Set(Object.values(data.series).map(({ unit }) => unit))];
            return units.map((unit) => (
              <section className="card" key={unit}>
                <LineChart
                  title={Object.entries(data.series)
                    .filter(([, column]) => column.unit === unit)
                    .map(([name]) => name)
                    .join(', ')}
                  time={data.time}
                  unit={unit}
                  syncKey="plant"
                  timeZone={asset?.time_zone ?? 'UTC'}
                  zero={unit.startsWith('W') || unit === '%'}
                  lines={Object.entries(data.series)
                    .filter(([, column]) => column.unit === unit)
                    .flatMap(([name, { values }], i) => [
                      { name, values, color: COLORS[i % COLORS.length] as string },
                      ...(data.expected[name] === undefined
                        ? []
                        : [
                            {
                              name: `${name}, ${t('chart.expected').toLowerCase()}`,
                              values: data.expected[name]?.values ?? [],
                              color: '--expected',
                              dashed: true,
                            },
                          ]),
                    ])}
                />
              </section>
            ));
          }}
        </Answer>
      )}
    </>
  );
}
