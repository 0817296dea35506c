// After an install in this repository: lets the examples import `twinergy` by its name, as any user does. npm cannot link
// a workspace to the root package itself, so this makes the link.
import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');
const link = join(modules, 'twinergy');
mkdirSync(modules, { recursive: true });
if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link, { recursive: true, force: true });
symlinkSync('..', link, process.platform === 'win32' ? 'junction' : 'dir');
