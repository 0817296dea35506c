import { type Memory, newMemory } from './conditions/compiled.js';
import type { AlarmFacts } from './lifecycle.js';
import { copyTrack, type TrackState } from './track.js';

/** What is stored of a memory: what differs from an empty one. */
export type SavedMemory = Partial<Omit<Memory, 'children'>> & { readonly children?: readonly SavedMemory[] };

/** What is stored of a track: its hash, and what differs from a new one. */
export type SavedTrack = Pick<TrackState, 'hash'> &
  Partial<Omit<TrackState, 'memory' | 'guard'>> & {
    readonly memory?: SavedMemory;
    readonly guard?: SavedMemory | null;
  };

type Saved = { -readonly [Name in keyof SavedTrack]?: SavedTrack[Name] };

/**
 * What differs of a track from `fresh`, a new one of its rule; undefined where it may as well be new. Of the many rules of an
 * asset few ever differ, and a monitor writes them down with each reading that changes one.
 */
export function savedTrack(state: TrackState, fresh: TrackState): SavedTrack | undefined {
  const saved: Saved = {};
  if (!sameMemory(state.memory, fresh.memory)) saved.memory = savedMemory(state.memory);
  if (state.guard !== null && fresh.guard !== null && !sameMemory(state.guard, fresh.guard))
    saved.guard = savedMemory(state.guard);
  if (state.facts !== fresh.facts && !sameFacts(state.facts, fresh.facts)) saved.facts = state.facts;
  if (state.raises.length > 0) saved.raises = [...state.raises];
  if (state.current !== null) saved.current = { ...state.current };
  for (const name of PLAIN) keepPlain(saved, name, state, fresh);
  for (const _ in saved) return { hash: state.hash, ...saved };
  return undefined;
}

/** The state that `saved` was taken of; what is not in it is as in `fresh`. */
export function restoredTrack({ memory, guard, ...saved }: SavedTrack, fresh: TrackState): TrackState {
  return copyTrack({
    ...fresh,
    ...saved,
    memory: memory === undefined ? fresh.memory : restoredMemory(memory),
    guard: guard === undefined || guard === null ? fresh.guard : restoredMemory(guard),
  });
}

const PLAIN = [
  'level',
  'upSince',
  'upLevel',
  'downSince',
  'downLevel',
  'closedLevel',
  'escalated',
  'lowered',
  'worseAt',
  'shelvedUntil',
  'oneShot',
  'occurrences',
] as const;

function keepPlain<Name extends (typeof PLAIN)[number]>(
  saved: Saved,
  name: Name,
  state: TrackState,
  fresh: TrackState,
): void {
  if (state[name] !== fresh[name]) saved[name] = state[name];
}

function sameFacts(a: AlarmFacts, b: AlarmFacts): boolean {
  return (
    a.active === b.active &&
    a.acknowledged === b.acknowledged &&
    a.standing === b.standing &&
    a.shelved === b.shelved &&
    a.suppressed === b.suppressed &&
    a.outOfService === b.outOfService
  );
}

/** Whether two memories go on alike. The figure judged last, and its limit, decide nothing: the next reading brings others. */
function sameMemory(a: Memory, b: Memory): boolean {
  if (a.level !== b.level || a.mark !== b.mark || a.head !== b.head) return false;
  if (a.list.length !== b.list.length || a.children.length !== b.children.length) return false;
  for (let i = 0; i < a.list.length; i++) if (a.list[i] !== b.list[i]) return false;
  for (let i = 0; i < a.children.length; i++) {
    if (!sameMemory(a.children[i] as Memory, b.children[i] as Memory)) return false;
  }
  return true;
}

/** The figures of a memory in which nothing stands and nothing is timed decide nothing. */
function savedMemory({ level, value, limit, mark, list, head, children }: Memory): SavedMemory {
  const figures = level > 0 || mark !== -1;
  return {
    ...(level !== 0 && { level }),
    ...(figures && { value, limit }),
    ...(mark !== -1 && { mark }),
    ...(list.length > 0 && { list: [...list] }),
    ...(head !== 0 && { head }),
    ...(children.length > 0 && { children: children.map(savedMemory) }),
  };
}

function restoredMemory({ children = [], ...saved }: SavedMemory): Memory {
  return { ...newMemory(children.map(restoredMemory)), ...saved };
}
