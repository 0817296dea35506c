import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../core/clock.js';
import { AlertEngine } from './engine.js';
import type { AlertEngineState } from './engine-state.js';
import { Delivery, type SendResult } from './notify/delivery.js';
import { AlertDispatcher, type DispatcherState } from './notify/dispatcher.js';
import { MemoryOutbox, type Notification, outboxEntry } from './notify/outbox.js';
import { AlertSuppressor, type SuppressorState } from './root-cause/suppressor.js';
import type { Rule } from './rules/rule.js';

const rules: Rule[] = [
  {
    id: 'hot',
    title: 'Hot',
    when: {
      type: 'threshold',
      channel: 'temperature',
      direction: 'above',
      limits: { CRITICAL: 70, HIGH: 60 },
      hysteresis: 2,
    },
    raiseAfter: 2000,
    clearAfter: 1000,
    explains: ['low'],
    escalate: [{ after: 9000, to: 'CRITICAL' }],
    deescalate: [{ after: 20_000, to: 'MEDIUM' }],
  },
  {
    id: 'low',
    title: 'Low',
    when: { type: 'threshold', channel: 'batteryLevel', direction: 'below', limits: { MEDIUM: 40 } },
    latch: true,
    flapping: { raises: 2, within: 20_000 },
  },
  { id: 'silent', title: 'Silent', when: { type: 'no-data', after: 15_000, severity: 'LOW' }, mustAcknowledge: true },
];
const assets = [{ id: 'p' }, { id: 'a', parent: 'p' }, { id: 'b', parent: 'p' }];

/** What a store holds: everything is written in one transaction, or nothing is. */
interface Stored {
  readonly engine: string;
  readonly dispatcher: string;
  readonly suppressor: string;
}

/** The whole chain from readings to receivers, which can end and begin again from what was stored. */
class Chain {
  readonly outbox: MemoryOutbox;
  readonly receiver: Receiver;
  readonly #clock: ManualClock;
  #stored: Stored | undefined;
  engine!: AlertEngine;
  #dispatcher!: AlertDispatcher;
  #suppressor!: AlertSuppressor;
  #delivery!: Delivery;

  constructor(clock: ManualClock, receiver: Receiver) {
    this.#clock = clock;
    this.receiver = receiver;
    this.outbox = new MemoryOutbox();
    this.begin();
  }

  begin(): void {
    this.engine = new AlertEngine({ rules, assets, clock: this.#clock });
    this.#suppressor = new AlertSuppressor({ rules, assets, storm: { alerts: 4, within: '10s', keep: 'MEDIUM' } });
    this.#dispatcher = new AlertDispatcher({
      route: {
        receiver: 'duty',
        groupWait: 1000,
        groupInterval: 3000,
        repeatInterval: 60_000,
        escalate: [{ after: 12_000, receiver: 'boss' }],
      },
      receivers: ['duty', 'boss'],
      clock: this.#clock,
    });
    this.#delivery = new Delivery({
      outbox: this.outbox,
      receivers: { duty: this.receiver, boss: this.receiver },
      clock: this.#clock,
      maxAttempts: 1e6,
    });
    if (this.#stored === undefined) return;
    this.engine.restore(JSON.parse(this.#stored.engine) as AlertEngineState);
    this.#dispatcher.restore(JSON.parse(this.#stored.dispatcher) as DispatcherState);
    this.#suppressor.restore(JSON.parse(this.#stored.suppressor) as SuppressorState);
  }

  /** One step. `crash`: the process ends before what came of it was stored. */
  step(work: (engine: AlertEngine) => void, crash: boolean): void {
    const changes: Parameters<AlertDispatcher['accept']>[0][] = [];
    const off = this.engine.on('change', (change) => changes.push(change));
    try {
      work(this.engine);
    } catch {
      // An operator asked for what the state table forbids.
    }
    this.#suppressor.settle(this.engine, this.#clock.now());
    off();
    for (const change of changes) this.#dispatcher.accept(change);
    const due = this.#dispatcher.flush();
    if (crash) {
      this.begin();
      return;
    }
    for (const notification of due) this.outbox.put(outboxEntry(notification));
    this.#stored = {
      engine: JSON.stringify(this.engine),
      dispatcher: JSON.stringify(this.#dispatcher),
      suppressor: JSON.stringify(this.#suppressor),
    };
  }

  deliver(): Promise<unknown> {
    return this.#delivery.run();
  }
}

/** A receiver that drops what it has seen, by the key, and is dead at times. */
class Receiver {
  readonly got: Notification[] = [];
  dead = false;

  async send(notification: Notification): Promise<SendResult> {
    if (this.dead) return { ok: false, retry: true, reason: 'dead' };
    if (!this.got.some(({ key }) => key === notification.key)) this.got.push(notification);
    return { ok: true };
  }
}

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      asset: fc.constantFrom('p', 'a', 'b'),
      /** Late readings, and clocks of sources that are ahead. */
      shift: fc.integer({ min: -4000, max: 4000 }),
      temperature: fc.integer({ min: 50, max: 80 }),
      batteryLevel: fc.integer({ min: 30, max: 50 }),
    }),
  },
  {
    weight: 3,
    // The clock jumps, also back.
    arbitrary: fc.record({ do: fc.constant('tick' as const), shift: fc.integer({ min: -8000, max: 20_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('acknowledge' as const, 'reset' as const, 'resolve' as const, 'shelve' as const),
      pick: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('receiver' as const), dead: fc.boolean() }) },
);

it('from readings to receivers: wherever it ends and begins again, nothing is lost and nothing told twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 40 }),
      fc.array(fc.record({ at: fc.nat(40), lost: fc.boolean() }), { maxLength: 6 }),
      async (actions, stops) => {
        const run = async (ends: readonly { at: number; lost: boolean }[]) => {
          const clock = new ManualClock(1_000_000);
          const chain = new Chain(clock, new Receiver());
          chain.step(() => undefined, false);
          for (const [k, step] of actions.entries()) {
            if (step.do === 'tick') clock.set(clock.now() + step.shift);
            if (step.do === 'receiver') chain.receiver.dead = step.dead;
            const work = (engine: AlertEngine) => {
              if (step.do === 'read') {
                const { asset: assetId, shift, temperature, batteryLevel } = step;
                engine.evaluate({ assetId, time: clock.now() + shift, values: { temperature, batteryLevel } });
              } else if (step.do === 'tick') engine.tick();
              else if (step.do !== 'receiver') {
                const alert = engine.open()[step.pick];
                if (alert !== undefined) engine[step.do](alert.id, { by: 'x' });
              }
            };
            const ending = ends.filter(({ at }) => at === k);
            // It ends before the step was stored, and the source gives the same again; or just after.
            if (ending.some(({ lost }) => lost)) chain.step(work, true);
            chain.step(work, false);
            if (ending.some(({ lost }) => !lost)) chain.begin();
            await chain.deliver();
          }
          chain.receiver.dead = false;
          for (let k = 0; k < 5; k++) {
            clock.advance(3_700_000);
            chain.step((engine) => engine.tick(), false);
            await chain.deliver();
          }
          const told = chain.receiver.got.map(({ key, reason, firing, resolved }) => ({
            key,
            reason,
            firing,
            resolved,
          }));
          return { told, open: chain.engine.open(), waiting: chain.outbox.size };
        };
        const straight = await run([]);
        const ended = await run(stops);
        // The order of deliveries may differ, as a new process does not know which receiver it left alone.
        const sorted = (list: typeof straight.told) => [...list].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(sorted(ended.told)).toEqual(sorted(straight.told));
        expect([ended.open, ended.waiting]).toEqual([straight.open, 0]);
        const heard = new Set(ended.told.flatMap(({ firing }) => firing.map(({ id }) => id)));
        for (const { id, active, shelved, suppressed } of ended.open)
          if (active && !shelved && !suppressed) expect(heard).toContain(id);
      },
    ),
    { numRuns: 60 },
  );
});
