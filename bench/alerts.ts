import { ZenEngine } from '@gorules/zen-engine';
import { Engine } from 'json-rules-engine';
import { compile } from 'mathjs';
import { ChannelTable } from '../src/alerts/channels.js';
import {
  type AlertChange,
  AlertDispatcher,
  AlertEngine,
  mathjsExpressions,
  type Rule,
  replay,
} from '../src/alerts/index.js';
import { Frame } from '../src/core/index.js';
import { type Figures, interleaved, type RunInput } from './harness.js';

const CHANNELS = [
  'temperature',
  'batteryLevel',
  'voltage',
  'current',
  'irradiance',
  'inverterEfficiency',
  'panelHealth',
  'windSpeed',
  'humidity',
  'solarPower',
];
const EXPRESSION = 'solarPower < 0.7 * expectedPower and irradiance > 200 W/m^2';

/** Twenty rules, each one limit of one channel: what all engines can do. */
const thresholds: Rule[] = Array.from({ length: 20 }, (_, k) => ({
  id: `rule-${k}`,
  title: `Rule ${k}`,
  when: { type: 'threshold', channel: CHANNELS[k % 10] as string, direction: 'above', limits: { HIGH: 1000 + k } },
}));

/** What the peers are asked, over and over: so many sets of values that all fit into the cache, for us as for them. */
const FACTS = 500;

function facts(): Record<string, number>[] {
  return Array.from(
    { length: FACTS },
    (_, i) =>
      Object.fromEntries(CHANNELS.map((name, k) => [name, ((i * 7919 + k * 104729) % 1000) + 0.5])) as Record<
        string,
        number
      >,
  );
}

/** The year of 5-second data of one asset, and 20 rules of the kinds that people write. */
async function replayYear(): Promise<number> {
  const n = (365 * 86400) / 5;
  const time = new Float64Array(n);
  const columns: Record<string, { data: Float64Array; unit: string }> = {};
  for (const name of [...CHANNELS, 'expectedPower']) columns[name] = { data: new Float64Array(n), unit: '1' };
  const day = 86400 / 5;
  for (let i = 0; i < n; i++) {
    time[i] = 1.7e12 + i * 5000;
    const light = Math.max(0, Math.sin((2 * Math.PI * (i % day)) / day));
    const wobble = ((i * 7919) % 997) / 997;
    for (const name of CHANNELS) (columns[name] as { data: Float64Array }).data[i] = 50 + wobble;
    (columns.irradiance as { data: Float64Array }).data[i] = 1000 * light;
    (columns.expectedPower as { data: Float64Array }).data[i] = 5000 * light;
    (columns.solarPower as { data: Float64Array }).data[i] = 4900 * light * (i % (30 * day) < day ? 0.6 : 1);
    (columns.temperature as { data: Float64Array }).data[i] = 20 + 35 * light + 5 * wobble;
  }
  const frame = new Frame(time, columns);
  const daylight = { type: 'threshold', channel: 'irradiance', direction: 'above', limits: { LOW: 200 } } as const;
  const rules: Rule[] = [
    ...Array.from(
      { length: 14 },
      (_, k): Rule => ({
        id: `t${k}`,
        title: 'Threshold',
        when: {
          type: 'threshold',
          channel: CHANNELS[k % 10] as string,
          direction: 'above',
          limits: { HIGH: k % 10 === 0 ? 57 : 6000, LOW: k % 10 === 0 ? 56 : 5500 },
          hysteresis: 1,
        },
        raiseAfter: '5m',
        clearAfter: '5m',
      }),
    ),
    {
      id: 'drop',
      title: 'Drop',
      when: {
        type: 'deviation',
        channel: 'solarPower',
        from: 'expectedPower',
        measure: 'ratio',
        direction: 'below',
        limits: { HIGH: 0.7 },
      },
      onlyWhen: daylight,
      raiseAfter: '15m',
    },
    {
      id: 'expression',
      title: 'Expression',
      when: {
        type: 'expression',
        expression: 'solarPower < 0.7 * expectedPower and irradiance > 200 W/m^2',
        severity: 'HIGH',
      },
      raiseAfter: '15m',
    },
    { id: 'silent', title: 'Silent', when: { type: 'no-data', after: '1h', severity: 'LOW' } },
    {
      id: 'rate',
      title: 'Rate',
      when: { type: 'rate', channel: 'temperature', over: '10m', per: '1m', direction: 'above', limits: { LOW: 5 } },
    },
    {
      id: 'any',
      title: 'Any',
      when: {
        type: 'any',
        of: [daylight, { type: 'threshold', channel: 'humidity', direction: 'above', limits: { LOW: 99 } }],
        atLeast: 2,
      },
    },
    { id: 'stale', title: 'Stale', when: { type: 'stale', channel: 'windSpeed', after: '1h', severity: 'LOW' } },
  ];
  const expressions = await mathjsExpressions();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const alerts = replay(frame, rules, {
      expressions,
      channels: [{ name: 'expectedPower', restName: 'x', unit: 'W', title: 'Expected power' }],
    });
    if (alerts.length < 20) throw new Error('The replay found too little to be true.');
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** 100,000 alerts of 10,000 assets: accepted, routed, grouped, and made into notifications. */
function storm(): number {
  const rules: Rule[] = Array.from({ length: 10 }, (_, k) => ({
    id: `rule-${k}`,
    title: 'Storm',
    when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { CRITICAL: 90 - k, LOW: 30 } },
  }));
  const engine = new AlertEngine({ rules });
  const changes: AlertChange[] = [];
  for (let a = 0; a < 10_000; a++)
    changes.push(...engine.evaluate({ assetId: `a${a}`, time: 1, values: { temperature: 85 } }));
  if (changes.length !== 100_000) throw new Error('The storm is too small.');
  const start = performance.now();
  const dispatcher = new AlertDispatcher({
    receivers: ['all', 'duty', 'battery'],
    maxPerHour: 1e6,
    clock: { now: () => 0, schedule: () => () => undefined },
    route: {
      receiver: 'all',
      routes: [
        { receiver: 'battery', matchers: ['rule=~"battery-.*"'] },
        { receiver: 'duty', matchers: ['severity=CRITICAL'], groupBy: ['asset'] },
      ],
    },
  });
  for (const change of changes) dispatcher.accept(change);
  const told = dispatcher.flush(60_000).reduce((sum, { firing }) => sum + firing.length, 0);
  if (told !== 100_000) throw new Error(`Of the storm ${told} alerts were told.`);
  return 100_000 / ((performance.now() - start) / 1000);
}

/** The alert engine against json-rules-engine, zen-engine and mathjs, on the same rules in the same process. */
export default async function alerts(_: RunInput): Promise<Figures> {
  const few = facts();
  // A reading must be newer than the one before, so each has its own time.
  const many = Array.from({ length: 200_000 }, (_, i) => ({
    assetId: 'a',
    time: 1 + i,
    values: few[i % FACTS] as Record<string, number>,
  }));
  const peer = new Engine(
    thresholds.map(({ id, when }) => ({
      name: id,
      conditions: {
        all: [
          {
            fact: when.type === 'threshold' ? when.channel : '',
            operator: 'greaterThanInclusive',
            value: 1000 + Number(id.slice(5)),
          },
        ],
      },
      event: { type: id },
    })),
  );
  const zen = new ZenEngine();
  const decision = zen.createDecision(
    Buffer.from(
      JSON.stringify({
        nodes: [
          { id: 'in', name: 'in', type: 'inputNode', position: { x: 0, y: 0 } },
          {
            id: 'table',
            name: 'table',
            type: 'decisionTableNode',
            position: { x: 1, y: 0 },
            content: {
              hitPolicy: 'collect',
              inputs: CHANNELS.map((name) => ({ id: name, name, field: name })),
              outputs: [{ id: 'out', name: 'out', field: 'rule' }],
              rules: thresholds.map(({ id, when }) => ({
                _id: id,
                ...Object.fromEntries(
                  CHANNELS.map((name) => [
                    name,
                    when.type === 'threshold' && when.channel === name ? `>= ${1000 + Number(id.slice(5))}` : '',
                  ]),
                ),
                out: `"${id}"`,
              })),
            },
          },
          { id: 'end', name: 'end', type: 'outputNode', position: { x: 2, y: 0 } },
        ],
        edges: [
          { id: 'e1', sourceId: 'in', targetId: 'table', type: 'edge' },
          { id: 'e2', sourceId: 'table', targetId: 'end', type: 'edge' },
        ],
      }),
    ),
  );
  const expressions = await mathjsExpressions();
  const channels = new ChannelTable();
  const own = expressions(EXPRESSION, channels, 'bench');
  const slots = new Float64Array(channels.names.length);
  const [power, expected, light] = ['solarPower', 'expectedPower', 'irradiance'].map((name) => channels.slot(name)) as [
    number,
    number,
    number,
  ];
  // mathjs gets the same formula on plain numbers, which is its fastest.
  const compiled = compile('solarPower < 0.7 * expectedPower and irradiance > 200');
  const RUNS = 2_000_000;
  const SLOW_RUNS = 20_000;
  const PASSES = 5;
  let sink = 0;
  const times = await interleaved({
    own: () => {
      for (let pass = 0; pass < PASSES; pass++) {
        const engine = new AlertEngine({ rules: thresholds });
        for (let k = 0; k < many.length; k++) sink += engine.evaluate(many[k] as (typeof many)[0]).length;
      }
    },
    jre: async () => {
      for (const fact of few) await peer.run(fact);
    },
    zen: async () => {
      for (const fact of few) await decision.evaluate(fact);
    },
    expression: () => {
      for (let i = 0; i < RUNS; i++) {
        slots[power] = i % 1000;
        slots[expected] = 900;
        slots[light] = i % 500;
        sink += own.evaluate(slots);
      }
    },
    mathjs: () => {
      for (let i = 0; i < SLOW_RUNS; i++)
        sink += Number(compiled.evaluate({ solarPower: i % 1000, expectedPower: 900, irradiance: i % 500 }));
    },
  });
  if (Number.isNaN(sink)) throw new Error('An evaluation gave no number.');
  const perReading = (times.own as number) / (many.length * PASSES);
  const expressionNs = ((times.expression as number) / RUNS) * 1e6;
  return {
    threshold_evals_per_s: Math.round((20 / perReading) * 1000),
    expression_ns: expressionNs,
    json_rules_engine_ratio: (times.jre as number) / few.length / perReading,
    zen_engine_ratio: (times.zen as number) / few.length / perReading,
    mathjs_ratio: (((times.mathjs as number) / SLOW_RUNS) * 1e6) / expressionNs,
    storm_alerts_per_s: Math.round(Math.max(storm(), storm(), storm())),
    replay_year_s: await replayYear(),
  };
}
