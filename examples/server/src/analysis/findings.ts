import type { DigitalTwin } from 'twinergy';
import { type DiagnosePayload, type DiagnoseResult, plainFrame } from 'twinergy/monitor';
import { type DigitalTwinState, plantFaults, sensorFaults } from 'twinergy/twin';
import type { Tenant } from '../fleet/tenant.js';
import { readRange } from '../routes/series.js';
import { channelTitle, lossesOf } from './losses.js';

const DAY = 86_400_000;

/** Something that is wrong with a plant. */
export interface Finding {
  readonly fault: string | null;
  readonly component: string | null;
  readonly title: string;
  readonly why: string;
  readonly probability: number | null;
  /** ms since the epoch */
  readonly since: number | null;
  readonly energy_lost_kwh: number | null;
  readonly energy_lost_per_day_kwh: number | null;
  readonly evidence: string[];
}

/** Days of sound operation that a diagnosis compares with. */
const BASELINE = 28;

/** Rows that a diagnosis is shown: 15 minutes' step of a good month. */
const MOST_ROWS = 6000;

/** What twins have learnt of a sound plant, by the twin that asked: a changed description makes a new one. */
const learnt = new WeakMap<DigitalTwin, DigitalTwinState>();

/**
 * What the twin's diagnosis finds in a range; what it cannot judge, the anomalies of the range tell.
 * @param diagnose does the work, which takes seconds
 */
export async function findingsOf(
  tenant: Tenant,
  assetId: string,
  span: { readonly from: number; readonly to: number },
  diagnose: (payload: DiagnosePayload) => Promise<DiagnoseResult>,
): Promise<Finding[]> {
  const twin = tenant.monitor.twin(assetId);
  const channels = twin.model.channels.map(({ name }) => name);
  const { frame } = await readRange(tenant, assetId, channels, span, MOST_ROWS);
  if (twin.plant === undefined || frame.length < 96) return fromAnomalies(tenant, assetId, span);
  const { findings, twin: wiser } = await diagnose({
    twin: learnt.get(twin) ?? twin.toJSON(),
    telemetry: plainFrame(frame.resample('15m')),
    sound: { from: span.from - BASELINE * DAY, days: BASELINE, step: '15m', seed: 1 },
  });
  learnt.set(twin, wiser);
  const found = findings.filter(({ kind }) => kind !== 'healthy');
  return found.map((finding) => ({
    fault: finding.kind,
    component: finding.target ?? null,
    title: titleOf(finding.kind),
    why: finding.evidence[0] ?? '',
    probability: finding.probability,
    since: finding.since,
    energy_lost_kwh: finding.lostEnergyKwh,
    energy_lost_per_day_kwh: finding.lostPerDayKwh,
    evidence: [...finding.evidence],
  }));
}

/** A fault's title in the catalogue; else its id as words: `inverter-derating` → `Inverter derating`. */
function titleOf(fault: string): string {
  const known = [...plantFaults, ...sensorFaults].find(({ id }) => id === fault)?.title;
  const words = fault.replaceAll('-', ' ');
  return known ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Anomalies of one channel that make a finding at the least. */
const LEAST = 3;

/** What the anomalies of a range say, by the channel that stands out: since when, how often, and the last word on it. */
async function fromAnomalies(
  tenant: Tenant,
  assetId: string,
  span: { readonly from: number; readonly to: number },
): Promise<Finding[]> {
  const { rows } = await tenant.storage.list('anomalies', { assetId, ...span, limit: 20_000 });
  const groups = new Map<string, { first: number; last: number; n: number; why: string; value: number }>();
  for (const row of rows) {
    const contributions = (row.details as { contributions?: { channel: string; value?: number }[] } | undefined)
      ?.contributions;
    const [top] = contributions ?? [];
    if (top === undefined) continue;
    const group = groups.get(top.channel) ?? { first: row.time, last: row.time, n: 0, why: '', value: 0 };
    groups.set(top.channel, {
      first: group.first,
      last: row.time,
      n: group.n + 1,
      why: row.why ?? group.why,
      value: top.value ?? group.value,
    });
  }
  const found = [...groups].filter(([, { n }]) => n >= LEAST).sort(([, a], [, b]) => b.n - a.n);
  return Promise.all(
    found.map(async ([channel, { first, last, n, why, value }], place) => {
      // What the plant as a whole lost since is told once, with the finding that is seen most.
      const { steps } = place === 0 ? await lossesOf(tenant, assetId, { from: first, to: span.to }) : { steps: [] };
      const of = (name: string) => steps.find((step) => step.name === name)?.energy_kwh;
      const expected = of('expected');
      const measured = of('measured');
      const lost = expected === undefined || measured === undefined ? null : Math.max(0, expected - measured);
      return {
        fault: null,
        component: channel,
        title: `${channelTitle(tenant, assetId, channel)} is ${value < 0 ? 'below' : 'above'} what the twin expects`,
        why,
        probability: null,
        since: first,
        energy_lost_kwh: lost,
        energy_lost_per_day_kwh: lost === null ? null : lost / Math.max(1 / 24, (span.to - first) / DAY),
        evidence: [
          `${n} unusual readings, the last at ${new Date(last).toISOString()}`,
          `${Math.round(Math.abs(value) * 100)} % ${value < 0 ? 'below' : 'above'} expectation at the last`,
        ],
      };
    }),
  );
}
