import { TimeZone } from '../core/zone.js';
import { type Alert, fingerprint } from './alert.js';
import type { Memory, Probe } from './conditions/compiled.js';
import { alarmState, normalFacts } from './lifecycle.js';
import type { CompiledRule } from './rules/compile-rule.js';
import type { AlertAsset } from './rules/rule.js';
import { severityLevel, severityOfLevel } from './severity.js';
import type { SlotBounds } from './slots.js';
import type { TrackState } from './track.js';

/** One rule on one asset or group. */
export interface Track {
  readonly compiled: CompiledRule;
  readonly asset: AlertAsset;
  readonly fingerprint: string;
  /** Level of a group rule when it holds. */
  readonly groupLevel: number;
  readonly why: (memory: Memory) => string;
  state: TrackState;
}

/** One asset, with what is remembered of it. */
export class AssetRuntime {
  readonly probe: Probe;
  readonly tracks: Track[] = [];
  /** For each track whether it is normal and nothing waits, and the figure below which it then stays so. */
  idle = new Uint8Array(0);
  quietSlot = new Int32Array(0);
  quietSign = new Float64Array(0);
  quietLeast = new Float64Array(0);
  readonly groups: Track[] = [];
  /** Beyond these a value may matter to a rule that is normal. */
  readonly bounds: SlotBounds;
  /** Every rule is idle: a reading within the bounds changes nothing. */
  calm = false;
  /** Time of its newest reading, ms since the epoch. */
  lastTime = Number.MIN_SAFE_INTEGER;

  constructor(
    readonly asset: AlertAsset,
    slots: Float64Array,
  ) {
    this.bounds = {
      high: new Float64Array(slots.length).fill(Number.POSITIVE_INFINITY),
      low: new Float64Array(slots.length).fill(Number.NEGATIVE_INFINITY),
      order: undefined,
    };
    this.probe = { slots, time: 0, asset, zone: new TimeZone(asset.zone ?? 'UTC'), reading: true };
  }

  /** Gathers what the fast path looks at in typed arrays; after the last track was added. */
  seal(): void {
    const n = this.tracks.length;
    this.idle = new Uint8Array(n);
    this.quietSlot = new Int32Array(n);
    this.quietSign = new Float64Array(n).fill(1);
    this.quietLeast = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    const { high, low } = this.bounds;
    this.tracks.forEach(({ compiled: { quiet } }, k) => {
      if (quiet === undefined) return;
      const { slot, sign, least } = quiet;
      this.quietSlot[k] = slot;
      this.quietSign[k] = sign;
      this.quietLeast[k] = least;
      if (sign > 0) high[slot] = Math.min(high[slot] as number, least);
      else low[slot] = Math.max(low[slot] as number, -least);
    });
  }

  /** Nothing is known to be normal: the next reading looks at every rule. */
  wake(): void {
    this.idle.fill(0);
    this.calm = false;
  }
}

/** A track that remembers nothing yet. */
export function newTrack(compiled: CompiledRule, asset: AlertAsset): Track {
  const { rule, condition, group } = compiled;
  return {
    compiled,
    asset,
    fingerprint: fingerprint(asset.tenantId ?? 'default', asset.id, rule.id, rule.labels),
    groupLevel: group === undefined ? 0 : severityLevel(group.severity),
    why: (memory) =>
      group === undefined
        ? `${condition.why(memory)}.`
        : `It holds on ${memory.value} assets of the group, at least ${memory.limit} are too many.`,
    state: newState(compiled),
  };
}

/** What a rule remembers before anything has happened. */
export function newState({ condition, guard, hash }: CompiledRule): TrackState {
  return {
    hash,
    memory: condition.memory(),
    guard: guard?.memory() ?? null,
    level: 0,
    upSince: -1,
    upLevel: 0,
    downSince: -1,
    downLevel: 0,
    closedLevel: 0,
    escalated: 0,
    lowered: 0,
    worseAt: 0,
    facts: normalFacts,
    shelvedUntil: null,
    oneShot: false,
    raises: [],
    occurrences: 0,
    current: null,
    members: {},
  };
}

/** Whether a track is normal and nothing waits, so that a quiet reading cannot change it. */
export function isIdle({ compiled, state }: Track): boolean {
  return (
    compiled.quiet !== undefined &&
    state.level === 0 &&
    state.upSince < 0 &&
    state.closedLevel === 0 &&
    state.memory.level === 0
  );
}

/** What of a memory decides: its levels. NaN where it remembers more than levels (a window, a mark in time). */
function levelsOf({ level, mark, list, head, children }: Memory): number {
  if (mark !== -1 || list.length > 0 || head !== 0) return Number.NaN;
  let sum = level;
  for (const child of children) sum = sum * 7 + levelsOf(child);
  return sum;
}

/**
 * What a normal track remembers, as one number: equal before and after a reading where the reading changed nothing that
 * decides about the next. NaN, which equals nothing, where the track is not normal or remembers more than levels.
 */
export function imprint({ state }: Track): number {
  if (state.level !== 0 || state.upSince >= 0 || state.closedLevel !== 0 || state.current !== null) return Number.NaN;
  const own = levelsOf(state.memory);
  return state.guard === null ? own : own * 49 + levelsOf(state.guard);
}

/** The level as people see it: of the condition, or what time has made of it. */
function shownLevel({ current, escalated, lowered }: TrackState): number {
  const level = Math.max(current?.level ?? 0, escalated);
  return lowered > 0 ? Math.min(level, lowered) : level;
}

/** The alert of a track as it is now. */
export function alertOf({ compiled, asset, fingerprint: print, state }: Track): Alert {
  const { rule, condition, group } = compiled;
  const { current, facts } = state;
  const occurrence = current?.number ?? state.occurrences;
  return {
    id: `${print}-${occurrence}`,
    fingerprint: print,
    occurrence,
    tenantId: asset.tenantId ?? 'default',
    assetId: asset.id,
    rule: rule.id,
    labels: rule.labels ?? {},
    severity: severityOfLevel(shownLevel(state)),
    title: rule.title,
    why: current?.why ?? '',
    value: current?.value ?? null,
    threshold: current?.threshold ?? null,
    unit: group === undefined ? condition.unit : '1',
    channel: condition.channel,
    since: current?.since ?? 0,
    raisedAt: current?.raisedAt ?? 0,
    updatedAt: current?.updatedAt ?? 0,
    resolvedAt: null,
    resolvedBy: null,
    acknowledgedAt: current?.acknowledgedAt ?? null,
    acknowledgedBy: current?.acknowledgedBy ?? null,
    assignedTo: current?.assignedTo ?? null,
    shelvedUntil: state.shelvedUntil,
    state: alarmState(facts),
    playbook: rule.playbook ?? null,
    ...facts,
  };
}
