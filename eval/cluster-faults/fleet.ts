import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compileScript } from '../processes.js';
import type { Place } from './place.js';

/** What a worker process tells. */
export interface WorkerLine {
  readonly at: number;
  readonly worker: string;
  readonly type: 'ready' | 'owned' | 'released' | 'fenced' | 'trouble';
  readonly partition?: number;
  readonly epoch?: number;
  readonly ms?: number;
  readonly error?: string;
}

/** What a worker process has measured since it was asked last. */
export interface WorkerSample {
  /** ms from stream to store of each group. */
  readonly waits: readonly number[];
  /** Readings that it has stored since it began. */
  readonly readings: number;
  /** Transactions in which it did. */
  readonly groups: number;
  readonly cpu: { readonly user: number; readonly system: number };
  /** ms in which its thread had nothing to do. */
  readonly idle: number;
}

/** Worker processes that may be killed, stopped and woken. */
export class WorkerFleet {
  readonly #children = new Map<string, ChildProcess>();
  readonly #onLine: (line: WorkerLine) => void;
  readonly #script: string;

  private constructor(script: string, onLine: (line: WorkerLine) => void) {
    this.#script = script;
    this.#onLine = onLine;
  }

  static async open(onLine: (line: WorkerLine) => void): Promise<WorkerFleet> {
    return new WorkerFleet(await compileScript('cluster-faults/worker.ts'), onLine);
  }

  /** Starts a worker, on one processor where the machine can do that; resolves when it has joined. */
  async start(place: Place, processor?: number): Promise<void> {
    const command = [process.execPath, this.#script, JSON.stringify(place)];
    const pinned = processor === undefined ? command : ['taskset', '-c', String(processor), ...command];
    const child = spawn(pinned[0] as string, pinned.slice(1), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#children.set(place.id, child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`The worker ${place.id} ended with ${code} before it was ready.`)));
      createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on('line', (text) => {
        const line = { ...(JSON.parse(text) as WorkerLine), worker: place.id };
        if (line.type === 'ready') resolve();
        this.#onLine(line);
      });
    });
  }

  get ids(): string[] {
    return [...this.#children.keys()];
  }

  signal(id: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#children.get(id)?.kill(signal);
  }

  async kill(id: string): Promise<void> {
    const child = this.#children.get(id);
    if (child === undefined) return;
    this.#children.delete(id);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Lets a worker hand over and leave. */
  async close(id: string): Promise<void> {
    const child = this.#children.get(id);
    if (child === undefined) return;
    this.#children.delete(id);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.send('close');
    await ended;
  }

  async sample(id: string): Promise<WorkerSample> {
    const child = this.#children.get(id) as ChildProcess;
    const answer = new Promise<WorkerSample>((resolve) =>
      child.once('message', (message) => resolve(message as WorkerSample)),
    );
    child.send('waits');
    return answer;
  }

  async killAll(): Promise<void> {
    await Promise.all(this.ids.map((id) => this.kill(id)));
  }
}
