import { quote, TwinergyError } from '../../core/errors.js';
import type {
  AlertAsset,
  AllCondition,
  AnyCondition,
  Condition,
  MaintenanceCondition,
  NotCondition,
  ScheduleCondition,
  TimeOfWeek,
} from '../rules/rule.js';
import { severityLevel } from '../severity.js';
import { type CompileContext, type CompiledCondition, type Memory, newMemory } from './compiled.js';

function compileAll(of: readonly Condition[], context: CompileContext, path: string) {
  if (of.length === 0) throw new TwinergyError('RULE_EMPTY', `${quote(path)} combines nothing.`, { path });
  const parts = of.map((condition, k) => context.compile(condition, `${path}.of[${k}]`));
  return {
    parts,
    shared: {
      slots: parts.flatMap(({ slots }) => slots),
      timed: parts.some(({ timed }) => timed),
      stateless: parts.every(({ stateless }) => stateless === true),
      unit: parts[0]?.unit ?? '1',
      channel: parts[0]?.channel ?? null,
      memory: () => newMemory(parts.map((part) => part.memory())),
      why: (memory: Memory) =>
        parts
          .map((part, k) => ({ part, own: memory.children[k] ?? newMemory() }))
          .filter(({ own }) => own.level > 0)
          .map(({ part, own }) => part.why(own))
          .join('; and '),
    },
  };
}

/** Copies the figures of the part that speaks for the whole. */
function speak(memory: Memory, part: Memory | undefined, level: number): number {
  memory.level = level;
  memory.value = part?.value ?? null;
  memory.limit = part?.limit ?? null;
  return level;
}

/** All hold: false as soon as one does not, unknown while one is unknown and none is false. */
export function all(condition: AllCondition, context: CompileContext, path: string): CompiledCondition {
  const { parts, shared } = compileAll(condition.of, context, path);
  const own = condition.severity === undefined ? 0 : severityLevel(condition.severity);
  return {
    ...shared,
    level(probe, memory) {
      let least = 5;
      let unknown = false;
      // Every part is asked each time, so that the memory of each goes on.
      for (let k = 0; k < parts.length; k++) {
        const part = memory.children[k] as Memory;
        const level = (parts[k] as CompiledCondition).level(probe, part);
        if (level < 0) unknown = true;
        else if (level < least) least = level;
        part.level = Math.max(level, 0);
      }
      if (least === 0) return speak(memory, undefined, 0);
      if (unknown) return -1;
      return speak(memory, memory.children[0], own > 0 ? own : least);
    },
  };
}

/** At least so many hold (default one): unknown where the unknown ones could decide. */
export function any(condition: AnyCondition, context: CompileContext, path: string): CompiledCondition {
  const { parts, shared } = compileAll(condition.of, context, path);
  const own = condition.severity === undefined ? 0 : severityLevel(condition.severity);
  const needed = condition.atLeast ?? 1;
  return {
    ...shared,
    level(probe, memory) {
      let [held, unknown, most] = [0, 0, 0];
      let loudest: Memory | undefined;
      for (let k = 0; k < parts.length; k++) {
        const part = memory.children[k] as Memory;
        const level = (parts[k] as CompiledCondition).level(probe, part);
        part.level = Math.max(level, 0);
        if (level < 0) unknown++;
        else if (level > 0) held++;
        if (level > most) {
          most = level;
          loudest = part;
        }
      }
      if (held >= needed) return speak(memory, loudest, own > 0 ? own : most);
      return held + unknown >= needed ? -1 : speak(memory, undefined, 0);
    },
  };
}

/** It does not hold. */
export function not(condition: NotCondition, context: CompileContext, path: string): CompiledCondition {
  const inner = context.compile(condition.of, `${path}.of`);
  const own = severityLevel(condition.severity);
  return {
    slots: inner.slots,
    timed: inner.timed,
    unit: inner.unit,
    channel: inner.channel,
    memory: () => newMemory([inner.memory()]),
    level(probe, memory) {
      const level = inner.level(probe, memory.children[0] as Memory);
      if (level < 0) return -1;
      return speak(memory, memory.children[0], level === 0 ? own : 0);
    },
    why: () => 'What should hold does not hold',
  };
}

function minutes(text: string, path: string): number {
  const match = /^([01]?\d|2[0-4]):([0-5]\d)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  if (!(value <= 1440)) {
    throw new TwinergyError('RULE_BAD_TIME_OF_DAY', `${quote(text)} is not a time of day.`, {
      path,
      value: text,
      hint: 'Write "HH:MM", from "00:00" to "24:00".',
    });
  }
  return value;
}

/** A function that tells whether a local time (ms, the local clock read as if it were UTC) lies in the schedule. */
export function withinSchedule(schedule: TimeOfWeek, path: string): (local: number) => boolean {
  const from = minutes(schedule.from, `${path}.from`);
  const to = minutes(schedule.to, `${path}.to`);
  const days = new Set(schedule.days ?? [1, 2, 3, 4, 5, 6, 7]);
  return (local) => {
    const minute = Math.floor(local / 60_000);
    const ofDay = ((minute % 1440) + 1440) % 1440;
    // 1970-01-01 was a Thursday: day 4.
    const day = (((Math.floor(minute / 1440) + 3) % 7) + 7) % 7;
    if (from <= to) return ofDay >= from && ofDay < to && days.has(day + 1);
    return (ofDay >= from && days.has(day + 1)) || (ofDay < to && days.has(((day + 6) % 7) + 1));
  };
}

/** A time of the day or week in the asset's zone. */
export function schedule(condition: ScheduleCondition, _context: CompileContext, path: string): CompiledCondition {
  const within = withinSchedule(condition, path);
  const own = severityLevel(condition.severity ?? 'LOW');
  return {
    slots: [],
    timed: true,
    unit: '1',
    channel: null,
    memory: () => newMemory(),
    level: (probe) => (within(probe.time + probe.zone.offsetAt(probe.time)) ? own : 0),
    why: () => `It is between ${condition.from} and ${condition.to} at the asset`,
  };
}

/** The asset is in one of its maintenance windows. */
export function maintenance(condition: MaintenanceCondition): CompiledCondition {
  const own = severityLevel(condition.severity ?? 'LOW');
  // Windows belong to assets, not to the rule: they are read once for each description of an asset.
  const known = new WeakMap<AlertAsset, (time: number, local: number) => boolean>();
  const of = (asset: AlertAsset) => {
    let within = known.get(asset);
    if (within === undefined) {
      const windows = (asset.maintenance ?? []).map((window, k) => {
        const { from, to } = window;
        if (typeof from === 'number') return (time: number) => time >= from && time < Number(to);
        const weekly = withinSchedule(window as TimeOfWeek, `maintenance[${k}] of ${asset.id}`);
        return (_: number, local: number) => weekly(local);
      });
      within = (time, local) => windows.some((holds) => holds(time, local));
      known.set(asset, within);
    }
    return within;
  };
  return {
    slots: [],
    timed: true,
    unit: '1',
    channel: null,
    memory: () => newMemory(),
    level: ({ asset, time, zone }) => (of(asset)(time, time + zone.offsetAt(time)) ? own : 0),
    why: () => 'It is in maintenance',
  };
}
