import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const compiled = new Map<string, Promise<string>>();

/** Compiles a script of this folder once, so that each of hundreds of processes starts at once. */
function compile(script: string): Promise<string> {
  let file = compiled.get(script);
  if (file === undefined) {
    const outfile = join(root, 'node_modules', '.cache', 'twinergy', `${process.pid}-${script}.mjs`);
    const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external', target: 'node20' } as const;
    file = build({ ...options, entryPoints: [join(root, 'eval', 'durability', script)], outfile }).then(() => outfile);
    compiled.set(script, file);
  }
  return file;
}

/** Runs a script of this folder as a process of its own and hands over each line that it prints; its exit code. */
export async function runScript(
  script: string,
  args: readonly string[],
  onLine: (line: string, child: ChildProcess) => void,
): Promise<number | null> {
  const child = spawn(process.execPath, [await compile(script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  for await (const line of createInterface({ input: child.stdout })) onLine(line, child);
  return ended;
}
