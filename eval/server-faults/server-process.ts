import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { freePort } from '../free-ports.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let compiled: Promise<string> | undefined;

/** The server as one file, so that it starts in a moment, many times. */
function compile(): Promise<string> {
  const outfile = join(root, 'node_modules', '.cache', 'twinergy', `${process.pid}-server.mjs`);
  compiled ??= build({
    entryPoints: [join(root, 'examples/server/src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    tsconfig: join(root, 'examples/tsconfig.json'),
    logLevel: 'error',
  }).then(() => outfile);
  return compiled;
}

/** The server of `examples/server` as a process of its own, on a port that it keeps over restarts. */
export class ServerProcess {
  readonly url: string;
  readonly #args: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #token = '';

  private constructor(port: number, args: readonly string[], environment: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#args = ['--port', String(port), '--no-models', '--interval', '0', ...args];
    this.#environment = environment;
  }

  /** Starts it for the first time. */
  static async start(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const port = await freePort();
    const server = new ServerProcess(port, args, environment);
    await server.start();
    return server;
  }

  /** Token of the first start: it may do everything. */
  get token(): string {
    return this.#token;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it, again; resolves when it says that it runs. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [await compile(), ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TWINERGY_RATE_LIMIT: '0', LOG_LEVEL: 'fatal', ...this.#environment },
    });
    this.#child = child;
    // It does not outlive an evaluation that fails.
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.off('exit', reap));
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const token = /tw_[0-9a-f]{12}_[\w-]{43}/.exec(said)?.[0];
        if (token !== undefined) this.#token = token;
        if (token !== undefined || said.includes('shown at the first start')) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${said.slice(-2000)}`)));
    });
  }

  /** Ends it; resolves with its exit code. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(null);
    const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return gone;
  }

  /** Calls the API as who may do everything. */
  call(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}
