// Completes package-lock.json after `npm install` on a registry mirror that holds the binaries of some platforms only:
// npm then leaves the others out of the lock file, and `npm ci` refuses such a lock file, here and everywhere else. Each
// optional package that a locked package names with an exact version, and that is not locked, is added with that version.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));

const SYSTEMS = {
  darwin: 'darwin',
  win32: 'win32',
  windows: 'win32',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
  wasi: 'wasi',
  wasm32: 'wasi',
};
const PROCESSORS = [
  'arm64',
  'x64',
  'ia32',
  'arm',
  'ppc64',
  'ppc64le',
  's390x',
  'riscv64',
  'loong64',
  'mips64el',
  'wasm32',
];

/** Where npm would look for `name` from the package at `from`: the nearest node_modules that has it. */
function isLocked(from, name) {
  for (let folder = from; ; ) {
    if (lock.packages[`${folder}${folder ? '/' : ''}node_modules/${name}`]) return true;
    const cut = folder.lastIndexOf('node_modules/');
    if (cut < 0) return folder === '' ? false : Boolean(lock.packages[`node_modules/${name}`]);
    folder = folder.slice(0, cut).replace(/\/$/, '');
  }
}

const added = [];
for (const [from, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(from, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    const words = name.split(/[/_-]/);
    const system = words.map((word) => SYSTEMS[word]).find(Boolean);
    const processor =
      words.find((word) => PROCESSORS.includes(word)) ??
      (words.includes('universal')
        ? undefined
        : words.includes('armv7') || words.includes('eabi') || words.includes('gnueabihf')
          ? 'arm'
          : undefined);
    const libc = words.some((word) => word.startsWith('musl'))
      ? 'musl'
      : words.some((word) => /^gnu/.test(word)) && system === 'linux'
        ? 'glibc'
        : undefined;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(processor && { cpu: [processor] }),
      dev: true,
      optional: true,
      ...(system && { os: [system] }),
      ...(libc && { libc: [libc] }),
    };
    added.push(`${name}@${version} (${system ?? '?'}, ${processor ?? '?'})`);
  }
}
const { '': rootEntry, ...rest } = lock.packages;
lock.packages = { '': rootEntry, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'The lock file is complete.' : `Added to the lock file:\n${added.join('\n')}`);
