import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A Python process that answers each line of a command with one line of JSON. */
export class PythonPeer {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (process.stdout === null) throw new Error('The peer has no output.');
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Starts `script` with the first Python that can import one of `packages`: that on the path, else Debian's. Undefined
   * where neither can. The process computes on one thread.
   */
  static start(script: string, args: readonly string[], packages: readonly string[]): PythonPeer | undefined {
    const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
    const wanted = `import importlib.util as u, sys; sys.exit(not any(u.find_spec(p) for p in ${JSON.stringify(packages)}))`;
    const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', wanted]).status === 0);
    if (python === undefined) return undefined;
    return new PythonPeer(
      spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...threads } }),
    );
  }

  /** The next line of the process, as JSON. */
  async read<Answer>(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('The Python peer ended before it answered.');
    return JSON.parse(value) as Answer;
  }

  /** Sends a command and waits for its answer. */
  ask<Answer>(command: string): Promise<Answer> {
    this.#process.stdin?.write(`${command}\n`);
    return this.read<Answer>();
  }

  /** Ends the process. */
  close(): void {
    this.#process.stdin?.end();
  }
}
