import { Frame } from 'twinergy';
import { lossWaterfall } from 'twinergy/models/performance';
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

/** What is known of the way, before it is made to add up. */
interface KnownLoss {
  readonly name: string;
  readonly title: string;
  readonly energy: number;
}

/**
 * From what the plant would have made under a clear sky to what it made: weather, then what modules and strings lost, then
 * what conversion lost, each by the twin's expectation of a sound plant. The losses add up to the whole, to the last bit
 * (`lossWaterfall`): the last one is what the others leave.
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
  const [total = 0, made = 0] = energies(frame.time, expected, measured);
  let top = total;
  if (twin.plant !== undefined) {
    const { ghi } = clearSkyAt(frame.time, twin.plant.site);
    const air = frame.has('airTemperature') ? frame.column('airTemperature') : new Float64Array(frame.length).fill(20);
    const clear = twin.expected(
      new Frame(frame.time, {
        ghi: { data: ghi, unit: 'W/m²' },
        airTemperature: { data: air.map((value) => (Number.isNaN(value) ? 20 : value)), unit: '°C' },
      }),
    );
    [top = 0] = energies(frame.time, clear.column(name), expected);
  }
  const weather: KnownLoss = { name: 'weather', title: 'Clouds and temperature', energy: top - total };
  const array: KnownLoss[] = [];
  if (frame.has('dcPower') && sound.has('dcPower') && name !== 'dcPower') {
    const [soundDc = 0, madeDc = 0] = energies(
      frame.time,
      sound.column('dcPower'),
      frame.column('dcPower'),
      expected,
      measured,
    );
    const yieldOfDc = soundDc > 0 ? total / soundDc : 0;
    array.push({ name: 'array', title: 'Modules and strings', energy: (soundDc - madeDc) * yieldOfDc });
  }
  const known = [weather, ...array];
  const fall = lossWaterfall({ expected: top, measured: made, losses: known });
  const steps = fall.steps.map((step, i): LossStep => {
    // What the losses before leave: of the conversion, or of the plant as a whole.
    const rest =
      array.length > 0 ? { name: 'conversion', title: 'Inverter and lines' } : { name: 'plant', title: 'Plant' };
    const told = known[i] ?? rest;
    return { name: told.name, title: told.title, energy_kwh: 0 - step.energy, kind: 'loss' };
  });
  const whole = (called: string, title: string, energy_kwh: number): LossStep => ({
    name: called,
    title,
    energy_kwh,
    kind: 'total',
  });
  const [first, ...rest] = steps as [LossStep, ...LossStep[]];
  return {
    steps: [
      ...(twin.plant === undefined ? [] : [whole('clear_sky', 'Under a clear sky', fall.expected), first]),
      whole('expected', 'Expected of a sound plant', fall.steps[0]?.level ?? fall.expected),
      ...rest,
      whole('measured', 'Measured', fall.measured),
    ],
    performance: total > 0 ? made / total : null,
  };
}
