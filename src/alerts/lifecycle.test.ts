import { describe, expect, it } from 'vitest';
import {
  type AlarmFacts,
  alarmState,
  type LifecycleEvent,
  lifecycleDiagram,
  nextFacts,
  overlays,
  processState,
  transitions,
} from './lifecycle.js';

const policies = { plain: {}, 'must-acknowledge': { mustAcknowledge: true }, latch: { latch: true } } as const;
const events: LifecycleEvent[] = ['raise', 'return', 'acknowledge', 'reset'];
const bits = [false, true];
const allFacts: AlarmFacts[] = bits
  .flatMap((active) =>
    bits.flatMap((acknowledged) =>
      bits.flatMap((standing) =>
        bits.flatMap((shelved) =>
          bits.flatMap((suppressed) =>
            bits.map((outOfService) => ({
              active,
              acknowledged,
              standing: standing && !active,
              shelved,
              suppressed,
              outOfService,
            })),
          ),
        ),
      ),
    ),
  )
  .filter(({ active, acknowledged, standing }) => active || standing || !acknowledged);

describe('the state table', () => {
  it('allows each of its transitions and forbids every other one, in every overlay', () => {
    for (const [name, policy] of Object.entries(policies)) {
      for (const facts of allFacts) {
        for (const event of events) {
          const row = transitions.find(
            (t) => t.event === event && t.from === processState(facts) && (t.policy ?? name) === name,
          );
          const next = nextFacts(facts, event, policy);
          expect(next === undefined ? undefined : processState(next)).toBe(row?.to);
          if (next !== undefined)
            expect([next.shelved, next.suppressed, next.outOfService]).toEqual([
              facts.shelved,
              facts.suppressed,
              facts.outOfService,
            ]);
        }
        for (const { enter, leave, fact } of overlays) {
          expect(nextFacts(facts, enter, policy)).toEqual(facts[fact] ? undefined : { ...facts, [fact]: true });
          expect(nextFacts(facts, leave, policy)).toEqual(facts[fact] ? { ...facts, [fact]: false } : undefined);
        }
        expect(alarmState(facts)).toBe(overlays.find(({ fact }) => facts[fact])?.state ?? processState(facts));
      }
    }
  });

  it('is drawn whole', () => {
    for (const { event, from } of transitions)
      expect(lifecycleDiagram()).toMatch(new RegExp(`${from.replaceAll('-', '_')} --> .*: ${event}`));
  });
});
