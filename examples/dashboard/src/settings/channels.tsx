import { useQuery } from '@tanstack/react-query';
import { getLatest, getPlant } from '@twinergy-examples/client';
import { inUnit } from '@twinergy-examples/ui';
import { Link, useSearchParams } from 'wouter';
import { shownIn, usePreferences } from '../data/preferences.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';
import { useAssets } from '../shell/plant-frame.js';

/** What a plant measures, in which unit, and what came last. */
export function Channels() {
  const { t } = useSpeech();
  const [query, setQuery] = useSearchParams();
  const assets = useAssets();
  const id = query.get('plant') ?? assets.data?.[0]?.id;
  return (
    <section className="card">
      <label className="inline">
        {t('plant.choose')}
        <select className="button" value={id ?? ''} onChange={({ target }) => setQuery({ plant: target.value })}>
          {assets.data?.map((asset) => (
            <option key={asset.id} value={asset.id}>
              {asset.name}
            </option>
          ))}
        </select>
      </label>
      {id === undefined ? <Empty text={t('overview.none')} /> : <ChannelTable id={id} />}
    </section>
  );
}

function ChannelTable({ id }: { readonly id: string }) {
  const { t, locale } = useSpeech();
  const preferences = usePreferences();
  const written = (value: number | undefined, unit: string) => {
    const shown = shownIn(preferences, unit);
    return inUnit(value === undefined ? undefined : shown.of(value), shown.unit, locale);
  };
  const plant = useQuery({
    queryKey: ['plant', id],
    queryFn: async () => (await getPlant({ path: { asset_id: id } })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const latest = useQuery({
    queryKey: ['latest', id],
    queryFn: async () => (await getLatest({ path: { asset_id: id } })).data,
    refetchInterval: 10_000,
  }).data;
  return (
    <Answer query={plant} height={400}>
      {({ channels }) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <section className="value-table tall" tabIndex={0} aria-label={t('settings.channels')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('charts.channels')}</th>
                <th scope="col">{t('channels.name')}</th>
                <th scope="col">{t('channels.last')}</th>
                <th scope="col">{t('chart.expected')}</th>
              </tr>
            </thead>
            <tbody>
              {channels.map(({ name, title, unit, alias_of: alias }) => (
                <tr key={name}>
                  <th scope="row">
                    <Link href={`/plants/${encodeURIComponent(id)}/charts?channels=${name}`}>{title}</Link>
                  </th>
                  <td>
                    <code>{name}</code> {alias !== null && <span className="muted">= {alias}</span>}
                  </td>
                  <td>{written(latest?.values[name], unit)}</td>
                  <td>{written(latest?.expected[name], unit)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Answer>
  );
}
