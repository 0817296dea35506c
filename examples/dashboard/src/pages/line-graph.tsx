import { useQuery } from '@tanstack/react-query';
import { getPlant } from '@twinergy-examples/client';
import { LineChart } from '@twinergy-examples/ui/chart';
import { useSearchParams } from 'wouter';
import { type Preferences, shownIn, usePreferences } from '../data/preferences.js';
import { type PlantSeries, usePlantSeries } from '../data/use-plant-series.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { useChartWords } from '../parts/chart-words.js';
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
  const time = useRange(asset?.zone ?? 'UTC');
  const chosen = (query.get('channels') ?? AT_FIRST).split(',').filter(Boolean);
  const plant = useQuery({
    queryKey: ['plant', id],
    queryFn: async () => (await getPlant({ path: { asset_id: id } })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const series = usePlantSeries(id, chosen, time.stretch);
  const words = useChartWords();
  const preferences = usePreferences();
  const titles = new Map(plant.data?.channels.map(({ name, title }) => [name, title]));
  const toggle = (name: string) =>
    setQuery((before) => {
      const names = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
      before.set('channels', names.join(','));
      return before;
    });
  return (
    <>
      <TimeRange {...time} />
      <Answer query={plant} height={80}>
        {({ channels }) => (
          <fieldset className="channels card">
            <legend>{t('charts.channels')}</legend>
            {distinct(channels).map(({ name, title, unit }) => (
              <label key={name}>
                <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
                <span>
                  {title} <span className="muted">{unit}</span>
                </span>
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
                  {...chartOf(
                    data,
                    scaleOf(preferences, unit),
                    (name) => titles.get(name) ?? name,
                    t('chart.expected').toLowerCase(),
                  )}
                  syncKey="plant"
                  timeZone={time.timeZone}
                  words={words}
                />
              </section>
            ));
          }}
        </Answer>
      )}
    </>
  );
}

interface Channel {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly alias_of: string | null;
}

/** The channels without those that another one is a second name of. */
function distinct(channels: readonly Channel[]): Channel[] {
  const named = new Set(channels.map(({ alias_of: of }) => of));
  return channels.filter(({ name }) => !named.has(name));
}

/** A unit of the API with the one that is drawn; power reads better in kilowatts. */
function scaleOf(preferences: Preferences, unit: string) {
  if (unit === 'W' || unit === 'Wh') return { unit, shown: `k${unit}`, of: (value: number) => value / 1000 };
  const { unit: shown, of } = shownIn(preferences, unit);
  return { unit, shown, of };
}

/** All channels of one unit: each measured and, in the same colour and thin, expected. */
function chartOf(
  data: PlantSeries,
  { unit, shown, of }: ReturnType<typeof scaleOf>,
  titleOf: (name: string) => string,
  expected: string,
) {
  const names = Object.entries(data.series).flatMap(([name, column]) => (column.unit === unit ? [name] : []));
  const scaled = (values: readonly number[] | undefined) => (values ?? []).map(of);
  return {
    title: names.map(titleOf).join(', '),
    time: data.time,
    unit: shown,
    zero: unit.startsWith('W') || unit === '%',
    lines: names.flatMap((name, i) => {
      const color = COLORS[i % COLORS.length] as string;
      const sound = data.expected[name];
      return [
        { name: titleOf(name), values: scaled(data.series[name]?.values), color },
        ...(sound === undefined
          ? []
          : [
              {
                name: `${titleOf(name)}, ${expected}`,
                values: scaled(sound.values),
                color: names.length === 1 ? '--expected' : color,
                dashed: true,
              },
            ]),
      ];
    }),
  };
}
