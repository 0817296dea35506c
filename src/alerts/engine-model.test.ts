import { describe, expect, it } from 'vitest';
import { ManualClock } from '../core/clock.js';
import { AlertEngine } from './engine.js';
import { alarmState, type LifecycleEvent, normalFacts, overlays, type ProcessState, transitions } from './lifecycle.js';
import type { Rule } from './rules/rule.js';

const policies = { plain: {}, 'must-acknowledge': { mustAcknowledge: true }, latch: { latch: true } } as const;
type Policy = keyof typeof policies;
type Fact = (typeof overlays)[number]['fact'];

/** The model: what the table and the overlays say, and nothing of the engine. */
interface Model {
  readonly process: ProcessState;
  readonly over: readonly Fact[];
}

const events: readonly LifecycleEvent[] = [
  'raise',
  'return',
  'acknowledge',
  'reset',
  ...overlays.flatMap(({ enter, leave }) => [enter, leave]),
];

function modelStep({ process, over }: Model, event: LifecycleEvent, policy: Policy): Model | undefined {
  for (const { enter, leave, fact } of overlays) {
    if (event === enter) return over.includes(fact) ? undefined : { process, over: [...over, fact] };
    if (event === leave) return over.includes(fact) ? { process, over: over.filter((one) => one !== fact) } : undefined;
  }
  const row = transitions.find((t) => t.event === event && t.from === process && (t.policy ?? policy) === policy);
  return row === undefined ? undefined : { process: row.to, over };
}

function named({ process, over }: Model): string {
  return overlays.find(({ fact }) => over.includes(fact))?.state ?? process;
}

/** An engine with one alarm, to which each event can be done as it comes about in life. */
class Subject {
  readonly clock = new ManualClock(0);
  readonly engine: AlertEngine;
  readonly fingerprint: string;

  constructor(policy: Policy) {
    const rule: Rule = {
      id: 'r',
      title: 'R',
      when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
      ...policies[policy],
    };
    this.engine = new AlertEngine({ rules: [rule], clock: this.clock });
    const [raised] = this.#read(70);
    this.fingerprint = raised?.alert.fingerprint ?? '';
    const id = raised?.alert.id ?? '';
    // Back to normal by every way that the policy asks for.
    this.engine.acknowledge(id, 'x');
    this.#read(20);
    if (policy === 'latch') this.engine.reset(id, 'x');
  }

  #read(temperature: number) {
    this.clock.advance(1);
    return this.engine.evaluate({ assetId: 'a', time: this.clock.now(), values: { temperature } });
  }

  get state(): string {
    const alert = this.engine.alert(this.fingerprint);
    if (alert !== undefined) return alert.state;
    // Without an occurrence the overlays are told by the last change.
    const last = this.engine.audit(this.fingerprint).at(-1);
    return alarmState({ ...normalFacts, ...(last !== undefined && this.#overlays(last.alert)) });
  }

  #overlays({ shelved, suppressed, outOfService }: Record<Fact, boolean>) {
    return { shelved, suppressed, outOfService };
  }

  /** How many events were told, or that the event was refused. */
  do(event: LifecycleEvent): number | 'refused' {
    const by = { by: 'x', forMs: 1e9 };
    const before = this.engine.audit().length;
    try {
      if (event === 'raise') this.#read(70);
      else if (event === 'return') this.#read(20);
      else if (event === 'acknowledge') this.engine.acknowledge(this.fingerprint, by);
      else if (event === 'reset') this.engine.reset(this.fingerprint, by);
      else if (event === 'shelve') this.engine.shelve(this.fingerprint, by);
      else if (event === 'unshelve') this.engine.unshelve(this.fingerprint, by);
      else if (event === 'suppress') this.engine.suppress(this.fingerprint, by);
      else if (event === 'unsuppress') this.engine.unsuppress(this.fingerprint, by);
      else if (event === 'remove-from-service') this.engine.removeFromService(this.fingerprint, by);
      else this.engine.returnToService(this.fingerprint, by);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ALERT_FORBIDDEN_TRANSITION' });
      return 'refused';
    }
    return this.engine.audit().length - before;
  }
}

describe.each(Object.keys(policies) as Policy[])('an alarm with the policy %s', (policy) => {
  it('does in each state what the table says on each event, and refuses the rest', () => {
    // From normal, by the table alone, a shortest way to each state there is.
    const start: Model = { process: 'normal', over: [] };
    const key = ({ process, over }: Model) => `${process}/${[...over].sort().join()}`;
    const ways = new Map<string, { readonly model: Model; readonly way: readonly LifecycleEvent[] }>([
      [key(start), { model: start, way: [] }],
    ]);
    for (const { model, way } of ways.values()) {
      for (const event of events) {
        const next = modelStep(model, event, policy);
        if (next !== undefined && !ways.has(key(next))) ways.set(key(next), { model: next, way: [...way, event] });
      }
    }
    const reached = new Set([...ways.values()].map(({ model }) => model.process));
    expect(reached.size).toBe({ plain: 3, 'must-acknowledge': 4, latch: 5 }[policy]);
    expect(ways.size).toBe(reached.size * 8);
    let [allowed, forbidden] = [0, 0];
    for (const { model, way } of ways.values()) {
      for (const event of events) {
        const subject = new Subject(policy);
        for (const earlier of way) expect(subject.do(earlier)).not.toBe('refused');
        expect(subject.state).toBe(named(model));
        const next = modelStep(model, event, policy);
        const came = subject.do(event);
        // Nobody asks for a raise or a return: where the table has none, a reading changes nothing. To acknowledge twice is
        // no mistake either.
        const silent = event === 'raise' || event === 'return' || (event === 'acknowledge' && isSeen(model.process));
        if (next !== undefined) {
          allowed++;
          expect([event, came]).toEqual([event, 1]);
        } else {
          forbidden++;
          expect([event, came]).toEqual([event, silent ? 0 : 'refused']);
        }
        expect(subject.state).toBe(named(next ?? model));
      }
    }
    expect(allowed + forbidden).toBe(ways.size * events.length);
  });
});

function isSeen(process: ProcessState): boolean {
  return process === 'active-acknowledged' || process === 'latched';
}
