import type { Frame } from '../core/frame.js';
import { runAsync, runSync, type Work, type WorkOptions } from '../core/work.js';
import { ChannelTable } from './channels.js';
import type { AlertEngineOptions } from './engine.js';
import { type CompiledRule, compileRule } from './rules/compile-rule.js';
import type { AlertAsset, Rule } from './rules/rule.js';
import { AssetRuntime, newTrack } from './runtime.js';
import { type Severity, severityOfLevel } from './severity.js';
import { judge, step } from './track.js';

/** An alert that a rule would have raised. */
export interface ReplayedAlert {
  readonly rule: string;
  /** The worst it reached. */
  readonly severity: Severity;
  /** When the condition became true, when it was raised, and when it returned (null: it still stood), ms since the epoch. */
  readonly since: number;
  readonly raisedAt: number;
  readonly resolvedAt: number | null;
  readonly why: string;
  /** The figure furthest beyond its limit while it stood, in the unit of the limit; null where a condition has no figure. */
  readonly worst: number | null;
}

/** What a replay is told beside the frame and the rules. */
export interface ReplayOptions extends Pick<AlertEngineOptions, 'channels' | 'expressions'>, WorkOptions {
  /** The asset that the frame is of. */
  readonly asset?: AlertAsset | undefined;
}

function* replayRule(
  frame: Frame,
  compiled: CompiledRule,
  channels: ChannelTable,
  asset: AlertAsset,
): Work<ReplayedAlert[]> {
  const slots = new Float64Array(channels.names.length).fill(Number.NaN);
  const { probe } = new AssetRuntime(asset, slots);
  const track = newTrack(compiled, asset);
  const { state } = track;
  const { condition, guard, timed } = compiled;
  const used = [...new Set([...condition.slots, ...(guard?.slots ?? [])])];
  const given = used.filter((slot) => frame.has(channels.names[slot] as string));
  const columns = given.map((slot) => frame.column(channels.names[slot] as string));
  const { time } = frame;
  const raiseAfter = compiled.raiseAfter(asset);
  const clearAfter = compiled.clearAfter(asset);
  const out: ReplayedAlert[] = [];
  let open: { -readonly [Key in keyof ReplayedAlert]: ReplayedAlert[Key] } | undefined;
  let worst = 0;
  // A plain channel with a guard that remembers nothing: where it is far from every limit, nothing can happen.
  const skip = compiled.quiet;
  const quietColumn = skip === undefined ? undefined : columns[given.indexOf(skip.slot)];
  const patience = condition.patience?.(asset) ?? 0;
  const n = time.length;

  const { when } = compiled.rule;
  const sign = 'direction' in when && when.direction === 'below' ? -1 : 1;
  // While it waits for its duration the figure may be worse than when it is raised.
  let waiting = Number.NaN;

  const take = (level: number, at: number): void => {
    const before = state.level;
    const { changed, since } = step(state, level, at, raiseAfter, clearAfter);
    if (!changed) return;
    if (before === 0) {
      worst = state.level;
      open = {
        rule: compiled.rule.id,
        severity: severityOfLevel(worst),
        since,
        raisedAt: at,
        resolvedAt: null,
        why: track.why(state.memory),
        worst: figure(),
      };
      out.push(open);
    } else if (open !== undefined) {
      if (state.level > worst) {
        worst = state.level;
        open.severity = severityOfLevel(worst);
        open.why = track.why(state.memory);
      }
      if (state.level === 0) {
        open.resolvedAt = at;
        waiting = Number.NaN;
      }
    }
  };
  const figure = () => (Number.isNaN(waiting) ? state.memory.value : waiting);
  const watch = (level: number): void => {
    const { value } = state.memory;
    if (level <= 0 || value === null) {
      if (level === 0 && state.level === 0) waiting = Number.NaN;
      return;
    }
    if (!(sign * value <= sign * waiting)) waiting = value;
    if (open !== undefined && open.resolvedAt === null && (open.worst === null || sign * value > sign * open.worst))
      open.worst = value;
  };

  for (let i = 0; i < n; i++) {
    if (
      skip !== undefined &&
      quietColumn !== undefined &&
      state.level === 0 &&
      state.upSince < 0 &&
      state.memory.level === 0
    ) {
      const { sign, least } = skip;
      // NaN compares false, and is passed over too.
      if (sign > 0) while (i < n && !((quietColumn[i] as number) >= least)) i++;
      else while (i < n && !(-(quietColumn[i] as number) >= least)) i++;
      if (i >= n) break;
    }
    const at = time[i] as number;
    const calm = state.level === 0 && state.upSince < 0;
    if (calm && patience > 0 && guard === undefined && state.memory.mark >= 0 && at - state.memory.mark < patience) {
      state.memory.mark = at;
      continue;
    }
    if (timed) {
      slots.fill(Number.NaN);
      probe.time = at;
      probe.reading = false;
      take(judge(compiled, condition, state, state.memory, probe), at);
    }
    for (let k = 0; k < given.length; k++) slots[given[k] as number] = (columns[k] as Float64Array)[i] as number;
    probe.time = at;
    probe.reading = true;
    const level = judge(compiled, condition, state, state.memory, probe);
    if (level !== 0 || state.level !== 0 || state.upSince >= 0) {
      watch(level);
      take(level, at);
    }
    if ((i & 0xfffff) === 0xfffff) yield { phase: `replaying ${compiled.rule.id}`, done: i, total: n };
  }
  return out;
}

/** `replay` as work that yields its progress. */
export function* replayWork(frame: Frame, rules: readonly Rule[], options: ReplayOptions): Work<ReplayedAlert[]> {
  const channels = new ChannelTable([
    ...(options.channels ?? []),
    ...frame.names
      .filter(
        (name) => options.channels?.some((channel) => channel.name === name) !== true && !new ChannelTable().has(name),
      )
      .map((name) => ({ name, restName: name, unit: frame.unit(name), title: name })),
  ]);
  const asset = options.asset ?? { id: 'replay' };
  const compiled = rules
    .filter(({ when }) => when.type !== 'group')
    .map((rule) => compileRule(rule, channels, options.expressions));
  const out: ReplayedAlert[] = [];
  for (const rule of compiled) {
    out.push(...(yield* replayRule(frame, rule, channels, asset)));
    yield { phase: 'replaying', done: compiled.indexOf(rule) + 1, total: compiled.length };
  }
  return out.sort((a, b) => a.raisedAt - b.raisedAt);
}

/**
 * Runs history of one asset through rules at full speed, column by column: what would have been raised, and for how long.
 * Rules on groups are left out; people (acknowledgement, latches, shelves) take no part.
 * @throws TwinergyError as `new AlertEngine` does
 */
export function replay(frame: Frame, rules: readonly Rule[], options: ReplayOptions = {}): ReplayedAlert[] {
  return runSync(replayWork(frame, rules, options), options);
}

/** `replay`, with turns for the event loop. */
export function replayAsync(
  frame: Frame,
  rules: readonly Rule[],
  options: ReplayOptions = {},
): Promise<ReplayedAlert[]> {
  return runAsync(replayWork(frame, rules, options), options);
}
