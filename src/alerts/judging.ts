import type { AlarmBook } from './book.js';
import type { Memory } from './conditions/compiled.js';
import type { AlertAsset } from './rules/rule.js';
import type { AssetRuntime, Track } from './runtime.js';
import { judge, step } from './track.js';

/** Judges a reading (or time without one) by a rule of the asset. */
export function judgeTrack(book: AlarmBook, { probe, asset }: AssetRuntime, track: Track): void {
  const { compiled, state } = track;
  const level = judge(compiled, compiled.condition, state, state.memory as Memory, probe);
  // The usual case: normal, and nothing waits.
  if (level <= 0 && state.level === 0 && state.upSince < 0) {
    if (level === 0) state.closedLevel = 0;
    return;
  }
  take(book, track, level, probe.time, asset, state.memory as Memory);
}

/** Judges it by a rule on a group that the asset belongs to. */
export function judgeGroup(book: AlarmBook, { probe, asset }: AssetRuntime, track: Track): void {
  const { compiled, state } = track;
  const group = compiled.group;
  const member = state.members[asset.id];
  if (group === undefined || member === undefined) return;
  member.memory ??= compiled.condition.memory();
  const level = judge(compiled, compiled.condition, state, member.memory, probe);
  if (level >= 0) member.level = level;
  const levels = Object.values(state.members);
  const held = levels.reduce((sum, other) => sum + Number(other.level > 0), 0);
  const needed = group.atLeast ?? Math.max(1, Math.ceil((group.fraction ?? 1) * levels.length - 1e-9));
  const memory = state.memory as Memory;
  memory.value = held;
  memory.limit = needed;
  take(book, track, held >= needed ? track.groupLevel : 0, probe.time, asset, memory);
}

/** Takes a level into the track, and tells what changed. */
function take(book: AlarmBook, track: Track, level: number, time: number, asset: AlertAsset, memory: Memory): void {
  const { compiled, state } = track;
  if (state.current !== null && level > 0) {
    state.current.value = memory.value;
    state.current.threshold = memory.limit;
  }
  if (level === 0) state.closedLevel = 0;
  const before = state.level;
  const { changed, since } = step(state, level, time, compiled.raiseAfter(asset), clearAfter(track, time, asset));
  if (!changed) return;
  if (state.level === 0) {
    if (state.current !== null && state.facts.active) book.return(track, time);
  } else if (state.current === null || !state.facts.active) {
    if (state.level > state.closedLevel) book.raise(track, since, time, memory);
  } else if (state.level !== before) book.update(track, before, time, memory);
}

function clearAfter({ compiled, state }: Track, time: number, asset: AlertAsset): number {
  const own = compiled.clearAfter(asset);
  const { flapping } = compiled;
  if (flapping === undefined) return own;
  const raises = state.raises.reduce((sum, at) => sum + Number(at > time - flapping.within), 0);
  return raises >= flapping.raises ? Math.max(own, flapping.within) : own;
}
