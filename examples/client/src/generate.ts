// Makes the typed client from the server's own document: `npm run generate -w @twinergy-examples/client`.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import { apiDocument } from '@twinergy-examples/server/document';

/** Writes the client into `folder`. */
export async function generate(folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'twinergy-client-'));
  const input = join(scratch, 'openapi.json');
  writeFileSync(input, JSON.stringify(await apiDocument()));
  try {
    await createClient({
      input,
      output: { path: folder, clean: true },
      logs: { level: 'error', file: false },
      plugins: ['@hey-api/typescript', { name: '@hey-api/sdk' }, { name: '@hey-api/client-axios', throwOnError: true }],
    });
    // The generator's own runtime is not written for types as strict as ours; what it is called with is checked.
    for (const part of ['client', 'core']) {
      for (const name of readdirSync(join(folder, part))) {
        const file = join(folder, part, name);
        writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await generate(fileURLToPath(new URL('./generated', import.meta.url)));
