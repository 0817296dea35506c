import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { type PlantDescription, readPlant } from '../../src/twin/index.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const root = new URL('../../', import.meta.url).pathname;
const STEP = 900_000;

/** The dashboard, built into a folder of its own, with the answers of a server that has one plant. */
export interface DashboardSite {
  /** What stands at an address, for `inChromium`. */
  readonly files: (url: string) => readonly [type: string, body: string | Uint8Array] | undefined;
  /** Every file that was asked for so far, with its size after gzip, in order; answers of the API are none. */
  readonly served: readonly { readonly path: string; readonly bytes: number }[];
  remove(): void;
}

/** Builds the dashboard, of the built package. @param plant what its API tells of */
export async function dashboardSite(plant: PlantDescription): Promise<DashboardSite> {
  const outDir = mkdtempSync(join(tmpdir(), 'twinergy-dashboard-'));
  await build({
    root: join(root, 'examples/dashboard'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 2000 },
  });
  const answer = answersFor(plant);
  const served: { path: string; bytes: number }[] = [];
  return {
    served,
    files(url) {
      const address = new URL(url, 'http://localhost');
      const path = normalize(address.pathname);
      if (path.startsWith('/api/')) {
        const body = answer(path.slice('/api/v1'.length), address.searchParams);
        return body === undefined ? undefined : ['application/json', JSON.stringify(body)];
      }
      const type = TYPES[extname(path)];
      // A path that names no file is a page's: it finds its way by itself.
      const file = join(outDir, type === undefined ? 'index.html' : path);
      if (!existsSync(file)) return undefined;
      const body = readFileSync(file);
      served.push({ path, bytes: gzipSync(body).length });
      return [type ?? 'text/html', body];
    },
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}

/** Answers of the API for one plant of many strings: a clear day, each string a little different from the next. */
function answersFor(description: PlantDescription): (path: string, query: URLSearchParams) => object | undefined {
  const plant = readPlant(description);
  const { id, name, site } = plant;
  const channels = plant.strings.flatMap((string) =>
    (['dc_current', 'dc_voltage'] as const).map((quantity) => ({
      name: `${string.id}.${quantity}`,
      unit: quantity === 'dc_current' ? 'A' : 'V',
      title: `${quantity} of ${string.id}`,
      alias_of: null,
      full_scale: 1000,
    })),
  );
  const place = `/assets/${id}`;
  const fixed: Readonly<Record<string, object>> = {
    '/auth/me': {
      id: 'user',
      name: 'User',
      kind: 'user',
      role: 'viewer',
      permissions: ['read'],
      tenant: { id: 'default', name: 'Default', settings: {} },
      platform: false,
      preferences: {},
    },
    '/assets': { items: [{ id, name, type: 'solar-plant', time_zone: site.timeZone, labels: {}, open_alerts: 0 }] },
    '/summary': {
      time: new Date(0).toISOString(),
      sentence: 'All well',
      well: true,
      power: 0,
      energy_today_kwh: 0,
      alerts: { CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0 },
      plants: [],
      changes: { since: null, alerts: 0, resolved: 0, anomalies: 0, tasks_done: 0 },
    },
    '/alerts': { items: [] },
    [place]: { id, name },
    [`${place}/plant`]: { description, resolved: plant, channels, stages: [] },
    [`${place}/diagnosis`]: { asset_id: id, findings: [], currency: null },
  };
  return (path, query) => fixed[path] ?? (path === `${place}/series` ? clearDay(query) : undefined);
}

function clearDay(query: URLSearchParams): object {
  const from = Date.parse(query.get('from') ?? '');
  const times = Array.from(
    { length: Math.floor((Date.parse(query.get('to') ?? '') - from) / STEP) },
    (_, i) => from + i * STEP,
  );
  const column = (name: string, share: number) => ({
    unit: name.endsWith('voltage') ? 'V' : 'A',
    values: times.map((_, i) => {
      const light = Math.max(0, Math.sin((Math.PI * (i - 24)) / 48));
      return Math.round(100 * (name.endsWith('voltage') ? 700 : 10 * light * share)) / 100;
    }),
  });
  const names = (query.get('channels') ?? '').split(',');
  const columns = (share: (i: number) => number) =>
    Object.fromEntries(names.map((name, i) => [name, column(name, share(i))]));
  return { times, series: columns((i) => 1 - (i % 40) / 100), expected: columns(() => 1) };
}
