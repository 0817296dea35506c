import { TwinergyError } from 'twinergy';
import { readConfig } from './config.js';
import { startServer } from './server.js';
import { shownStore } from './store.js';

const say = (text: string) => console.log(text);

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2));
  const server = await startServer(config, say);
  say(`Twinergy runs at ${server.url}  (store: ${shownStore(config.database)}; Ctrl-C ends it)`);
  if (server.adminToken === undefined) {
    say(
      'Sign in there with a user, or with the token that was shown at the first start (--new-admin-token makes another).',
    );
  } else {
    say(`Sign in there with this token; it is shown this once, and may do everything:\n\n  ${server.adminToken}\n`);
  }

  const ending = new AbortController();
  const end = async (signal: string) => {
    if (ending.signal.aborted) return;
    say(`${signal}: finishing what is under way …`);
    ending.abort();
    await server.close();
    say('Everything is stored. Good bye.');
    process.exit(0);
  };
  process.on('SIGINT', () => void end('Ctrl-C'));
  process.on('SIGTERM', () => void end('SIGTERM'));

  await server.feed();
  if (config.models && !ending.signal.aborted) {
    say('Making the models that the plants begin with (kept for the next start) …');
    try {
      await server.train(ending.signal);
      say('Models are ready.');
    } catch (error) {
      if (!ending.signal.aborted) throw error;
    }
  }
}

main().catch((error: unknown) => {
  if (error instanceof TwinergyError) console.error(`${error.code}: ${error.message}`);
  else console.error(error);
  process.exit(error instanceof TwinergyError && error.code === 'CONFIG_HELP' ? 0 : 1);
});
