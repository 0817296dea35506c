// A project that uses the published package as ES modules: every sub-path can be imported, and the main story runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as twinergy from 'twinergy';
import { story } from './story.mjs';

const { exports } = JSON.parse(readFileSync(new URL('./node_modules/twinergy/package.json', import.meta.url), 'utf8'));
for (const path of Object.keys(exports)) {
  if (path === './package.json') continue;
  const names = Object.keys(await import(`twinergy${path.slice(1)}`));
  assert.ok(names.length > 0, `twinergy${path.slice(1)} exports something`);
}
console.log(story(twinergy));
