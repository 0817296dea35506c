import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const compiled = new Map<string, Promise<string>>();

/** Compiles a script of `eval/` once, so that each of hundreds of processes starts at once; the path of what came of it. */
export function compileScript(script: string): Promise<string> {
  let file = compiled.get(script);
  if (file === undefined) {
    const outfile = join(
      root,
      'node_modules',
      '.cache',
      'twinergy',
      `${process.pid}-${script.replaceAll('/', '-')}.mjs`,
    );
    const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external', target: 'node20' } as const;
    file = build({ ...options, entryPoints: [join(root, 'eval', script)], outfile }).then(() => outfile);
    compiled.set(script, file);
  }
  return file;
}

/** A script that runs as a process of its own. */
export interface Script {
  /** Writes a line to its standard input. */
  tell(line: string): void;
  /** Hands over each line that it prints, and ends with its exit code (null: it was killed). */
  listen(onLine: (line: string) => void): Promise<number | null>;
  kill(): void;
}

/** Starts a script of `eval/`; `flags` are Node's. */
export async function startScript(
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Script> {
  const child: ChildProcess = spawn(process.execPath, [...flags, await compileScript(script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error(`${script} has no pipes.`);
  // A process that was killed before it read what it is told is no error here.
  stdin.on('error', () => undefined);
  const lines = createInterface({ input: stdout });
  return {
    tell: (line) => void stdin.write(`${line}\n`),
    async listen(onLine) {
      for await (const line of lines) onLine(line);
      return ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
