import { describe, expect, it } from 'vitest';
import { type ActionRule, type MaintenanceOrder, maintenanceOrderAction, type Rule } from '../alerts/index.js';
import { ManualClock } from '../core/index.js';
import { memoryStorage, type Storage } from '../storage/index.js';
import { examplePlant } from '../twin/index.js';
import { Monitor } from './monitor.js';

const plant = examplePlant('home');
const START = Date.UTC(2026, 5, 1, 10);
const rules: Rule[] = [
  {
    id: 'hot',
    title: 'Hot',
    when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
  },
];
const order: ActionRule = { id: 'fan', title: 'Replace the fan', handler: 'order', dryRun: false };

function setUp(storage: Storage, action: Partial<ActionRule> = {}) {
  const orders: MaintenanceOrder[] = [];
  const monitor = new Monitor({
    assets: [plant],
    storage,
    rules,
    models: false,
    clock: new ManualClock(START + 3_600_000),
    actions: {
      actions: [{ ...order, ...action }],
      handlers: { order: maintenanceOrderAction((made) => orders.push(made)) },
    },
  });
  return { monitor, orders };
}

const hot = { assetId: plant.id, time: START, values: { temperature: 70 } };

describe('actions of a monitor', () => {
  it('wait for a person also over a restart, are done once, and every step is in the audit', async () => {
    const storage = await memoryStorage();
    const before = setUp(storage);
    await before.monitor.ingest(hot);
    await before.monitor.tick();
    expect(before.orders).toEqual([]);
    await before.monitor.close();
    const { monitor, orders } = setUp(storage);
    const told: string[] = [];
    monitor.on('action', ({ by, request }) => told.push(`${by} ${request.state}`));
    await monitor.open();
    const [request] = monitor.actions('waiting');
    await monitor.decideAction(request?.key ?? '', 'approve', 'Ada');
    await Promise.all([monitor.tick(), monitor.tick()]);
    await monitor.tick();
    expect(orders.map(({ task, assetId }) => `${task} ${assetId}`)).toEqual(['Replace the fan home']);
    expect(told).toEqual(['Ada approved', 'engine running', 'engine done']);
    const audit = (await storage.list('audit')).rows.filter(({ action }) => action.startsWith('action.'));
    expect(audit.map(({ action, actor }) => `${actor} ${action}`).sort()).toEqual([
      'Ada action.approved',
      'engine action.done',
      'engine action.running',
      'engine action.waiting',
    ]);
    await expect(monitor.decideAction(request?.key ?? '', 'reject', 'Bob')).rejects.toMatchObject({
      code: 'ACTION_FORBIDDEN',
    });
  });

  it('have not been asked for when the reading could not be stored', async () => {
    const storage = await memoryStorage();
    let broken = true;
    const { monitor, orders } = setUp(storage, { approval: false });
    await monitor.open();
    const { commit } = storage;
    storage.commit = (batch) => (broken ? Promise.reject(new Error('disk full')) : commit.call(storage, batch));
    await expect(monitor.ingest(hot)).rejects.toThrow('disk full');
    expect(monitor.actions()).toEqual([]);
    broken = false;
    await monitor.ingest(hot);
    await monitor.tick();
    expect(orders).toHaveLength(1);
  });

  it('follow from what the twin has found, and are refused where none are declared', async () => {
    const storage = await memoryStorage();
    const { monitor, orders } = setUp(storage, { approval: false, diagnosis: { title: 'fan failure' } });
    await monitor.actOn({ assetId: plant.id, title: 'fan failure', probability: 0.9 });
    await monitor.tick();
    expect(orders).toHaveLength(1);
    const without = new Monitor({ assets: [plant], models: false });
    await expect(without.decideAction('x', 'approve', 'Ada')).rejects.toMatchObject({ code: 'MONITOR_NO_ACTIONS' });
  });
});
