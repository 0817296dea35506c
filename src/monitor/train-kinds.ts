import { type Clock, type Progress, systemClock, throwIfAborted, type WorkOptions } from '../core/index.js';
import type { TenantStorage } from '../storage/index.js';
import { type AssetModel, DigitalTwin, type PlantDescription } from '../twin/index.js';
import type { JobQueue } from './jobs/index.js';
import { priorEntry, priorName, trainBy } from './kinds.js';
import type { PriorOptions } from './prior-models.js';
import { ModelRegistry, type ModelVersion } from './registry/registry.js';
import { textName } from './text-name.js';

/** Jobs that are handed to the queue and not done, at most: it need not hold the payloads of all kinds. */
const HANDED_IN = 64;

/** Options of `trainKinds`. */
export interface TrainKindsOptions extends WorkOptions {
  /** Where the training is done: one job of kind `train` for each kind of asset (see `monitorJobs`). */
  readonly jobs: JobQueue;
  /** Plants by their description, and assets of any kind by their model. Default: the plants that storage knows. */
  readonly assets?: readonly (PlantDescription | AssetModel)[] | undefined;
  /** How the models are made; as the monitors' option `models`. */
  readonly models?: PriorOptions | undefined;
  /** What becomes of a new version where one is in use: it runs beside it (`shadow`, default), or takes its place (`current`). */
  readonly place?: 'shadow' | 'current' | undefined;
  /** A name for this round: what was trained with the same options is trained again under another one, after an upgrade say. */
  readonly run?: string | undefined;
  /** Dates the versions. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

/** What became of a kind of asset. */
export interface TrainedKind {
  /** Name of its models in the registry: `prior:…`. */
  readonly name: string;
  /** The assets that share them. */
  readonly assetIds: readonly string[];
  /**
   * `current`: trained and in use; `shadow`: trained, runs beside the one in use; `known`: such a version is in the registry already,
   * nothing was done; `failed`: see `error`.
   */
  readonly outcome: 'current' | 'shadow' | 'known' | 'failed';
  /** The version in the registry; null where the training failed. */
  readonly version: number | null;
  readonly error: unknown;
}

/**
 * Trains the models that assets begin with, one job for each kind of asset, side by side, and puts them into the registry: in use
 * where a kind had none, else as a shadow. A kind that fails does not stop the others. The same call again does nothing twice:
 * jobs have names that follow from tenant, kind and options, and a version that was made of the same is not made again.
 *
 * ```ts
 * const kinds = await trainKinds(storage, { jobs, assets, models: { soundDays: 60 } });
 * ```
 * @throws AbortedError when `signal` is aborted; what was registered by then stays
 * @throws TwinergyError `TWIN_BAD_DESCRIPTION`
 */
export async function trainKinds(storage: TenantStorage, options: TrainKindsOptions): Promise<TrainedKind[]> {
  const { assets = await knownPlants(storage), signal, onProgress } = options;
  throwIfAborted(signal);
  const kinds = [...kindsOf(assets)];
  const trained: TrainedKind[] = [];
  const progressed = (progress: Progress) => onProgress?.({ ...progress, done: trained.length, total: kinds.length });
  const next = kinds.values();
  const lane = async (): Promise<void> => {
    for (const [name, { twin, assetIds }] of next) {
      if (signal?.aborted === true) return;
      const onKind = ({ phase }: Progress) => progressed({ phase: `${name}: ${phase}`, done: 0, total: 0 });
      const { outcome, version, error } = await trainKind(storage, name, twin, { ...options, onProgress: onKind });
      trained.push({ name, assetIds, outcome, version, error });
      onKind({ phase: outcome, done: 0, total: 0 });
    }
  };
  await Promise.all(Array.from({ length: Math.min(HANDED_IN, kinds.length) }, lane));
  throwIfAborted(signal);
  return trained.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function trainKind(
  storage: TenantStorage,
  name: string,
  twin: DigitalTwin,
  { jobs, models = {}, place = 'shadow', run, clock = systemClock, signal, onProgress }: TrainKindsOptions,
): Promise<Pick<TrainedKind, 'outcome' | 'version' | 'error'>> {
  const { tenantId } = storage;
  const options = { seed: 0, ...models };
  const asked = { ...options, ...(run !== undefined && { run }) };
  try {
    const registry = new ModelRegistry(storage, { clock });
    const known = (await registry.line(name))?.versions.find((version) => madeOf(version) === textOf(asked));
    if (known !== undefined) return { outcome: 'known', version: known.version, error: undefined };
    const id = `train:${tenantId}:${name}:${textName(textOf(asked))}`;
    const request = { id, tenantId, priority: 'background' } as const;
    const result = await trainBy(jobs, twin, { options, judge: true, request }, { signal, onProgress });
    // A monitor may have made the first models of the kind meanwhile.
    const current = (await registry.line(name))?.current ?? null;
    const where = current === null ? 'current' : place;
    const why = current === null ? 'first models of the kind' : 'trained anew';
    const { version } = await registry.register(name, { ...priorEntry(twin, asked, result), place: where, why });
    return { outcome: where, version, error: undefined };
  } catch (error) {
    return { outcome: 'failed', version: null, error };
  }
}

/** The kinds of assets there are, each with a twin and the ids of its assets. */
function kindsOf(assets: readonly (PlantDescription | AssetModel)[]) {
  const kinds = new Map<string, { readonly twin: DigitalTwin; readonly assetIds: string[] }>();
  for (const asset of assets) {
    const twin = new DigitalTwin(asset);
    const name = priorName(twin);
    const kind = kinds.get(name) ?? { twin, assetIds: [] };
    kind.assetIds.push(twin.id);
    kinds.set(name, kind);
  }
  return kinds;
}

async function knownPlants(storage: TenantStorage): Promise<PlantDescription[]> {
  const plants: PlantDescription[] = [];
  let after: string | undefined;
  do {
    const page = await storage.list('assets', { limit: 10_000, after });
    for (const { description } of page.rows)
      if (description !== undefined) plants.push(description as PlantDescription);
    after = page.next;
  } while (after !== undefined);
  return plants;
}

/** What a version was made of. */
function madeOf({ card }: ModelVersion): string {
  return textOf(card.options);
}

/** Options as a text, the same in whatever order they were given. */
function textOf(options: object): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}
