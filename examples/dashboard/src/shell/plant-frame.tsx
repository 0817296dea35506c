import { useQuery } from '@tanstack/react-query';
import { type Asset, listAssets } from '@twinergy-examples/client';
import { type ReactNode, useCallback } from 'react';
import { Link, useLocation } from 'wouter';
import { usePreferences, zoneFor } from '../data/preferences.js';
import { useSpeech, type Word } from '../i18n/index.js';

const PAGES = [
  ['now', 'plant.now'],
  ['place', 'plant.place'],
  ['charts', 'plant.charts'],
  ['ahead', 'plant.ahead'],
] as const satisfies readonly (readonly [string, Word])[];

/** All plants that one may see, each with the `zone` that its times are shown in. */
export function useAssets() {
  const preferences = usePreferences();
  return useQuery({
    queryKey: ['assets'],
    queryFn: async () => (await listAssets({ query: { limit: 500 } })).data.items,
    select: useCallback(
      (items: Asset[]) => items.map((asset) => ({ ...asset, zone: zoneFor(preferences, asset.time_zone) })),
      [preferences],
    ),
  });
}

/** One plant by its id; undefined while it is on its way. */
export function useAsset(id: string) {
  return useAssets().data?.find((asset) => asset.id === id);
}

/** What the pages of one plant have above them: its name, its pages, another plant. */
export function PlantFrame({
  id,
  page,
  children,
}: {
  readonly id: string;
  readonly page: string;
  readonly children: ReactNode;
}) {
  const { t } = useSpeech();
  const [, go] = useLocation();
  const assets = useAssets().data ?? [];
  const asset = assets.find((one) => one.id === id);
  return (
    <>
      <header className="plant-head">
        <h1 className={assets.length > 1 ? 'visually-hidden' : undefined}>{asset?.name ?? id}</h1>
        {assets.length > 1 && (
          <label>
            <span className="visually-hidden">{t('plant.choose')}</span>
            <select
              className="plant-choice"
              value={id}
              onChange={({ target }) => go(`/plants/${encodeURIComponent(target.value)}/${page}`)}
            >
              {assets.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <nav className="tabs" aria-label={asset?.name ?? id}>
          {PAGES.map(([path, word]) => (
            <Link
              key={path}
              href={`/plants/${encodeURIComponent(id)}/${path}`}
              className="tab"
              aria-current={page === path ? 'page' : undefined}
            >
              {t(word)}
            </Link>
          ))}
        </nav>
      </header>
      {children}
    </>
  );
}
