import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/clock.js';
import { AlertEngine } from '../engine.js';
import { Delivery, type Notifier } from './delivery.js';
import { alertmanagerNotifier, emailNotifier, hmacHex, mqttNotifier, webhookNotifier } from './notifiers.js';
import { MemoryOutbox, type Notification } from './outbox.js';

const engine = new AlertEngine({
  rules: [
    {
      id: 'hot',
      title: 'Hot',
      when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
    },
  ],
});
const firing = engine
  .evaluate({ assetId: 'roof', time: Date.now(), values: { temperature: 65 } })
  .map(({ alert }) => alert);
const notification = (receiver: string): Notification => ({
  key: `key-${receiver}`,
  receiver,
  group: {},
  time: 1,
  firing,
  resolved: [],
  reason: 'change',
});

async function deliver(receiver: string, notifier: Notifier) {
  const outbox = new MemoryOutbox();
  outbox.put({ notification: notification(receiver), attempts: 0, notBefore: 0, error: null });
  const counts = await new Delivery({ outbox, receivers: { [receiver]: notifier } }).run();
  expect({ ...counts, dead: outbox.letters(9) }).toEqual({ delivered: 1, failed: 0, dead: [] });
}

/** Whether what a test needs is there; on CI it must be. */
function present(there: boolean, what: string): boolean {
  if (!there && process.env.CI) throw new Error(`${what} is missing.`);
  if (!there) console.warn(`Skipped: ${what} is missing.`);
  return there;
}

describe('Delivery', () => {
  it('brings a webhook through a receiver that fails and recovers, signed, with one key, and blocks nobody', async () => {
    const seen: { key: string | undefined; signature: string | undefined; text: string }[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        seen.push({
          key: request.headers['idempotency-key'] as string,
          signature: request.headers['x-twinergy-signature'] as string,
          text,
        });
        response.writeHead(request.url === '/refuses' ? 400 : seen.length < 3 ? 503 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outbox = new MemoryOutbox();
    const clock = new ManualClock(0);
    for (const name of ['hook', 'dead', 'nobody'])
      outbox.put({ notification: notification(name), attempts: 0, notBefore: 0, error: null });
    const receivers = {
      hook: webhookNotifier({ url, secret: 'secret', cloudEvents: { source: '/plant' } }),
      dead: { send: () => Promise.reject(new Error('gone')) },
    };
    const options = { outbox, receivers, clock };
    expect(await new Delivery(options).run()).toEqual({ delivered: 0, failed: 3 });
    expect(outbox.letters(9)).toMatchObject([
      { notification: { receiver: 'nobody' }, reason: 'There is no receiver nobody.' },
    ]);
    expect(await new Delivery(options).run()).toEqual({ delivered: 0, failed: 0 });
    clock.advance(1000);
    // A new one, as after a restart: what waits is in the outbox.
    await new Delivery(options).run();
    clock.advance(2000);
    expect(await new Delivery(options).run()).toEqual({ delivered: 1, failed: 1 });
    server.close();
    expect(seen.map(({ key }) => key)).toEqual(['key-hook', 'key-hook', 'key-hook']);
    const [last] = seen.slice(-1);
    expect(last?.signature).toBe(`sha256=${await hmacHex('secret', last?.text ?? '')}`);
    expect(JSON.parse(last?.text ?? '')).toMatchObject({
      specversion: '1.0',
      data: { firing: [{ assetId: 'roof', value: 65 }] },
    });
    for (let k = 0; k < 12; k++) {
      clock.advance(3_600_000);
      await new Delivery(options).run();
    }
    expect(outbox.size).toBe(0);
    expect(outbox.letters(9)[1]).toMatchObject({ attempts: 12, reason: 'Error: gone' });
  });

  it('takes no answer for a failure', async () => {
    const outbox = new MemoryOutbox();
    outbox.put({ notification: notification('mute'), attempts: 0, notBefore: 0, error: null });
    const receivers = { mute: { send: () => new Promise<never>(() => undefined) } };
    await new Delivery({ outbox, receivers, timeout: 5, maxAttempts: 1 }).run();
    expect(outbox.letters(9)).toMatchObject([{ reason: 'No answer within 5 ms.' }]);
  });

  it('sends e-mail through SMTP', async () => {
    let mail = '';
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, _session, done) {
        stream.on('data', (chunk) => {
          mail += String(chunk);
        });
        stream.on('end', () => done());
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.server.address() as AddressInfo;
    await deliver(
      'mail',
      emailNotifier({ from: 'plant@example.org', to: 'duty@example.org', transport: `smtp://127.0.0.1:${port}` }),
    );
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(mail).toContain('Subject: HIGH: Hot (roof)');
    expect(mail).toContain('key-mail@twinergy');
  });

  it('publishes through MQTT', async () => {
    const client = await connectAsync('mqtt://127.0.0.1:1883', { reconnectPeriod: 0, connectTimeout: 2000 }).catch(
      () => undefined,
    );
    if (!present(client !== undefined, 'An MQTT broker at 127.0.0.1:1883') || client === undefined) return;
    const topic = `twinergy-test/${process.pid}/alerts`;
    await client.subscribeAsync(topic, { qos: 1 });
    const got = new Promise<string>((resolve) => client.on('message', (_topic, payload) => resolve(String(payload))));
    await deliver('mqtt', mqttNotifier(client, topic));
    expect(JSON.parse(await got)).toMatchObject({ key: 'key-mqtt', firing: [{ rule: 'hot' }] });
    await client.endAsync();
  });

  it('hands alerts to an Alertmanager', async () => {
    const binary = '/usr/bin/prometheus-alertmanager';
    if (!present(existsSync(binary), 'prometheus-alertmanager')) return;
    const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
    writeFileSync(join(folder, 'config.yml'), 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
    const port = await new Promise<number>((resolve) => {
      const probe = createTcp().listen(0, '127.0.0.1', () => {
        const { port: free } = probe.address() as AddressInfo;
        probe.close(() => resolve(free));
      });
    });
    const process_ = spawn(
      binary,
      [
        `--config.file=${folder}/config.yml`,
        `--storage.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    try {
      const url = `http://127.0.0.1:${port}`;
      for (let k = 0; k < 100; k++) {
        if ((await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await deliver('am', alertmanagerNotifier({ url }));
      const alerts = (await (await fetch(`${url}/api/v2/alerts`)).json()) as { labels: Record<string, string> }[];
      expect(alerts.map(({ labels }) => labels)).toEqual([
        { alertname: 'hot', asset: 'roof', tenant: 'default', severity: 'HIGH' },
      ]);
    } finally {
      const ended = new Promise((resolve) => process_.once('exit', resolve));
      process_.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
