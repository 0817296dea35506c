import { describe, expect, it } from 'vitest';
import { alarmKpis, type Notification, type Notifier, type Rule, type SendResult } from '../alerts/index.js';
import { ManualClock } from '../core/index.js';
import { memoryStorage, type Storage } from '../storage/index.js';
import { examplePlant } from '../twin/index.js';
import { alarmEvents } from './alarm-events.js';
import type { MonitorOptions } from './contract.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;
const rules: Rule[] = [
  {
    id: 'hot',
    title: 'Hot',
    when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
  },
  { id: 'silent', title: 'Silent', when: { type: 'no-data', after: '15m', severity: 'MEDIUM' } },
];

/** A receiver that can be dead. */
class Phone implements Notifier {
  readonly got: Notification[] = [];
  dead = false;

  async send(notification: Notification): Promise<SendResult> {
    if (this.dead) return { ok: false, retry: true, reason: 'no signal' };
    this.got.push(notification);
    return { ok: true };
  }
}

function setUp() {
  const clock = new ManualClock(START);
  const phone = new Phone();
  const start = (storage: Storage, options: Partial<MonitorOptions> = {}) =>
    new Monitor({
      assets: [plant],
      models: false,
      storage,
      rules,
      clock,
      notify: { route: { receiver: 'phone', groupWait: 0 }, receivers: { phone }, maxAttempts: 3 },
      ...options,
    });
  return { clock, phone, start };
}

const hot = (time: number, temperature: number) => ({ assetId: plant.id, time, values: { temperature } });

describe('the alert desk of a monitor', () => {
  it('tells what was raised before a restart, once, from storage', async () => {
    const { clock, phone, start } = setUp();
    const storage = await memoryStorage();
    await start(storage).ingest(hot(START, 65));
    // Nobody has delivered yet: the process ends here.
    const after = start(storage);
    await after.tick();
    await after.tick();
    expect(phone.got.map(({ firing }) => firing.map(({ rule }) => rule))).toEqual([['hot']]);
    // The same reading again changes nothing, and what was told is not told again.
    await after.ingest(hot(START, 65));
    clock.advance(10 * MINUTE);
    await start(storage).tick();
    expect(phone.got).toHaveLength(1);
    clock.advance(6 * MINUTE);
    await start(storage).tick();
    expect(phone.got.map(({ firing }) => firing.map(({ rule }) => rule))).toEqual([['hot'], ['hot', 'silent']]);
    const { rows } = await storage.list('audit');
    expect(rows.map(({ actor, action, subject }) => [actor, action, subject])).toEqual(
      phone.got.at(-1)?.firing.map(({ id }) => ['engine', 'alert.raise', id]),
    );
  });

  it('keeps what a dead receiver could not take, and buries it with the reason', async () => {
    const { clock, phone, start } = setUp();
    const storage = await memoryStorage();
    phone.dead = true;
    let monitor = start(storage);
    await monitor.ingest(hot(START, 65));
    await monitor.tick();
    monitor = start(storage);
    clock.advance(MINUTE);
    await monitor.tick();
    expect((await storage.list('outbox')).rows).toMatchObject([{ topic: 'alert', attempts: 2 }]);
    clock.advance(MINUTE);
    await monitor.tick();
    const letters = await monitor.outbox?.letters(9);
    expect(letters).toMatchObject([{ attempts: 3, reason: 'no signal' }]);
    phone.dead = false;
    expect(await monitor.outbox?.revive(letters?.[0]?.notification.key ?? '')).toBe(true);
    clock.advance(MINUTE);
    await monitor.tick();
    expect(phone.got).toHaveLength(1);
    expect((await storage.list('outbox')).rows).toEqual([]);
  });

  it('does what operators do in one step with its audit; a step that cannot be stored has not happened', async () => {
    const { clock, start } = setUp();
    const storage = await memoryStorage();
    const monitor = start(storage);
    await monitor.ingest(hot(START, 65));
    const [alert] = monitor.openAlerts();
    const id = alert?.id ?? '';
    const commit = storage.commit.bind(storage);
    storage.commit = () => Promise.reject(new Error('disk full'));
    await expect(monitor.operate((alerts) => alerts.shelve(id, { by: 'Ada', forMs: MINUTE }))).rejects.toThrow(
      'disk full',
    );
    expect(monitor.openAlerts()[0]?.state).toBe('active-unacknowledged');
    storage.commit = commit;
    expect((await monitor.operate((alerts) => alerts.shelve(id, { by: 'Ada', forMs: MINUTE })))?.state).toBe('shelved');
    await monitor.silence({ id: 's', matchers: ['rule=hot'], from: 0, to: START + 1, by: 'Ada' });
    clock.advance(MINUTE);
    const later = start(storage);
    await later.tick();
    expect(later.openAlerts()[0]?.state).toBe('active-unacknowledged');
    const { rows } = await storage.list('audit');
    expect(rows.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'engine alert.raise',
      'Ada alert.shelve',
      'engine alert.unshelve',
    ]);
    // What is stored is enough for the figures of the alarm system.
    const events = await alarmEvents(storage, { from: START, to: START + 60 * MINUTE });
    expect(alarmKpis(events, { from: START, to: START + 60 * MINUTE })).toMatchObject({
      alarms: 1,
      shelved: 1,
      bySeverity: { HIGH: 1 },
      topTen: [{ assetId: plant.id, rule: 'hot', fingerprint: alert?.fingerprint }],
    });
  });

  it('suppresses what follows from another alert, over a restart, and tells only the cause', async () => {
    const { clock, phone, start } = setUp();
    const storage = await memoryStorage();
    const options: Partial<MonitorOptions> = {
      rules: rules
        .map((rule) => (rule.id === 'hot' ? { ...rule, explains: ['low'] } : rule))
        .concat({
          id: 'low',
          title: 'Low',
          when: { type: 'threshold', channel: 'solarPower', direction: 'below', limits: { LOW: 10 } },
        }),
      suppress: {},
    };
    await start(storage, options).ingest({
      assetId: plant.id,
      time: START,
      values: { temperature: 65, solarPower: 1 },
    });
    const after = start(storage, options);
    await after.tick();
    expect(phone.got.map(({ firing }) => firing.map(({ rule }) => rule))).toEqual([['hot']]);
    expect(after.openAlerts().find(({ rule }) => rule === 'low')?.state).toBe('suppressed-by-design');
    clock.advance(MINUTE);
    await after.ingest({ assetId: plant.id, time: clock.now(), values: { temperature: 20, solarPower: 1 } });
    expect(after.openAlerts()).toMatchObject([{ rule: 'low', suppressed: false }]);
  });
});
