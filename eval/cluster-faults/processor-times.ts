import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cpus } from 'node:os';

/** Ticks of the kernel's accounts in a second. */
const TICKS = 100;

/**
 * Processor seconds of the server that listens at a port of this machine, and of its children, those that have ended included.
 * Other servers of its kind are not in it. 0 where nothing of this machine listens there.
 */
export function serverSeconds(port: number): number {
  const server = listener(port);
  if (server === undefined) return 0;
  let ticks = 0;
  for (const pid of processes()) {
    const fields = statOf(pid);
    if (fields === undefined) continue;
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((field) => Number(fields[field]));
    if (pid === server) ticks += (user ?? 0) + (system ?? 0) + (endedUser ?? 0) + (endedSystem ?? 0);
    else if (parent === server) ticks += (user ?? 0) + (system ?? 0);
  }
  return ticks / TICKS;
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** The fields of a process from its state on; undefined where it has ended. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const listeners = new Map<number, number>();

/** The process that listens at a port; it is looked up once. */
function listener(port: number): number | undefined {
  const known = listeners.get(port);
  if (known !== undefined) return known;
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        // 0A: it listens.
        .filter((fields) => fields[1]?.endsWith(ending) && fields[3] === '0A')
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  );
  const found = processes().find((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
    } catch {
      // It has ended, or belongs to somebody else.
      return false;
    }
  });
  if (found !== undefined) listeners.set(port, found);
  return found;
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
