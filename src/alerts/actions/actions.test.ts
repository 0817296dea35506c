import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/clock.js';
import { AlertEngine } from '../engine.js';
import { type ActionRule, type ActionsState, AlertActions } from './actions.js';
import { type MaintenanceOrder, maintenanceOrderAction, setPointAction, webhookAction } from './handlers.js';

const HOUR = 3_600_000;
const order: ActionRule = {
  id: 'order-fan',
  title: 'Replace the fan',
  matchers: ['rule=hot'],
  handler: 'order',
  dryRun: false,
};

function setUp(actions: readonly ActionRule[], handlers = {}) {
  const clock = new ManualClock(0);
  const engine = new AlertEngine({
    clock,
    rules: [
      {
        id: 'hot',
        title: 'Hot',
        when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
      },
    ],
  });
  const orders: MaintenanceOrder[] = [];
  const written: string[] = [];
  const options = {
    actions,
    clock,
    handlers: {
      order: maintenanceOrderAction((made) => orders.push(made)),
      'set-point': setPointAction([{ channel: 'powerLimit', min: 0, max: 5000, unit: 'W' }], async (...what) =>
        written.push(what.join(' ')),
      ),
      ...handlers,
    },
  };
  const make = () => {
    const made = new AlertActions(options);
    made.on('action', ({ by, from, request }) => audit.push(`${by}: ${from} → ${request.state}`));
    return made;
  };
  const audit: string[] = [];
  const read = (assetId: string, temperature: number) =>
    engine.evaluate({ assetId, time: clock.now(), values: { temperature } });
  return { clock, engine, orders, written, audit, make, read };
}

describe('AlertActions', () => {
  it('shows what it would do until it is told to do it', async () => {
    const { read, make, orders } = setUp([{ ...order, dryRun: undefined }]);
    const actions = make();
    for (const change of read('a', 65)) actions.accept(change);
    await actions.run();
    expect(actions.requests()).toMatchObject([
      { state: 'dry-run', result: expect.stringMatching(/^Would order "Replace the fan" for a \(HIGH\): .*65 °C/) },
    ]);
    expect(orders).toEqual([]);
  });

  it('waits for a person, does it once, and writes down who', async () => {
    const { clock, read, make, orders, audit } = setUp([order]);
    const actions = make();
    const changes = read('a', 65);
    for (const change of [...changes, ...changes]) actions.accept(change);
    await actions.run();
    expect(orders).toEqual([]);
    const [request] = actions.requests('waiting');
    actions.approve(request?.key ?? '', 'ann');
    expect(() => actions.reject(request?.key ?? '', 'bob')).toThrowError(/approved cannot be rejected/);
    expect(() => actions.approve('nothing', 'bob')).toThrowError(/no request/);
    await actions.run();
    await actions.run();
    expect(orders).toMatchObject([{ assetId: 'a', task: 'Replace the fan', priority: 'HIGH' }]);
    expect(audit).toEqual([
      'engine: null → waiting',
      'ann: waiting → approved',
      'engine: approved → running',
      'engine: running → done',
    ]);
    clock.advance(2 * HOUR);
    for (const change of [...read('b', 65), ...read('c', 65)]) actions.accept(change);
    actions.reject(actions.requests('waiting')[0]?.key ?? '', 'ann', 'not now');
    clock.advance(24 * HOUR);
    await actions.run();
    expect(actions.requests().map(({ state }) => state)).toEqual(['rejected', 'lapsed', 'done']);
  });

  it('keeps its limits, over all assets and for each', async () => {
    const { clock, read, make, orders } = setUp([{ ...order, approval: false, maxPerHour: 2, cooldown: '2h' }]);
    const actions = make();
    const raise = async (asset: string) => {
      clock.advance(1);
      for (const change of read(asset, 65)) actions.accept(change);
      clock.advance(1);
      read(asset, 20);
      await actions.run();
      return actions.requests()[0]?.state;
    };
    expect([await raise('a'), await raise('a'), await raise('b'), await raise('c')]).toEqual([
      'done',
      'limited',
      'done',
      'limited',
    ]);
    clock.advance(HOUR);
    expect([await raise('a'), await raise('c')]).toEqual(['limited', 'done']);
    expect(orders.map(({ assetId }) => assetId)).toEqual(['a', 'b', 'c']);
  });

  it('writes set-points only where it may, and only within their range', async () => {
    const point = (id: string, channel: string, value: number, dryRun = false): ActionRule => ({
      id,
      title: id,
      handler: 'set-point',
      input: { channel, value },
      approval: false,
      dryRun,
    });
    const { read, make, written } = setUp([
      point('good', 'powerLimit', 2000),
      point('far', 'powerLimit', 9000),
      point('none', 'powerLimit', Number.NaN),
      point('other', 'gridVoltage', 1),
      point('dry', 'powerLimit', 9000, true),
    ]);
    const actions = make();
    for (const change of read('a', 65)) actions.accept(change);
    await actions.run();
    expect(written).toEqual(['a powerLimit 2000']);
    expect(actions.requests().map(({ action, state, result }) => `${action} ${state}: ${result}`)).toEqual([
      'dry dry-run: Would be refused: 9000 is outside of 0 … 5000 W.',
      'other failed: Channel gridVoltage may not be written.',
      'none failed: NaN is outside of 0 … 5000 W.',
      'far failed: 9000 is outside of 0 … 5000 W.',
      'good done: Set powerLimit of a to 2000 W.',
    ]);
  });

  it('posts to a real receiver, and says why where that refuses', async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers['idempotency-key']);
      request.resume().on('end', () => response.writeHead(seen.length === 1 ? 204 : 403).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { read, make } = setUp([{ ...order, approval: false, handler: 'hook', cooldown: 1 }], {
      hook: webhookAction({ url }),
    });
    const actions = make();
    for (const change of [...read('a', 65), ...read('b', 65)]) actions.accept(change);
    await actions.run();
    server.close();
    const requests = actions.requests().reverse();
    expect(seen).toEqual(requests.map(({ key }) => key));
    expect(requests.map(({ state, result }) => `${state}: ${result}`)).toEqual(['done: Posted.', 'failed: HTTP 403']);
  });

  it('does what a diagnosis calls for, once while it lasts', async () => {
    const { clock, make, orders, read } = setUp([
      { ...order, matchers: undefined, diagnosis: { title: 'fan failure' }, approval: false, cooldown: '7d' },
    ]);
    const actions = make();
    for (const change of read('a', 65)) actions.accept(change);
    const finding = {
      assetId: 'a',
      title: 'fan failure',
      probability: 0.82,
      evidence: ['it derates above 38 °C'],
      action: 'Replace the fan.',
    };
    actions.acceptDiagnosis({ ...finding, probability: 0.5 });
    actions.acceptDiagnosis({ ...finding, title: 'soiling' });
    expect(actions.requests()).toEqual([]);
    for (let day = 0; day < 9; day++) {
      actions.acceptDiagnosis(finding);
      await actions.run();
      clock.advance(24 * HOUR);
    }
    expect(orders).toHaveLength(2);
    expect(orders[0]).toMatchObject({
      assetId: 'a',
      task: 'Replace the fan',
      why: 'fan failure (82 %); it derates above 38 °C',
      playbook: 'Replace the fan.',
      alert: null,
    });
  });

  it('does nothing twice and forgets nothing, wherever it is stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 6 }), fc.boolean(), async (crashes, repeatable) => {
        const ran: string[] = [];
        let calls = 0;
        let saved: string | undefined;
        const handler = {
          repeatable,
          preview: () => '',
          run: async ({ key }: { key: string }) => {
            // Some calls take effect and never come back: the process ends there.
            ran.push(key);
            if (crashes.includes(calls++)) throw new Crash();
            return { ok: true, result: '' };
          },
        };
        const { clock, read, make } = setUp(
          [{ ...order, handler: 'own', approval: false, cooldown: 1, maxPerHour: 99 }],
          {
            own: handler,
          },
        );
        let actions = make();
        for (const asset of ['a', 'b', 'c', 'd']) {
          clock.advance(10);
          for (const change of read(asset, 65)) actions.accept(change);
          saved = JSON.stringify(actions);
          await actions.run((request) => {
            saved = JSON.stringify(actions);
            expect(request.state).toBe('running');
          });
          if (ran.length > 0 && crashes.includes(calls - 1)) {
            actions = make();
            actions.restore(JSON.parse(saved) as ActionsState);
            clock.advance(10);
            if (!repeatable) expect(actions.requests('interrupted').length).toBeGreaterThan(0);
          }
        }
        clock.advance(10);
        if (!repeatable) expect(new Set(ran).size).toBe(ran.length);
        expect(actions.requests()).toHaveLength(4);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what cannot work', () => {
    expect(() => setUp([{ ...order, handler: 'nobody' }]).make()).toThrowError(/no handler/);
    expect(() => setUp([order, order]).make()).toThrowError(/Two actions/);
    expect(() => setPointAction([{ channel: 'x', min: 2, max: 1, unit: 'W' }], async () => undefined)).toThrowError(
      /nothing/,
    );
  });
});

class Crash extends Error {}
