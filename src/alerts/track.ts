import type { CompiledCondition, Memory, Probe } from './conditions/compiled.js';
import type { AlarmFacts } from './lifecycle.js';
import type { CompiledRule } from './rules/compile-rule.js';

/** The changing part of an alert; JSON data. */
export interface Occurrence {
  number: number;
  /** Level of its severity: stays when the condition has returned. */
  level: number;
  since: number;
  raisedAt: number;
  updatedAt: number;
  why: string;
  value: number | null;
  threshold: number | null;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
  assignedTo: string | null;
}

/** What is remembered of one rule on one asset (or group); JSON data. */
export interface TrackState {
  readonly hash: string;
  memory: Memory;
  guard: Memory | null;
  /** Level that has been raised; 0 normal. */
  level: number;
  /** Since when a higher (`up`) or lower (`down`) level waits for its duration, −1 for not, and which level held all along. */
  upSince: number;
  upLevel: number;
  downSince: number;
  downLevel: number;
  /** Level at which an operator closed it while it still held: it stays closed until it was normal, or gets worse. */
  closedLevel: number;
  /** Level to which time without an acknowledgement has lifted it. */
  escalated: number;
  /** Level to which time after the acknowledgement has lowered it; 0 not. */
  lowered: number;
  /** When it was raised or last got worse, ms since the epoch. */
  worseAt: number;
  facts: AlarmFacts;
  shelvedUntil: number | null;
  oneShot: boolean;
  raises: number[];
  occurrences: number;
  current: Occurrence | null;
  /** Group rules: what is remembered of each member, and its level. */
  members: Record<string, { memory: Memory | null; level: number }>;
}

/** What a step of a track came to: nothing new, or the level changed. `since` is when the new level began to hold. */
export interface Step {
  changed: boolean;
  since: number;
}

const UNCHANGED: Step = { changed: false, since: 0 };

/** Asks the condition of a rule, and its guard: the level, or −1 where nothing may change. */
export function judge(
  compiled: CompiledRule,
  condition: CompiledCondition,
  state: TrackState,
  memory: Memory,
  probe: Probe,
): number {
  const { guard } = compiled;
  // The condition is asked even where the guard says no, so that windows and baselines go on.
  const level = condition.level(probe, memory);
  if (guard !== undefined && state.guard !== null && guard.level(probe, state.guard) <= 0) {
    state.upSince = -1;
    state.downSince = -1;
    return -1;
  }
  return level;
}

/**
 * One step of the for-duration logic: a higher level is taken once it has held for `raiseAfter`, a lower one once it has
 * held for `clearAfter`; the level taken is the one that held all along. Unknown (−1) changes nothing.
 */
export function step(state: TrackState, level: number, time: number, raiseAfter: number, clearAfter: number): Step {
  if (level < 0) return UNCHANGED;
  if (level === state.level) {
    state.upSince = -1;
    state.downSince = -1;
    return UNCHANGED;
  }
  if (level > state.level) {
    state.downSince = -1;
    if (state.upSince < 0) {
      state.upSince = time;
      state.upLevel = level;
    } else if (level < state.upLevel) state.upLevel = level;
    if (time - state.upSince < raiseAfter) return UNCHANGED;
    const since = state.upSince;
    state.level = state.upLevel;
    state.upSince = level > state.level ? time : -1;
    state.upLevel = level;
    return { changed: true, since };
  }
  state.upSince = -1;
  if (state.downSince < 0) {
    state.downSince = time;
    state.downLevel = level;
  } else if (level > state.downLevel) state.downLevel = level;
  if (time - state.downSince < clearAfter) return UNCHANGED;
  const since = state.downSince;
  state.level = state.downLevel;
  state.downSince = level < state.level ? time : -1;
  state.downLevel = level;
  return { changed: true, since };
}

function copyMemory(memory: Memory): Memory {
  return { ...memory, list: [...memory.list], children: memory.children.map(copyMemory) };
}

/** A copy that shares nothing that changes. */
export function copyTrack(state: TrackState): TrackState {
  const members: TrackState['members'] = {};
  for (const [id, { memory, level }] of Object.entries(state.members)) {
    members[id] = { memory: memory === null ? null : copyMemory(memory), level };
  }
  return {
    ...state,
    memory: copyMemory(state.memory),
    guard: state.guard === null ? null : copyMemory(state.guard),
    raises: [...state.raises],
    current: state.current === null ? null : { ...state.current },
    members,
  };
}
