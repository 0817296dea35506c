import { spawn } from 'node:child_process';
import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/clock.js';
import { AlertEngine } from '../engine.js';
import { Delivery, type Notifier, type SendResult } from './delivery.js';
import { alertmanagerNotifier } from './notifiers/alertmanager.js';
import { slackNotifier, teamsNotifier } from './notifiers/chat.js';
import { hmacHex, webhookNotifier } from './notifiers/http.js';
import { emailNotifier } from './notifiers/mail.js';
import { messageTemplate } from './notifiers/message.js';
import { mqttNotifier } from './notifiers/mqtt.js';
import { webPushNotifier } from './notifiers/web-push.js';
import { MemoryOutbox, type Notification, outboxEntry } from './outbox.js';

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

async function deliver(receiver: string, notifier: Notifier, time = 1) {
  const outbox = new MemoryOutbox();
  outbox.put({ notification: { ...notification(receiver), time }, attempts: 0, notBefore: 0, error: null });
  const counts = await new Delivery({ outbox, receivers: { [receiver]: notifier } }).run();
  expect({ ...counts, dead: outbox.letters(9) }).toEqual({ delivered: 1, failed: 0, dead: [] });
}

/** What a browser does with a push message (RFC 8291, aes128gcm). */
function decryptPush(message: Buffer, browser: ECDH, auth: Buffer): string {
  const salt = message.subarray(0, 16);
  const sender = message.subarray(21, 21 + message.readUInt8(20));
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), browser.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', browser.computeSecret(sender), auth, info, 32));
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${name}\0`), length));
  const sealed = message.subarray(21 + sender.length);
  const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  cipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
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

  it('leaves a receiver alone while it fails, and sends the rest once it answers', async () => {
    const outbox = new MemoryOutbox();
    const clock = new ManualClock(0);
    for (const key of ['1', '2', '3']) outbox.put(outboxEntry({ ...notification('phone'), key }));
    outbox.put(outboxEntry({ ...notification('mail'), key: 'm' }));
    const got: string[] = [];
    let dead = true;
    const receivers = {
      phone: {
        async send({ key }: Notification): Promise<SendResult> {
          if (dead) return { ok: false, retry: true, reason: 'no signal' };
          got.push(key);
          return { ok: true };
        },
      },
      mail: { send: async () => ({ ok: true }) as const },
    };
    const delivery = new Delivery({ outbox, receivers, clock });
    clock.set(10);
    expect(await delivery.run()).toEqual({ delivered: 1, failed: 1 });
    expect(await delivery.run()).toEqual({ delivered: 0, failed: 0 });
    dead = false;
    clock.advance(1000);
    // Rounds that overlap send nothing twice.
    const rounds = await Promise.all([delivery.run(), delivery.run()]);
    expect(rounds[0].delivered + rounds[1].delivered).toBe(3);
    expect(got.sort()).toEqual(['1', '2', '3']);
    dead = true;
    outbox.put(outboxEntry({ ...notification('phone'), key: 'old' }));
    clock.advance(8 * 86_400_000);
    await delivery.run();
    expect(outbox.letters(9)).toMatchObject([{ notification: { key: 'old' }, attempts: 1, reason: 'no signal' }]);
    expect([outbox.revive('old'), outbox.revive('old'), outbox.size]).toEqual([true, false, 1]);
  });

  it('posts what chats show, with a template, and lets no name call everybody', async () => {
    const bodies: unknown[] = [];
    const call = async (_url: unknown, init?: RequestInit) => {
      bodies.push(JSON.parse(String(init?.body)));
      return new Response(null, { status: 200 });
    };
    const evil = firing.map((alert) => ({ ...alert, title: '<!channel>' }));
    const format = messageTemplate({
      subject: '{{worst.severity}} at {{group.site}}',
      body: '{{#firing}}{{title}}: {{value}} {{unit}} since {{since}}; {{/firing}}{{#resolved}}{{title}} over{{/resolved}}{{nothing}}',
    });
    const told = { ...notification('x'), firing: evil, group: { site: 'Kiel' } };
    await slackNotifier({ url: 'http://x', fetch: call as typeof fetch, format }).send(told);
    await teamsNotifier({ url: 'http://x', fetch: call as typeof fetch }).send(notification('x'));
    expect(bodies[0]).toEqual({
      text: `*HIGH at Kiel*\n&lt;!channel&gt;: 65 °C since ${new Date(firing[0]?.since ?? 0).toISOString()}; `,
    });
    expect(bodies[1]).toMatchObject({ attachments: [{ content: { body: [{ text: 'HIGH: Hot (roof)' }, {}] } }] });
    expect(() => messageTemplate({ subject: '', body: '{{#firing}}' })).toThrowError(/not opened and closed/);
    expect(() => messageTemplate({ subject: '{{/firing}}', body: '' })).toThrowError(/not opened and closed/);
  });

  it('pushes to browsers, encrypted for each, and says which are gone', async () => {
    const browser = createECDH('prime256v1');
    browser.generateKeys();
    const auth = randomBytes(16);
    const requests: { url: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        requests.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(request.url === '/gone' ? 410 : request.url === '/busy' ? 503 : 201).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const keys = { p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') };
    const gone: string[] = [];
    const own = createECDH('prime256v1');
    own.generateKeys();
    const options = {
      vapid: {
        subject: 'mailto:plant@example.org',
        publicKey: own.getPublicKey('base64url'),
        privateKey: own.getPrivateKey('base64url'),
      },
      onGone: ({ endpoint }: { endpoint: string }) => gone.push(endpoint),
    };
    const targets = ['/gone', '/here'].map((path) => ({ endpoint: url + path, keys }));
    await deliver('push', webPushNotifier({ ...options, targets }));
    expect(gone).toEqual([`${url}/gone`]);
    const got = requests.find((request) => request.url === '/here');
    expect(got?.headers).toMatchObject({ urgency: 'high', topic: 'key-push', 'content-encoding': 'aes128gcm' });
    const plain = JSON.parse(decryptPush(got?.body ?? Buffer.alloc(0), browser, auth));
    expect(plain).toMatchObject({ title: 'HIGH: Hot (roof)', severity: 'HIGH', key: 'key-push' });
    const busy = webPushNotifier({ ...options, targets: () => [{ endpoint: `${url}/busy`, keys }] });
    expect(await busy.send(notification('push'))).toEqual({ ok: false, retry: true, reason: 'HTTP 503' });
    server.close();
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
    await deliver('mqtt', mqttNotifier(client, topic, { cloudEvents: { source: '/plant' } }));
    expect(JSON.parse(await got)).toMatchObject({
      specversion: '1.0',
      id: 'key-mqtt',
      data: { key: 'key-mqtt', firing: [{ rule: 'hot' }] },
    });
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
      await deliver('am', alertmanagerNotifier({ url }), Date.now());
      const alerts = (await (await fetch(`${url}/api/v2/alerts`)).json()) as {
        labels: Record<string, string>;
        endsAt: string;
      }[];
      expect(alerts.map(({ labels }) => labels)).toEqual([
        { alertname: 'hot', asset: 'roof', tenant: 'default', severity: 'HIGH' },
      ]);
      // It stands there until it is told that it is over, and then it is gone.
      expect(Date.parse(alerts[0]?.endsAt ?? '')).toBeGreaterThan(Date.now() + 4 * 3_600_000);
      const ended = firing.map((alert) => ({ ...alert, active: false, resolvedAt: Date.now() }));
      await alertmanagerNotifier({ url }).send({ ...notification('am'), firing: [], resolved: ended });
      expect(await (await fetch(`${url}/api/v2/alerts`)).json()).toEqual([]);
    } finally {
      const ended = new Promise((resolve) => process_.once('exit', resolve));
      process_.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
