import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { serverSeconds } from './processor-times.js';

it.skipIf(process.platform !== 'linux')('counts what the process that listens at a port computes', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const before = serverSeconds(port);
  for (const end = performance.now() + 200; performance.now() < end; );
  expect(serverSeconds(port) - before).toBeGreaterThan(0);
  expect(before).toBeGreaterThan(0);
  server.close();
});

it.skipIf(process.platform !== 'linux')('is 0 where nobody listens', () => {
  expect(serverSeconds(1)).toBe(0);
});
