import { lookup as resolve } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Problem } from './problem.js';

/** Addresses that are not on the public internet: a webhook must not reach them (OWASP SSRF prevention). */
const inside = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(net, bits, 'ipv6');

/** Whether an address is on the public internet. */
export function isPublic(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPublic(mapped);
  // The same as hexadecimal: ::ffff:7f00:1.
  if (/^::ffff:/i.test(address)) return false;
  const family = isIP(address);
  return family !== 0 && !inside.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Refuses a URL that can be seen to be wrong. Hosts on `allowed` may be anywhere. @throws Problem 400 */
export function checkUrl(text: string, allowed: readonly string[]): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Problem(400, 'API_BAD_URL', 'This is no URL.', { path: 'body.url' });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const exempt = allowed.includes(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && exempt))
    throw new Problem(400, 'API_BAD_URL', 'A webhook is reached by https.', { path: 'body.url' });
  if (url.username !== '' || url.password !== '')
    throw new Problem(400, 'API_BAD_URL', 'A URL of a webhook has no password in it.', { path: 'body.url' });
  const local = host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.internal') || !/[.:]/.test(host);
  if (!exempt && (local || (isIP(host) !== 0 && !isPublic(host))))
    throw new Problem(400, 'API_BAD_URL', `${host} is not on the public internet.`, { path: 'body.url' });
  return url;
}

/**
 * A `fetch` for webhooks: only to public addresses, looked at when the name is resolved for the very connection (so that a
 * name which changes its address does not help), no redirects, short waits, answers cut off at 64 KiB.
 */
export function guardedFetch(allowed: readonly string[] = []): typeof fetch {
  return async (input, init) => {
    const url = checkUrl(input instanceof Request ? input.url : String(input), allowed);
    const exempt = allowed.includes(url.hostname.replace(/^\[|\]$/g, ''));
    const lookup: LookupFunction = (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, [] as never);
        const fine = addresses.filter(({ address }) => exempt || isPublic(address));
        const [first] = fine;
        if (first === undefined)
          return callback(new Problem(400, 'API_BAD_URL', `${hostname} is not on the public internet.`), [] as never);
        return options.all ? callback(null, fine as never) : callback(null, first.address, first.family);
      });
    };
    return new Promise<Response>((done, fail) => {
      const send = url.protocol === 'https:' ? requestHttps : requestHttp;
      const outgoing = send(
        url,
        {
          method: init?.method ?? 'GET',
          headers: Object.fromEntries(new Headers(init?.headers)),
          lookup,
          timeout: 10_000,
          ...(init?.signal && { signal: init.signal }),
        },
        (answer) => {
          const parts: Buffer[] = [];
          let size = 0;
          answer.on('data', (part: Buffer) => {
            size += part.length;
            if (size <= 65_536) parts.push(part);
            else answer.destroy();
          });
          answer.on('error', () => undefined);
          answer.on('close', () => {
            const status = answer.statusCode ?? 502;
            const empty = status === 204 || status === 304 || status < 200;
            done(new Response(empty ? null : Buffer.concat(parts), { status: status < 200 ? 502 : status }));
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')));
      outgoing.on('error', fail);
      outgoing.end(typeof init?.body === 'string' ? init.body : undefined);
    });
  };
}
