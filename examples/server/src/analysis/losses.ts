import { Frame } from 'twinergy';
import { clearSkyAt } from 'twinergy/twin';
import type { Tenant } from '../fleet/tenant.js';
import { readRange } from '../routes/series.js';

/** A step of a waterfall: a total, or what is taken off on the way to the next. */
export interface LossStep {
  readonly name: string;
  readonly title: string;
  readonly energy_kwh: number;
  readonly kind: 'total' | 'loss';
}

/** Name of a channel for people. */
export function channelTitle(tenant: Tenant, assetId: string, channel: string): string {
  if (!tenant.monitor.assetIds.includes(assetId)) return channel;
  return tenant.monitor.twin(assetId).model.channels.find(({ name }) => name === channel)?.title ?? channel;
}

/** A gap of the source longer than this is not filled, ms. */
const LONGEST_GAP = 3_600_000;

/** Energy of the rows where both columns have values, kWh each: trapezoids over gaps of at most an hour. */
function energies(time: Float64Array, ...columns: readonly Float64Array[]): number[] {
  const sums = columns.map(() => 0);
  for (let row = 1; row < time.length; row++) {
    const hours = ((time[row] as number) - (time[row - 1] as number)) / 3_600_000;
    if (hours * 3_600_000 > LONGEST_GAP) continue;
    const means = columns.map((column) => ((column[row] as number) + (column[row - 1] as number)) / 2);
    if (means.some((mean) => Number.isNaN(mean))) continue;
    means.forEach((mean, i) => {
      sums[i] = (sums[i] as number) + Math.max(0, mean) * hours;
    });
  }
  return sums.map((sum) => sum / 1000);
}

/**
 * From what the plant would have made under a clear sky to what it made: weather, then what modules and strings lost, then
 * what conversion lost, each by the twin's expectation of a sound plant. The losses add up to the whole.
 */
export async function lossesOf(
  tenant: Tenant,
  assetId: string,
  span: { readonly from: number; readonly to: number },
): Promise<{ readonly steps: LossStep[]; readonly performance: number | null }> {
  const twin = tenant.monitor.twin(assetId);
  const inputs = twin.model.channels.filter(({ aliasOf }) => aliasOf === undefined).map(({ name }) => name);
  const { frame } = await readRange(tenant, assetId, inputs, span, 20_000);
  const { name } = twin.model.output;
  const nothing = { steps: [], performance: null };
  if (frame.length < 2 || !frame.has(name)) return nothing;
  const sound = twin.expected(frame);
  if (!sound.has(name)) return nothing;
  const measured = frame.column(name);
  const expected = sound.column(name);
  const steps: LossStep[] = [];
  const [total = 0, made = 0] = energies(frame.time, expected, measured);
  if (twin.plant !== undefined) {
    const { ghi } = clearSkyAt(frame.time, twin.plant.site);
    const air = frame.has('airTemperature') ? frame.column('airTemperature') : new Float64Array(frame.length).fill(20);
    const clear = twin.expected(
      new Frame(frame.time, {
        ghi: { data: ghi, unit: 'W/m²' },
        airTemperature: { data: air.map((value) => (Number.isNaN(value) ? 20 : value)), unit: '°C' },
      }),
    );
    const [best = 0] = energies(frame.time, clear.column(name), expected);
    steps.push(
      { name: 'clear_sky', title: 'Under a clear sky', energy_kwh: best, kind: 'total' },
      { name: 'weather', title: 'Clouds and temperature', energy_kwh: best - total, kind: 'loss' },
    );
  }
  steps.push({ name: 'expected', title: 'Expected of a sound plant', energy_kwh: total, kind: 'total' });
  if (frame.has('dcPower') && sound.has('dcPower') && name !== 'dcPower') {
    const [soundDc = 0, madeDc = 0] = energies(
      frame.time,
      sound.column('dcPower'),
      frame.column('dcPower'),
      expected,
      measured,
    );
    const yieldOfDc = soundDc > 0 ? total / soundDc : 0;
    const array = (soundDc - madeDc) * yieldOfDc;
    steps.push(
      { name: 'array', title: 'Modules and strings', energy_kwh: array, kind: 'loss' },
      { name: 'conversion', title: 'Inverter and lines', energy_kwh: total - made - array, kind: 'loss' },
    );
  } else steps.push({ name: 'plant', title: 'Plant', energy_kwh: total - made, kind: 'loss' });
  steps.push({ name: 'measured', title: 'Measured', energy_kwh: made, kind: 'total' });
  return { steps, performance: total > 0 ? made / total : null };
}
