import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Ticks of the kernel's accounts in a second. */
const TICKS = 100;

/** Processor seconds that all processes of a name on this machine have used, those that they waited for included. */
export function secondsOf(name: string): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (!text.includes(`(${name})`)) continue;
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended while it was looked at.
    }
  }
  return ticks / TICKS;
}

/** Processor seconds that this machine has spent: on everything, and without doing anything for itself (idle). */
export function machineSeconds(): { readonly busy: number; readonly idle: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft = 0, stolen = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  // What the host took away is as little to be had as what others use.
  return { busy: (user + nice + system + irq + soft + stolen) / TICKS, idle: (idle + waiting) / TICKS };
}

/** Processors of this machine. */
export const processors = cpus().length;
