import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What a benchmark or an evaluation is given. */
export interface RunInput {
  /** Where the data are (`--data`), or undefined: then the task takes its default below `../shared`. */
  readonly data: string | undefined;
  /** Any further `--key value` options. */
  readonly options: Readonly<Record<string, string | boolean>>;
  /** Prints a line for people (to stderr with `--json`, so that the last line of stdout is the JSON object). */
  readonly say: (text: string) => void;
}

/** Named results; the keys are what the JSON prints. */
export type Figures = Record<string, number | string | readonly (string | number)[]>;

/** What each file in `bench/` and `eval/tasks/` exports as default. */
export type Runnable = (input: RunInput) => Promise<Figures> | Figures;

/**
 * Runs the file NAME.ts of `folder` that the first argument names, and prints its figures: as a list, or with `--json`
 * as one JSON object on the last line.
 */
export async function runNamed(kind: 'bench' | 'eval', folder: URL, argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: expandEquals(argv),
    strict: false,
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  });
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !['run.ts', 'harness.ts'].includes(file))
    .map((file) => file.slice(0, -3));
  const name = positionals[0];
  if (name === undefined || !names.includes(name) || !existsSync(new URL(`${name}.ts`, folder))) {
    console.error(`Usage: npm run ${kind} -- NAME [--data PATH] [--json]\nNames: ${names.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const json = values.json === true;
  const { json: _json, data, ...rest } = values;
  const options: Record<string, string | boolean> = {};
  for (const [key, value] of Object.entries(rest)) if (value !== undefined) options[key] = value as string | boolean;
  const task = (await import(fileURLToPath(new URL(`${name}.ts`, folder)))) as { default: Runnable };
  const figures = await task.default({
    data: typeof data === 'string' ? data : undefined,
    options,
    say: json ? (text) => console.error(text) : (text) => console.log(text),
  });
  if (json) {
    const env = {
      node: process.version,
      platform: process.platform,
      arch: process.arch,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
    };
    console.log(JSON.stringify({ name, figures, env }));
  } else {
    for (const [key, value] of Object.entries(figures))
      console.log(`${key.padEnd(36)} ${typeof value === 'object' ? value.join(', ') : value}`);
  }
}

/** With unknown options `parseArgs` takes `--key value` as a flag and a positional: this joins them to `--key=value`. */
function expandEquals(argv: string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const next = argv[i + 1];
    if (
      word.startsWith('--') &&
      word !== '--json' &&
      !word.includes('=') &&
      next !== undefined &&
      !next.startsWith('--')
    ) {
      result.push(`${word}=${next}`);
      i++;
    } else result.push(word);
  }
  return result;
}

/** Median of a list of numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * Times competitors on the same work, interleaved: each round runs every one once; the result is the median time of each,
 * in ms.
 */
export async function interleaved(
  contenders: Readonly<Record<string, () => unknown>>,
  rounds = 3,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      globalThis.gc?.();
      const start = performance.now();
      await work();
      const list = times.get(name) ?? [];
      list.push(performance.now() - start);
      times.set(name, list);
    }
  }
  return Object.fromEntries([...times].map(([name, list]) => [name, median(list)]));
}

/**
 * Runs a load that lives with an example, in a process of its own that sees the package by its name: `script` exports
 * `run(options, say)` and prints its figures as JSON on the last line.
 */
export function runInExample(script: string, { options, say }: RunInput): Promise<Figures> {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', `${root}${script}`, JSON.stringify(options)],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TSX_TSCONFIG_PATH: `${root}examples/tsconfig.json` },
    },
  );
  let last = '';
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (last !== '') say(last);
      last = line;
    }
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(last) as Figures);
      else reject(new Error(`${script} ended with ${code}: ${last}`));
    });
  });
}
