import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startTestServer } from './running.js';

it('stops without waiting for who is connected and has asked nothing, as browsers do beforehand', async () => {
  const { server, url } = await startTestServer(['--no-demo']);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  const gone = once(socket, 'close');
  // The server has seen the connection when it has answered a later one.
  await (await fetch(`${url}/livez`)).text();
  const began = performance.now();
  await server.close();
  await gone;
  // It would have had ten seconds.
  expect(performance.now() - began).toBeLessThan(5000);
}, 30_000);
