import { type Clock, quote, systemClock, TwinergyError } from '../../core/index.js';
import type { TenantStorage } from '../../storage/index.js';
import type { ModelCard } from './card.js';
import type { DataFingerprint } from './fingerprint.js';

/** What is given with a model to be kept. */
export interface ModelEntry {
  /** The model as JSON data, such as its `toJSON()`. */
  readonly data: unknown;
  /** Kind of the model: `AnomalyDetector`, `RULPredictor`. */
  readonly kind: string;
  readonly fingerprint?: DataFingerprint | undefined;
  /** Figures of merit by name, for comparing versions. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /**
   * Where it stands from the beginning, in the transaction that keeps it: `current` takes it into use, `shadow` lets it run beside.
   * Default: aside.
   */
  readonly place?: 'current' | 'shadow' | undefined;
  /** Why it is taken into use at once. */
  readonly why?: string | undefined;
  /** The rest of its card. */
  readonly card?: Partial<Pick<ModelCard, 'purpose' | 'source' | 'measured' | 'limits' | 'options'>> | undefined;
}

/** A version of a model, without its data. */
export interface ModelVersion {
  readonly name: string;
  readonly version: number;
  readonly kind: string;
  /** When it was registered, ms since the epoch. */
  readonly time: number;
  readonly fingerprint: DataFingerprint | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly card: ModelCard;
}

/** A change of which version is in use. */
export interface Promotion {
  readonly version: number;
  readonly time: number;
  readonly by?: string | undefined;
  readonly why?: string | undefined;
}

/** What is known of a model's name: its versions and which is in use. */
export interface ModelLine {
  readonly formatVersion: 1;
  readonly name: string;
  readonly versions: readonly ModelVersion[];
  /** Version in use; null before the first promotion. */
  readonly current: number | null;
  /** Version that runs beside it, whose answers are only compared; null: none. */
  readonly shadow: number | null;
  /** Earlier versions in use, the latest last: `rollback` goes back along it. */
  readonly history: readonly Promotion[];
}

/** Options of `ModelRegistry`. */
export interface RegistryOptions {
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /** Versions whose data are kept beside those in use, of each name. Default 5. */
  readonly keep?: number | undefined;
}

/**
 * Models in storage: each registration is a new version with its fingerprint, metrics and card; promotion says which one
 * is in use, rollback takes it back, a shadow runs beside. A version never changes. The line of a name and the data it
 * names are written in one transaction, by one writer for each name.
 *
 * ```ts
 * const registry = new ModelRegistry(storage);
 * const { version } = await registry.register('prior:home', { kind: 'AnomalyDetector', data: detector.toJSON() });
 * await registry.promote('prior:home', version);
 * ```
 */
export class ModelRegistry {
  readonly #storage: TenantStorage;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keep: number;

  constructor(storage: TenantStorage, { clock = systemClock, keep = 5 }: RegistryOptions = {}) {
    this.#storage = storage;
    this.#clock = clock;
    this.#keep = keep;
  }

  /** The versions of a name and which is in use; undefined where there is none. */
  async line(name: string): Promise<ModelLine | undefined> {
    const data = (await this.#storage.get('models', lineId(name)))?.data;
    return isLine(data) ? data : undefined;
  }

  /** Keeps a model as the next version of `name`. It is not in use before it is promoted, unless `place` says so. */
  async register(name: string, entry: ModelEntry): Promise<ModelVersion> {
    const line = (await this.line(name)) ?? emptyLine(name);
    const version = 1 + line.versions.reduce((most, known) => Math.max(most, known.version), 0);
    const time = this.#clock.now();
    const { kind, fingerprint = null, metrics = {}, card = {}, place, why } = entry;
    const made: ModelVersion = {
      name,
      version,
      kind,
      time,
      fingerprint,
      metrics,
      card: {
        name,
        version,
        kind,
        made: time,
        data: fingerprint,
        metrics,
        purpose: card.purpose ?? '',
        source: card.source ?? null,
        measured: card.measured ?? null,
        limits: card.limits ?? [],
        options: card.options ?? {},
      },
    };
    const versions = [...line.versions, made];
    const inUse = new Set([line.current, line.shadow, version, line.history.at(-2)?.version]);
    const spare = versions.filter((known) => !inUse.has(known.version)).map((known) => known.version);
    const gone = spare.slice(0, Math.max(0, spare.length - this.#keep));
    const kept = versions.filter((known) => !gone.includes(known.version));
    await this.#storage.commit({
      put: {
        models: [
          { id: dataId(name, version), time, name, kind, version, metrics, data: entry.data },
          this.#record({
            ...line,
            versions: kept,
            ...(place === 'shadow' && { shadow: version }),
            ...(place === 'current' && { current: version, history: [...line.history, { version, time, why }] }),
          }),
        ],
      },
      remove: { models: gone.map((old) => dataId(name, old)) },
    });
    return made;
  }

  /**
   * Takes a version into use.
   * @throws TwinergyError `REGISTRY_UNKNOWN_MODEL`
   */
  async promote(
    name: string,
    version: number,
    { by, why }: Omit<Promotion, 'version' | 'time'> = {},
  ): Promise<ModelLine> {
    const line = await this.#known(name, version);
    if (line.current === version) return line;
    return this.#put({
      ...line,
      current: version,
      shadow: line.shadow === version ? null : line.shadow,
      history: [...line.history, { version, time: this.#clock.now(), by, why }],
    });
  }

  /**
   * Goes back to the version that was in use before.
   * @throws TwinergyError `REGISTRY_UNKNOWN_MODEL`, `REGISTRY_NO_EARLIER`
   */
  async rollback(name: string): Promise<ModelLine> {
    const line = await this.#known(name);
    const before = line.history.at(-2);
    if (before === undefined) {
      throw new TwinergyError('REGISTRY_NO_EARLIER', `No earlier version of ${quote(name)} was in use.`, {
        value: name,
      });
    }
    await this.#known(name, before.version);
    return this.#put({ ...line, current: before.version, history: line.history.slice(0, -1) });
  }

  /** Lets a version run beside the one in use, or none. @throws TwinergyError `REGISTRY_UNKNOWN_MODEL` */
  async setShadow(name: string, version: number | null): Promise<ModelLine> {
    const line = await this.#known(name, version ?? undefined);
    return this.#put({ ...line, shadow: version });
  }

  /** The data of a version, or of the one in use; undefined where there is none. */
  async load(
    name: string,
    version?: number,
  ): Promise<{ readonly version: number; readonly data: unknown } | undefined> {
    const wanted = version ?? (await this.line(name))?.current ?? undefined;
    if (wanted === undefined) return undefined;
    const record = await this.#storage.get('models', dataId(name, wanted));
    return record === undefined ? undefined : { version: wanted, data: record.data };
  }

  /** The card of a version, or of the one in use. @throws TwinergyError `REGISTRY_UNKNOWN_MODEL` */
  async card(name: string, version?: number): Promise<ModelCard> {
    const line = await this.#known(name, version);
    const wanted = version ?? line.current ?? line.versions.at(-1)?.version;
    return (line.versions.find((known) => known.version === wanted) as ModelVersion).card;
  }

  async #known(name: string, version?: number): Promise<ModelLine> {
    const line = await this.line(name);
    if (line === undefined || (version !== undefined && !line.versions.some((known) => known.version === version))) {
      const what = version === undefined ? quote(name) : `version ${version} of ${quote(name)}`;
      throw new TwinergyError('REGISTRY_UNKNOWN_MODEL', `There is no ${what}.`, {
        value: version ?? name,
        ...(line !== undefined && { hint: `Versions: ${line.versions.map((known) => known.version).join(', ')}.` }),
      });
    }
    return line;
  }

  async #put(line: ModelLine): Promise<ModelLine> {
    await this.#storage.put('models', [this.#record(line)]);
    return line;
  }

  #record(line: ModelLine) {
    return { id: lineId(line.name), time: this.#clock.now(), name: line.name, kind: 'line', data: line };
  }
}

function lineId(name: string): string {
  return `line:${name}`;
}

function dataId(name: string, version: number): string {
  return `model:${name}@${version}`;
}

function emptyLine(name: string): ModelLine {
  return { formatVersion: 1, name, versions: [], current: null, shadow: null, history: [] };
}

function isLine(data: unknown): data is ModelLine {
  return typeof data === 'object' && data !== null && (data as ModelLine).formatVersion === 1 && 'versions' in data;
}
