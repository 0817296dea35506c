import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AlertEngine } from './engine.js';
import { mathjsExpressions } from './expression/mathjs.js';
import { lifecycleDiagram } from './lifecycle.js';
import type { Rule } from './rules/rule.js';

const guide = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');

it('the guide shows the state machine of the table, and its examples are rules', async () => {
  expect(guide).toContain(lifecycleDiagram());
  const rules = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text ?? '') as Rule);
  const engine = new AlertEngine({
    rules,
    expressions: await mathjsExpressions(),
    assets: [{ id: 'a', groups: ['g'] }],
  });
  expect(rules).toHaveLength([...guide.matchAll(/^### /gm)].length);
  engine.evaluate({ assetId: 'a', time: 1, values: { temperature: 75, voltage: 5, irradiance: 100 } });
  expect(engine.open().map(({ rule }) => rule)).toEqual(expect.arrayContaining(['both', 'no-voltage']));
});
