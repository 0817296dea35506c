// Assembles each src/models/*/kernels.wat to kernels.generated.ts (base64) beside it: run after a change of one.
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const { parseWat } = await wabt();
for (const room of ['neural', 'trees']) {
  const folder = new URL(`../src/models/${room}/`, import.meta.url);
  const module = parseWat('kernels.wat', readFileSync(new URL('kernels.wat', folder), 'utf8'), {
    simd: true,
    bulk_memory: true,
  });
  const { buffer } = module.toBinary({});
  writeFileSync(
    new URL('kernels.generated.ts', folder),
    `// Made from kernels.wat by scripts/build-kernels.mjs; do not edit.\nexport const kernelsBase64 =\n  '${Buffer.from(buffer).toString('base64')}';\n`,
  );
  console.log(`${room}: ${buffer.length} bytes`);
}
