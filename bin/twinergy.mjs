#!/usr/bin/env node
// `npx twinergy storage …`: upkeep of a store; `npx twinergy cluster …`: a look at a cluster, and orders to its workers.
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const rooms = {
  storage: async () => {
    const { storageCommand, storageUsage } = await import('../dist/storage/command/index.js');
    return { run: storageCommand, usage: storageUsage };
  },
  cluster: async () => {
    const { clusterCommand, clusterUsage } = await import('../dist/cluster/command/index.js');
    return { run: clusterCommand, usage: clusterUsage };
  },
};

const [room, ...args] = process.argv.slice(2);
const open = Object.hasOwn(rooms, room ?? '') ? rooms[room] : undefined;
if (open === undefined || args.length === 0 || args.includes('--help')) {
  const shown = open === undefined ? Object.values(rooms) : [open];
  for (const each of shown) console.error((await each()).usage);
  process.exit(room === undefined || args.includes('--help') ? 0 : 2);
}
try {
  await (await open()).run(args, {
    write: async (piece) => {
      if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
    },
    say: (line) => console.error(line),
    lines: () => createInterface({ input: process.stdin }),
  });
} catch (error) {
  console.error(error.code === undefined ? error : `${error.code}: ${error.message}`);
  process.exitCode = 1;
}
