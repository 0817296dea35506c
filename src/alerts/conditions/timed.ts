import { durationMs } from '../../core/duration.js';
import type {
  AbsenceCondition,
  AlertAsset,
  CountCondition,
  NoDataCondition,
  RuleDuration,
  StaleCondition,
} from '../rules/rule.js';
import { severityLevel } from '../severity.js';
import { type CompileContext, type CompiledCondition, figure, newMemory, type Probe } from './compiled.js';
import { graded } from './graded.js';

const MINUTE = 60_000;

/** A function that gives the duration in ms for an asset. @throws TwinergyError `BAD_DURATION` */
export function durationOf(duration: RuleDuration, path: string): (asset: AlertAsset) => number {
  if (typeof duration !== 'object') {
    const ms = durationMs(duration, path);
    return () => ms;
  }
  const fallback = durationMs(duration.default, path);
  const { attribute } = duration;
  return (asset) => {
    const own = asset.attributes?.[attribute];
    return own === undefined ? fallback : durationMs(own, `attributes.${attribute} of ${asset.id}`);
  };
}

/** A length of time for people. */
export function spoken(ms: number): string {
  if (ms >= 48 * 60 * MINUTE) return `${Number((ms / (24 * 60 * MINUTE)).toPrecision(3))} days`;
  if (ms >= 120 * MINUTE) return `${Number((ms / (60 * MINUTE)).toPrecision(3))} h`;
  return ms >= 2 * MINUTE ? `${Number((ms / MINUTE).toPrecision(3))} min` : `${Number((ms / 1000).toPrecision(3))} s`;
}

/** No reading, or none of a channel, for so long. The time counts from the first moment that the asset was looked at. */
export function noData(condition: NoDataCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const slot = condition.channel === undefined ? -1 : channels.slot(condition.channel);
  const title =
    condition.channel === undefined ? 'reading' : `value of ${channels.definition(condition.channel).title}`;
  const after = durationOf(condition.after, `${path}.after`);
  const level = severityLevel(condition.severity);
  return {
    slots: slot < 0 ? [] : [slot],
    timed: true,
    ...(slot < 0 && { patience: after }),
    unit: 's',
    channel: condition.channel ?? null,
    memory: () => newMemory(),
    level(probe: Probe, memory) {
      const value = slot < 0 ? 0 : (probe.slots[slot] as number);
      if (memory.mark < 0 || (probe.reading && !Number.isNaN(value))) memory.mark = probe.time;
      const silent = probe.time - memory.mark;
      const limit = after(probe.asset);
      memory.value = silent / 1000;
      memory.limit = limit / 1000;
      return silent >= limit ? level : 0;
    },
    why: (memory) =>
      `No ${title} for ${spoken((memory.value ?? 0) * 1000)}, longer than ${spoken((memory.limit ?? 0) * 1000)}`,
  };
}

/** A value that has not changed to the bit for so long. */
export function stale(condition: StaleCondition, { channels }: CompileContext, path: string): CompiledCondition {
  const slot = channels.slot(condition.channel);
  const { title, unit } = channels.definition(condition.channel);
  const after = durationOf(condition.after, `${path}.after`);
  const level = severityLevel(condition.severity);
  return {
    slots: [slot],
    timed: false,
    unit,
    channel: condition.channel,
    memory: () => newMemory(),
    level(probe, memory) {
      const value = probe.slots[slot] as number;
      if (Number.isNaN(value)) return -1;
      if (memory.mark < 0 || value !== memory.value) {
        memory.mark = probe.time;
        memory.value = value;
        return 0;
      }
      return probe.time - memory.mark >= after(probe.asset) ? level : 0;
    },
    why: (memory) => `${title} has stood still at ${figure(memory.value, unit)}, to the last digit`,
  };
}

/** An expected event that has not come. */
export function absence(condition: AbsenceCondition, context: CompileContext, path: string): CompiledCondition {
  const inner = context.compile(condition.of, `${path}.of`);
  const within = durationOf(condition.within, `${path}.within`);
  const level = severityLevel(condition.severity);
  return {
    slots: inner.slots,
    timed: true,
    unit: 's',
    channel: inner.channel,
    memory: () => newMemory([inner.memory()]),
    level(probe, memory) {
      const came = inner.level(probe, memory.children[0] ?? newMemory()) > 0;
      if (came || memory.mark < 0) memory.mark = probe.time;
      const waited = probe.time - memory.mark;
      const limit = within(probe.asset);
      memory.value = waited / 1000;
      memory.limit = limit / 1000;
      return waited >= limit ? level : 0;
    },
    why: (memory) =>
      `What was expected every ${spoken((memory.limit ?? 0) * 1000)} has not come for ${spoken((memory.value ?? 0) * 1000)}`,
  };
}

/** How often another condition became true within a window. `memory.mark` holds whether it was true before. */
export function count(condition: CountCondition, context: CompileContext, path: string): CompiledCondition {
  const inner = context.compile(condition.of, `${path}.of`);
  const within = durationMs(condition.within, `${path}.within`);
  return {
    ...graded(
      condition,
      {
        slots: inner.slots,
        unit: '1',
        channel: inner.channel,
        title: `Count within ${condition.within}`,
        of(probe, memory) {
          const level = inner.level(probe, memory.children[0] ?? newMemory());
          if (level > 0 && memory.mark <= 0) memory.list.push(probe.time);
          if (level >= 0) memory.mark = level > 0 ? 1 : 0;
          while (memory.list.length > 0 && (memory.list[0] as number) <= probe.time - within) memory.list.shift();
          return memory.list.length;
        },
      },
      path,
    ),
    timed: true,
    memory: () => newMemory([inner.memory()]),
  };
}
