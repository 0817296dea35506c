import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AlertEngine } from './engine.js';
import { mathjsExpressions } from './expression/mathjs.js';
import { lifecycleDiagram } from './lifecycle.js';
import { type Route, routingDiagram } from './notify/route.js';
import type { AlertAsset, Rule } from './rules/rule.js';
import { readRules } from './rules/schema.js';

const guide = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
const MINUTE = 60_000;
const HOUR = 60;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.UTC(2026, 5, 1);
const expressions = await mathjsExpressions();

/** The rules of the guide, as its reader would copy them. */
const examples = new Map(
  [...guide.matchAll(/^### (\S+)\n[\s\S]*?```json\n([\s\S]*?)```/gm)].map(([, type = '', text = '']) => [
    type,
    readRules([JSON.parse(text)])[0] as Rule,
  ]),
);

type Values = Readonly<Record<string, number>>;
/** Minutes after the start, and what is measured then; null: only time passes. */
type Step = readonly [minute: number, values: Values | null];

/** The same values every `every` minutes. */
function steady(minutes: number, every: number, values: Values | ((minute: number) => Values), from = 0): Step[] {
  return Array.from({ length: Math.floor(minutes / every) + 1 }, (_, k): Step => {
    const minute = from + k * every;
    return [minute, typeof values === 'function' ? values(minute) : values];
  });
}

const usual = (minute: number) => ({ voltage: 400 + (minute % 3) });
const noon = 12 * HOUR;
const dim = { irradiance: 100 };
const light = { irradiance: 500 };

/** For each type readings that raise its example, and readings that are close to that and must not. */
const stories: Readonly<Record<string, { readonly raised: Step[]; readonly quiet: Step[] }>> = {
  threshold: { raised: steady(2, 1, { temperature: 61 }), quiet: steady(60, 1, { temperature: 59 }) },
  deviation: {
    raised: steady(20, 1, { solarPower: 600, expectedPower: 1000, ...light }),
    quiet: steady(20, 1, { solarPower: 600, expectedPower: 1000, ...dim }),
  },
  interval: {
    raised: steady(70, 5, { solarPower: 2000, forecastLow: 800, forecastHigh: 1200 }),
    quiet: steady(70, 5, { solarPower: 1250, forecastLow: 800, forecastHigh: 1200 }),
  },
  rate: {
    raised: steady(15, 1, (minute) => ({ temperature: 20 + 1.2 * minute })),
    quiet: steady(15, 1, (minute) => ({ temperature: 20 + 0.8 * minute })),
  },
  trend: {
    raised: steady(30 * DAY, DAY, (minute) => ({ health: 90 - (6 * minute) / (30 * DAY) })),
    quiet: steady(30 * DAY, DAY, (minute) => ({ health: 90 - (4 * minute) / (30 * DAY) })),
  },
  failure: {
    raised: [[0, { rulDays: 12, rulLow: 8, rulHigh: 18 }]],
    quiet: [[0, { rulDays: 30, rulLow: 20, rulHigh: 45 }]],
  },
  baseline: {
    raised: [...steady(50, 1, usual), [51, { voltage: 420 }]],
    quiet: [...steady(50, 1, usual), [51, { voltage: 405 }]],
  },
  count: {
    raised: [0, 2, 4].flatMap((hour): Step[] => [
      [hour * HOUR, { voltage: 5 }],
      [hour * HOUR + 1, { voltage: 400 }],
    ]),
    quiet: [0, 2].flatMap((hour): Step[] => [
      [hour * HOUR, { voltage: 5 }],
      [hour * HOUR + 1, { voltage: 400 }],
    ]),
  },
  expression: {
    raised: steady(20, 1, { solarPower: 600, expectedPower: 1000, ...light }),
    quiet: steady(20, 1, { solarPower: 800, expectedPower: 1000, ...light }),
  },
  'no-data': {
    raised: [
      [0, { voltage: 400 }],
      [16, null],
    ],
    quiet: [
      [0, { voltage: 400 }],
      [14, null],
    ],
  },
  stale: {
    raised: steady(6 * HOUR, 30, { irradiance: 312.5 }),
    quiet: steady(6 * HOUR, 30, (minute) => ({ irradiance: 312.5 + (minute % 60) })),
  },
  absence: {
    raised: steady(7 * DAY, HOUR, { batteryLevel: 80 }),
    quiet: steady(7 * DAY, HOUR, (minute) => ({ batteryLevel: minute === 3 * DAY ? 97 : 80 })),
  },
  all: {
    raised: [[0, { temperature: 65, ...dim }]],
    quiet: [[0, { temperature: 65, ...light }]],
  },
  any: {
    raised: [[0, { temperature: 65, inverterEfficiency: 80, anomalyPValue: 0.5 }]],
    quiet: [[0, { temperature: 65, inverterEfficiency: 95, anomalyPValue: 0.5 }]],
  },
  not: { raised: [[0, { voltage: 5 }]], quiet: [[0, { voltage: 230 }]] },
  schedule: { raised: [[23.5 * HOUR, { current: 10 }]], quiet: [[noon, { current: 10 }]] },
  // On Tuesdays from eight to ten people work on it.
  maintenance: {
    raised: [[DAY + 11 * HOUR, { solarPower: 0, ...light }]],
    quiet: [
      [DAY + 9 * HOUR, { solarPower: 0, ...light }],
      [DAY + 9.5 * HOUR, { solarPower: 0, irradiance: 500, curtailment: 0 }],
    ],
  },
  group: { raised: steady(3, 1, { voltage: 5 }), quiet: steady(3, 1, { voltage: 230 }) },
};

function run(rule: Rule, steps: readonly Step[]): string[] {
  const asset: AlertAsset = {
    id: 'a',
    groups: ['site'],
    maintenance: [{ from: '08:00', to: '10:00', days: [2] }],
  };
  const channels = ['forecastLow', 'forecastHigh'].map((name) => ({ name, restName: name, unit: 'W', title: name }));
  const engine = new AlertEngine({
    rules: [rule],
    assets: rule.when.type === 'group' ? [asset, { id: 'b', groups: ['site'] }] : [asset],
    expressions,
    channels,
  });
  const raised: string[] = [];
  engine.on('alert', (alert) => raised.push(alert.why));
  for (const [minute, values] of steps) {
    const time = START + minute * MINUTE;
    if (values !== null) engine.evaluate({ assetId: 'a', time, values });
    engine.tick(time);
  }
  return raised;
}

describe('the guide', () => {
  it('has an example and a story of every type of condition', () => {
    expect([...examples.keys()].sort()).toEqual(Object.keys(stories).sort());
    for (const [type, { when, onlyWhen }] of examples)
      expect(JSON.stringify([when, onlyWhen])).toContain(`"type":"${type}"`);
  });

  it.each(Object.entries(stories))(
    '%s: its example is raised, with a reason, and not without',
    (type, { raised, quiet }) => {
      const rule = examples.get(type) as Rule;
      const why = run(rule, raised);
      expect(why).toHaveLength(1);
      expect(why[0]).toMatch(/^[A-Z].*\.$/);
      expect(run(rule, quiet)).toEqual([]);
    },
  );

  it('shows the state machine and the routing tree as they are in code', () => {
    expect(guide).toContain(lifecycleDiagram());
    const [, text = ''] = /const route: Route = (\{[\s\S]*?\n\});/.exec(guide) ?? [];
    // The tree as the guide writes it, read as data.
    const json = text
      .replace(/\/\/.*$/gm, '')
      .replace(/'([^'\n]*)'/g, (_, inner: string) => JSON.stringify(inner))
      .replace(/(\w+):(?= )/g, '"$1":')
      .replace(/,(\s*[\]}])/g, '$1');
    expect(guide).toContain(routingDiagram(JSON.parse(json) as Route));
  });
});
