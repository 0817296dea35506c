import type { AlertEngineState } from './engine-state.js';
import { appliesTo, type CompiledRule } from './rules/compile-rule.js';
import type { AlertAsset } from './rules/rule.js';
import { AssetRuntime, newState, newTrack, type Track } from './runtime.js';
import { restoredTrack, type SavedTrack, savedTrack } from './saved-track.js';
import { copyTrack, type TrackState } from './track.js';

/** The assets that are known, with what is remembered of each rule on each of them and on their groups. */
export class AlarmRegistry {
  readonly #compiled: readonly CompiledRule[];
  readonly #slots: Float64Array;
  readonly #tenantId: string | undefined;
  readonly #assets = new Map<string, AssetRuntime>();
  readonly #groups = new Map<string, Track>();
  readonly #byFingerprint = new Map<string, Track>();
  /** What a rule remembers before anything has happened; nothing changes it. */
  readonly #fresh: ReadonlyMap<CompiledRule, TrackState>;
  /** The asset asked for last: readings of one asset mostly come together. */
  #last: AssetRuntime | undefined;

  constructor(compiled: readonly CompiledRule[], slots: Float64Array, tenantId: string | undefined) {
    this.#compiled = compiled;
    this.#slots = slots;
    this.#tenantId = tenantId;
    this.#fresh = new Map(compiled.map((rule) => [rule, newState(rule)]));
  }

  /** The assets, in the order in which they became known. */
  assets(): IterableIterator<AssetRuntime> {
    return this.#assets.values();
  }

  /** The runtime of an asset; one that nobody described is taken as it comes. */
  asset(id: string): AssetRuntime {
    if (this.#last?.asset.id === id) return this.#last;
    this.#last = this.#assets.get(id) ?? this.set({ id });
    return this.#last;
  }

  /** The track of a fingerprint. */
  track(fingerprint: string): Track | undefined {
    return this.#byFingerprint.get(fingerprint);
  }

  /** Makes an asset known, or changes what is known about it; what is remembered of its rules stays. */
  set(description: AlertAsset): AssetRuntime {
    const asset = { ...description, tenantId: description.tenantId ?? this.#tenantId };
    const known = this.#assets.get(asset.id);
    const runtime = new AssetRuntime(asset, this.#slots);
    for (const compiled of this.#compiled) {
      if (!appliesTo(compiled.rule, asset)) continue;
      if (compiled.group !== undefined) {
        for (const name of asset.groups ?? []) runtime.groups.push(this.#groupTrack(compiled, name, asset.tenantId));
        continue;
      }
      const track = known?.tracks.find((other) => other.compiled === compiled) ?? newTrack(compiled, asset);
      runtime.tracks.push(track);
      this.#byFingerprint.set(track.fingerprint, track);
    }
    for (const { state } of runtime.groups) state.members[asset.id] ??= { memory: null, level: 0 };
    runtime.seal();
    if (known !== undefined) runtime.lastTime = known.lastTime;
    this.#assets.set(asset.id, runtime);
    this.#last = undefined;
    return runtime;
  }

  /** What a state holds of assets and groups; JSON data. */
  save(): Pick<AlertEngineState, 'assets' | 'groups'> {
    return { assets: Array.from(this.#assets.values(), (runtime) => this.#saved(runtime)), ...this.saveGroups() };
  }

  /** The part of one asset. */
  saveAsset(id: string): AlertEngineState['assets'][number] | undefined {
    const runtime = this.#assets.get(id);
    return runtime === undefined ? undefined : this.#saved(runtime);
  }

  /** Whether there are any groups. */
  get hasGroups(): boolean {
    return this.#groups.size > 0;
  }

  /** The part of the groups. */
  saveGroups(): Pick<AlertEngineState, 'groups'> {
    return { groups: [...this.#groups].map(([key, { state }]) => ({ key, state: copyTrack(state) })) };
  }

  /**
   * Goes on where `state` was taken, and gives the tracks that were restored. What is known about assets already wins over
   * what the state says; a rule that changed since begins anew, but its alert stands on.
   */
  restore({ assets, groups }: Pick<AlertEngineState, 'assets' | 'groups'>): Track[] {
    const restored: Track[] = [];
    const take = (track: Track | undefined, state: SavedTrack | undefined) => {
      if (track === undefined) return;
      restoreTrack(track, state);
      restored.push(track);
    };
    for (const { asset, lastTime, tracks } of assets) {
      const runtime = this.#assets.get(asset.id) ?? this.set(asset);
      runtime.lastTime = lastTime;
      for (const track of runtime.tracks) {
        take(track, tracks.find(({ rule }) => rule === track.compiled.rule.id)?.state);
      }
      runtime.wake();
    }
    for (const { key, state } of groups) take(this.#groups.get(key), state);
    return restored;
  }

  #saved({ asset, lastTime, tracks }: AssetRuntime): AlertEngineState['assets'][number] {
    const differing: { rule: string; state: SavedTrack }[] = [];
    for (const { compiled, state } of tracks) {
      const saved = savedTrack(state, this.#fresh.get(compiled) as TrackState);
      if (saved !== undefined) differing.push({ rule: compiled.rule.id, state: saved });
    }
    return { asset, lastTime, tracks: differing };
  }

  #groupTrack(compiled: CompiledRule, name: string, tenantId: string | undefined): Track {
    const key = JSON.stringify([tenantId ?? 'default', compiled.rule.id, name]);
    let track = this.#groups.get(key);
    if (track === undefined) {
      track = newTrack(compiled, { id: `group:${name}`, tenantId });
      this.#groups.set(key, track);
      this.#byFingerprint.set(track.fingerprint, track);
    }
    return track;
  }
}

/** Puts a track where `saved` was taken; without one, at its beginning. */
function restoreTrack(track: Track, saved: SavedTrack | undefined): void {
  // Who is in a group is known from the assets.
  const fresh = { ...newState(track.compiled), members: track.state.members };
  track.state = saved === undefined ? fresh : restoredTrack(saved, fresh);
  if (track.state.hash === fresh.hash) return;
  const { hash, memory, guard, members, upSince, downSince } = fresh;
  Object.assign(track.state, { hash, memory, guard, members, upSince, downSince });
}
