import type { ActionsState, AlertEngine, AlertEngineState, DispatcherState, SuppressorState } from '../alerts/index.js';
import { TwinergyError } from '../core/index.js';
import type { Checkpoint, TenantStorage } from '../storage/index.js';
import type { AssetMonitor } from './asset-monitor.js';
import type { AssetState, DailyState } from './asset-state.js';

const FORMAT = 2;
const SHARED = 'monitor';
const ASSET = 'monitor:asset:';
const ALARMS = 'monitor:alarms:';
const DAILY = 'monitor:daily:';

/** What belongs to no single asset. */
export interface SharedState {
  readonly alerts: Omit<AlertEngineState, 'assets'>;
  readonly desk?: DispatcherState | undefined;
  readonly suppressor?: SuppressorState | undefined;
  readonly actions?: ActionsState | undefined;
}

/** What was stored of a monitor. */
export interface StoredState {
  readonly shared: SharedState;
  readonly assets: ReadonlyMap<string, AssetState>;
  readonly daily: ReadonlyMap<string, DailyState>;
  readonly alarms: ReadonlyMap<string, AlertEngineState['assets'][number]>;
}

/** A class, not a literal, for the reason that scores are: see `HealthScoreCalculator`. */
class CheckpointRow implements Checkpoint {
  constructor(
    readonly id: string,
    readonly time: number,
    readonly state: unknown,
  ) {}
}

/**
 * The rows with which a step is written down: of each asset what changed, so that the cost of a step does not grow with the
 * number of assets. `alarms` are the assets whose rules remember something new.
 */
export function checkpointRows(
  touched: Iterable<AssetMonitor>,
  dailyChanged: Iterable<AssetMonitor>,
  alarms: Iterable<string>,
  engine: AlertEngine,
  now: number,
): Checkpoint[] {
  const rows: Checkpoint[] = [];
  for (const asset of touched) rows.push(new CheckpointRow(ASSET + asset.id, now, asset.save()));
  for (const asset of dailyChanged) rows.push(new CheckpointRow(DAILY + asset.id, now, asset.saveDaily()));
  for (const id of alarms) {
    const state = engine.saveAsset(id);
    if (state !== undefined) rows.push(new CheckpointRow(ALARMS + id, now, state));
  }
  return rows;
}

/** The row of what all assets share. */
export function sharedRow(state: SharedState, now: number): Checkpoint {
  return new CheckpointRow(SHARED, now, { formatVersion: FORMAT, ...state });
}

/** Everything that was stored; undefined where nothing was. @throws TwinergyError `MONITOR_BAD_STATE` */
export async function readCheckpoints(storage: TenantStorage): Promise<StoredState | undefined> {
  const shared = (await storage.get('checkpoints', SHARED))?.state as
    | (SharedState & { readonly formatVersion: number })
    | undefined;
  if (shared !== undefined && shared.formatVersion !== FORMAT) {
    throw new TwinergyError(
      'MONITOR_BAD_STATE',
      `The stored state has format ${String(shared.formatVersion)}; this release reads format ${FORMAT}.`,
    );
  }
  const assets = new Map<string, AssetState>();
  const daily = new Map<string, DailyState>();
  const alarms = new Map<string, AlertEngineState['assets'][number]>();
  let after: string | undefined;
  do {
    const page = await storage.list('checkpoints', { limit: 10_000, after });
    for (const { id, state } of page.rows) {
      if (id.startsWith(ASSET)) assets.set(id.slice(ASSET.length), state as AssetState);
      else if (id.startsWith(DAILY)) daily.set(id.slice(DAILY.length), state as DailyState);
      else if (id.startsWith(ALARMS)) alarms.set(id.slice(ALARMS.length), state as AlertEngineState['assets'][number]);
    }
    after = page.next;
  } while (after !== undefined);
  if (shared === undefined && assets.size === 0) return undefined;
  const nothing = { kind: 'AlertEngine', formatVersion: 2, sequence: 0, late: 0, groups: [] } as const;
  return { shared: shared ?? { alerts: nothing }, assets, daily, alarms };
}

/** The state of the alert engine, put together again. */
export function engineState({ shared, assets, alarms }: StoredState): AlertEngineState {
  const ids = new Set([...alarms.keys(), ...assets.keys()]);
  return {
    ...shared.alerts,
    assets: [...ids].map((id) => {
      const kept = alarms.get(id);
      // The time of the last reading changes with each; what rules remember mostly does not.
      const lastTime = assets.get(id)?.time ?? kept?.lastTime ?? Number.NEGATIVE_INFINITY;
      return { asset: kept?.asset ?? { id }, lastTime, tracks: kept?.tracks ?? [] };
    }),
  };
}
