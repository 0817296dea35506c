// The same through require().
const assert = require('node:assert/strict');
const manifest = require('twinergy/package.json');

for (const path of Object.keys(manifest.exports)) {
  if (path === './package.json') continue;
  const names = Object.keys(require(`twinergy${path.slice(1)}`));
  assert.ok(names.length > 0, `twinergy${path.slice(1)} exports something`);
}
import('./story.mjs').then(({ story }) => console.log(story(require('twinergy'))));
