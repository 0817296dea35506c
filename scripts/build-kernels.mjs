// Assembles src/models/neural/kernels.wat to kernels.generated.ts (base64): run after a change of the former.
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const folder = new URL('../src/models/neural/', import.meta.url);
const { parseWat } = await wabt();
const module = parseWat('kernels.wat', readFileSync(new URL('kernels.wat', folder), 'utf8'), {
  simd: true,
  bulk_memory: true,
});
const { buffer } = module.toBinary({});
writeFileSync(
  new URL('kernels.generated.ts', folder),
  `// Made from kernels.wat by scripts/build-kernels.mjs; do not edit.\nexport const kernelsBase64 =\n  '${Buffer.from(buffer).toString('base64')}';\n`,
);
console.log(`${buffer.length} bytes`);
