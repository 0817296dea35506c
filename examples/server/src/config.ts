import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TwinergyError } from 'twinergy';

type Environment = Readonly<Record<string, string | undefined>>;

/** How the server was called: options, and settings from the environment (see `.env.example`). */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Path of an SQLite file, `memory:`, or `postgres://…`. */
  readonly database: string;
  /** Real telemetry instead of twin-fed plants. */
  readonly csv: { readonly file: string; readonly map: string } | undefined;
  /** How many seconds of telemetry pass in one, on a replay. */
  readonly speed: number;
  /** Seconds between readings of the twin-fed plants; 0 feeds nothing. */
  readonly interval: number;
  /** Days of history that twin-fed plants begin with. */
  readonly history: number;
  /** Whether models are made. */
  readonly models: boolean;
  /** Whether a new tenant `default` begins with the plants of the demonstration. */
  readonly demo: boolean;
  /** Makes and prints a new token that may do everything. */
  readonly newAdminToken: boolean;
  /** Folder of the dashboard's files. */
  readonly files: string | undefined;
  /** What sessions are signed with; default: made at the first start and kept in the store. */
  readonly secret: string | undefined;
  readonly origins: readonly string[];
  /** Requests a second for each caller; 0: no limit. */
  readonly rateLimit: number;
  /** ms after which a request has failed. */
  readonly timeout: number;
  readonly trustProxy: boolean;
  /** Where other servers on the same store reach this one; default: where it listens. */
  readonly advertise: string | undefined;
  readonly webhookHosts: readonly string[];
  /** A Redis that carries live events between servers and keeps answers: `redis://…`. */
  readonly redis: string | undefined;
  /** Where browsers reach the server, for the way back from an identity provider; default: as they call it. */
  readonly publicUrl: string | undefined;
  /** OpenTelemetry's standard settings (`OTEL_…`). */
  readonly telemetry: Environment;
  readonly oidc:
    | {
        readonly issuer: string;
        readonly audience: string;
        readonly jwksUri: string | undefined;
        /** With it, people sign in at the provider. */
        readonly clientId: string | undefined;
        readonly clientSecret: string | undefined;
      }
    | undefined;
  readonly metricsToken: string | undefined;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'ecs';
  /** Checks answers against their schema: for tests. */
  readonly strict: boolean;
}

const usage = `Usage: npm start -- [options]
  --port N             port, default 8080 (PORT)
  --host H             address, default 127.0.0.1 (HOST)
  --db WHERE           SQLite file, memory: or postgres://…, default twinergy.db (TWINERGY_STORE)
  --csv FILE           real telemetry, with
  --map FILE           what its columns mean (see examples/server/README.md)
  --speed N            replay so many times as fast, default 3600
  --interval S         seconds between readings of the twin-fed plants, default 5; 0 feeds nothing
  --history D          days of history that they begin with, default 14
  --no-models          do without models (no anomalies, no remaining life)
  --no-demo            begin without plants
  --new-admin-token    print a new token that may do everything
  --files DIR          folder of the dashboard (TWINERGY_FILES)
Secrets and the rest come from the environment: see examples/server/.env.example.`;

/** A setting, or the content of the file that `NAME_FILE` names: for secrets. @throws TwinergyError `CONFIG_NO_FILE` */
function secretOf(environment: Environment, name: string): string | undefined {
  const file = environment[`${name}_FILE`];
  if (file === undefined) return environment[name];
  if (!existsSync(file))
    throw new TwinergyError('CONFIG_NO_FILE', `There is no file ${file}.`, { path: `${name}_FILE`, value: file });
  return readFileSync(file, 'utf8').trim();
}

/** Reads the command line and the environment. @throws TwinergyError `CONFIG_BAD_OPTION`, `CONFIG_NO_FILE` */
export function readConfig(args: readonly string[], environment: Environment = process.env): Config {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        db: { type: 'string' },
        csv: { type: 'string' },
        map: { type: 'string' },
        speed: { type: 'string' },
        interval: { type: 'string' },
        history: { type: 'string' },
        files: { type: 'string' },
        'no-models': { type: 'boolean' },
        'no-demo': { type: 'boolean' },
        'new-admin-token': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (cause) {
    throw new TwinergyError('CONFIG_BAD_OPTION', cause instanceof Error ? cause.message : String(cause), {
      hint: usage,
    });
  }
  if (values.help === true) throw new TwinergyError('CONFIG_HELP', usage);
  const number = (name: string, given: unknown, fallback: number, least: number, most: number) => {
    const value = given === undefined || given === '' ? fallback : Number(given);
    if (!(value >= least && value <= most)) {
      throw new TwinergyError('CONFIG_BAD_OPTION', `${name} must lie in ${least}…${most}, got ${String(given)}.`, {
        path: name,
        value: given,
      });
    }
    return value;
  };
  const text = (name: string, fallback: string) => (typeof values[name] === 'string' ? values[name] : fallback);
  const list = (name: string) =>
    (environment[name] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if ((values.csv === undefined) !== (values.map === undefined)) {
    throw new TwinergyError('CONFIG_BAD_OPTION', '--csv and --map belong together.', { hint: usage });
  }
  for (const name of ['csv', 'map']) {
    const file = values[name];
    if (typeof file === 'string' && !existsSync(file))
      throw new TwinergyError('CONFIG_NO_FILE', `There is no file ${file}.`, { path: name, value: file });
  }
  const secret = secretOf(environment, 'TWINERGY_SECRET');
  if (secret !== undefined && secret.length < 32)
    throw new TwinergyError('CONFIG_BAD_OPTION', 'TWINERGY_SECRET must have at least 32 characters.');
  const issuer = environment.TWINERGY_OIDC_ISSUER;
  const audience = environment.TWINERGY_OIDC_AUDIENCE;
  if ((issuer === undefined) !== (audience === undefined))
    throw new TwinergyError('CONFIG_BAD_OPTION', 'TWINERGY_OIDC_ISSUER and TWINERGY_OIDC_AUDIENCE belong together.');
  return {
    port: number('--port', values.port ?? environment.PORT, 8080, 0, 65_535),
    host: text('host', environment.HOST ?? '127.0.0.1'),
    database: text('db', secretOf(environment, 'TWINERGY_STORE') ?? 'twinergy.db'),
    csv: values.csv === undefined ? undefined : { file: text('csv', ''), map: text('map', '') },
    speed: number('--speed', values.speed, 3600, 0.001, 1e9),
    interval: number('--interval', values.interval ?? environment.TWINERGY_INTERVAL, 5, 0, 86_400),
    history: number('--history', values.history ?? environment.TWINERGY_HISTORY, 14, 0, 365),
    models: values['no-models'] !== true && environment.TWINERGY_MODELS !== 'off',
    demo: values['no-demo'] !== true && environment.TWINERGY_DEMO !== 'off',
    newAdminToken: values['new-admin-token'] === true,
    files: typeof values.files === 'string' ? values.files : environment.TWINERGY_FILES,
    secret,
    origins: list('TWINERGY_ORIGINS'),
    rateLimit: number('TWINERGY_RATE_LIMIT', environment.TWINERGY_RATE_LIMIT, 50, 0, 1e6),
    timeout: number('TWINERGY_TIMEOUT', environment.TWINERGY_TIMEOUT, 30_000, 100, 600_000),
    trustProxy: environment.TWINERGY_TRUST_PROXY === 'on',
    advertise: environment.TWINERGY_ADVERTISE || undefined,
    webhookHosts: list('TWINERGY_WEBHOOK_HOSTS'),
    redis: secretOf(environment, 'TWINERGY_REDIS') || undefined,
    publicUrl: environment.TWINERGY_PUBLIC_URL?.replace(/\/$/, '') || undefined,
    telemetry: Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('OTEL_'))),
    oidc:
      issuer === undefined || audience === undefined
        ? undefined
        : {
            issuer,
            audience,
            jwksUri: environment.TWINERGY_OIDC_JWKS_URI,
            clientId: environment.TWINERGY_OIDC_CLIENT_ID || undefined,
            clientSecret: secretOf(environment, 'TWINERGY_OIDC_CLIENT_SECRET'),
          },
    metricsToken: secretOf(environment, 'TWINERGY_METRICS_TOKEN'),
    logLevel: environment.LOG_LEVEL ?? 'warn',
    logFormat: environment.LOG_FORMAT === 'ecs' ? 'ecs' : 'json',
    strict: environment.TWINERGY_STRICT === 'on',
  };
}
