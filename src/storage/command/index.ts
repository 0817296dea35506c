import { quote, TwinergyError } from '../../core/errors.js';
import { copyStorage } from '../engine/transfer.js';
import { telemetryCsv, telemetryParquet } from '../files/index.js';
import type { PlannedMigration } from '../sql/migrations.js';
import { commandLine } from './command-line.js';
import { postgresOf, withStore } from './store.js';

/** Where the command reads and writes. */
export interface CommandStreams {
  /** What the command was asked for: goes to standard output. */
  readonly write: (piece: string | Uint8Array) => void | Promise<void>;
  /** What it says about its work: goes to standard error. */
  readonly say: (line: string) => void;
  /** Lines of standard input. */
  readonly lines: () => AsyncIterable<string>;
}

/** How the command is used. */
export const storageUsage = `twinergy storage COMMAND …
  copy FROM TO [--tenant ID]…        copy tenants (default: all); run it again to catch up
  backup STORE FILE                  copy a SQLite file while others write it
  check STORE                        look for damage
  vacuum STORE                       give space back
  migrate STORE [--dry-run]          bring the schema up to date, or show the SQL that would
  export STORE [--tenant ID]         a tenant as lines of JSON
  import STORE [--tenant ID]         the same lines, read from standard input
  telemetry STORE ASSET [--tenant ID] [--from T] [--to T] [--format csv|parquet]
STORE is the path of a SQLite file, or postgres://user@host/database[?schema=NAME]`;

interface Options {
  readonly tenant: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly format: string | undefined;
  readonly dryRun: boolean;
}

type Command = (args: readonly string[], options: Options, streams: CommandStreams) => Promise<void>;

const commands: Readonly<Record<string, readonly [operands: number, run: Command]>> = {
  copy: [
    2,
    ([from, to], { tenant }, { say }) =>
      withStore(from, (source) =>
        withStore(to, async (target) => {
          const copied = await copyStorage(source, target, {
            ...(tenant.length === 0 ? {} : { tenants: tenant }),
            onProgress: ({ phase, done, total }) => say(`${phase} (${done}/${total})`),
          });
          say(`${copied.length} tenants: ${copied.join(', ')}`);
        }),
      ),
  ],
  backup: [
    2,
    ([store, file], _options, { say }) =>
      withStore(store, (storage) => storage.backup(String(file))).then(() => say(`written: ${file}`)),
  ],
  check: [
    1,
    ([store], _options, { say }) =>
      withStore(store, async (storage) => {
        const { ok, problems } = await storage.check();
        for (const problem of problems) say(problem);
        if (!ok) throw new TwinergyError('STORAGE_DAMAGED', `${problems.length} problems were found in ${store}.`);
        say('no problems');
      }),
  ],
  vacuum: [1, ([store]) => withStore(store, (storage) => storage.vacuum())],
  migrate: [
    1,
    async ([store], { dryRun }, { say, write }) => {
      if (!dryRun) return withStore(store, async (storage) => say(`${storage.adapter}: the schema is up to date`));
      const planned = await planOf(String(store));
      say(`${planned.length} migrations are due`);
      for (const { version, name, statements } of planned)
        await write(`-- ${version}: ${name}\n${statements.map((statement) => `${statement};\n`).join('')}`);
    },
  ],
  export: [
    1,
    ([store], { tenant }, { write }) =>
      withStore(store, async (storage) => {
        for await (const line of storage.tenant(tenant[0] ?? storage.tenantId).export()) await write(`${line}\n`);
      }),
  ],
  import: [
    1,
    ([store], { tenant }, { lines }) =>
      withStore(store, (storage) => storage.tenant(tenant[0] ?? storage.tenantId).import(lines())),
  ],
  telemetry: [
    2,
    ([store, assetId], { tenant, from, to, format = 'csv' }, { write }) =>
      withStore(store, async (storage) => {
        if (format !== 'csv' && format !== 'parquet') throw usage(`--format is ${quote(format)}.`);
        const query = { assetId: String(assetId), from, to };
        const of = storage.tenant(tenant[0] ?? storage.tenantId);
        for await (const piece of format === 'csv' ? telemetryCsv(of, query) : telemetryParquet(of, query))
          await write(piece);
      }),
  ],
};

/**
 * Runs `twinergy storage …`; `args` is what follows these words.
 * @throws TwinergyError `STORAGE_USAGE` if it is called otherwise than `storageUsage` says, and what the stores throw
 */
export async function storageCommand(args: readonly string[], streams: CommandStreams): Promise<void> {
  const { command, operands, values } = commandLine(args, {
    options: {
      tenant: { type: 'string', multiple: true },
      from: { type: 'string' },
      to: { type: 'string' },
      format: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
    operands: Object.fromEntries(Object.entries(commands).map(([name, [count]]) => [name, count])),
    usage,
  });
  const [, run] = commands[command] as (typeof commands)[string];
  await run(
    operands,
    {
      tenant: values.tenant ?? [],
      from: values.from,
      to: values.to,
      format: values.format,
      dryRun: values['dry-run'] === true,
    },
    streams,
  );
}

function usage(message: string): TwinergyError {
  return new TwinergyError('STORAGE_USAGE', message, { hint: `Usage:\n${storageUsage}` });
}

async function planOf(store: string): Promise<readonly PlannedMigration[]> {
  const server = postgresOf(store);
  return server === undefined
    ? (await import('../sqlite/index.js')).planSqliteMigrations(store)
    : (await import('../postgres/index.js')).planPostgresMigrations(server);
}
