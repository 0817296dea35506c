#!/usr/bin/env node
// `npx twinergy storage …`: upkeep of a store from the command line.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { storageCommand, storageUsage } from '../dist/storage/command/index.js';

const [room, ...args] = process.argv.slice(2);
if (room !== 'storage' || args.length === 0) {
  console.error(storageUsage);
  process.exit(room === undefined || args.includes('--help') ? 0 : 2);
}
try {
  await storageCommand(args, {
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
