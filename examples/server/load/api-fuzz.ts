import { fuzz } from '../test/fuzz.js';
import { startTestServer } from '../test/running.js';

/** Requests made from the server's own document, 20,000 of them by default: none may be answered by a fault of the server. */
async function apiFuzz(options: Readonly<Record<string, unknown>>, say: (text: string) => void) {
  const requests = Number(options.requests ?? 20_000);
  const seed = Number(options.seed ?? 1);
  const server = await startTestServer([], { TWINERGY_STRICT: 'off' });
  await server.server.feed();
  const { statuses, failures } = await fuzz(server, requests, seed, (done) => say(`${done} of ${requests}`));
  await server.server.close();
  for (const failure of failures.slice(0, 20)) say(failure);
  return {
    requests,
    server_errors: failures.length,
    ...Object.fromEntries(Object.entries(statuses).map(([kind, n]) => [`answers_${kind}`, n])),
  };
}

console.log(JSON.stringify(await apiFuzz(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>, console.log)));
process.exit(0);
