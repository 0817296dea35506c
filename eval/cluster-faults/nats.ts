import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../free-ports.js';

/** A NATS cluster with JetStream of one's own, whose nodes may be killed and started. */
export interface NatsCluster {
  readonly ports: readonly number[];
  readonly urls: readonly string[];
  start(node: number): Promise<void>;
  /** Ends a node with SIGKILL. */
  kill(node: number): Promise<void>;
  /** Kills all and deletes their data. */
  remove(): Promise<void>;
}

/** Starts `count` nodes on free ports; one alone is no cluster. Rejects where `nats-server` is not installed. */
export async function natsCluster(count: number): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'twinergy-nats-'));
  const all = await freePorts(2 * count);
  const ports = all.slice(0, count);
  const routes = all.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const nodes: (ChildProcess | undefined)[] = [];
  const kill = async (node: number): Promise<void> => {
    const child = nodes[node];
    if (child === undefined) return;
    nodes[node] = undefined;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const start = async (node: number): Promise<void> => {
    const port = ports[node] as number;
    const others = routes.filter((_, other) => other !== node).join(',');
    const clustered = ['--cluster_name', 'eval', '--cluster', routes[node] as string, '--routes', others];
    const single = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(folder, String(node)), '-n', `n${node}`];
    const child = spawn('nats-server', count === 1 ? single : [...single, ...clustered], { stdio: 'ignore' });
    await new Promise<void>((resolve, reject) => child.once('spawn', () => resolve()).once('error', reject));
    nodes[node] = child;
    for (let i = 0; !(await answers(port)); i++) {
      if (i > 400) throw new Error(`The NATS node at port ${port} does not answer.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(ports.map((_, node) => start(node)));
  return {
    ports,
    urls: ports.map((port) => `nats://127.0.0.1:${port}`),
    start,
    kill,
    async remove() {
      await Promise.all(nodes.map((_, node) => kill(node)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether something listens at a port of this machine. */
export function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
