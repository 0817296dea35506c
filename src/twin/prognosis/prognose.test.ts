import { beforeAll, describe, expect, it } from 'vitest';
import { DigitalTwin, examplePlant, type FaultRequest } from '../index.js';

const DAY = 86_400_000;

function observed(faults: FaultRequest[], days = 60): DigitalTwin {
  const { telemetry } = new DigitalTwin(examplePlant()).simulate({
    from: '2026-04-01',
    days,
    step: '1h',
    seed: 3,
    faults,
  });
  const twin = new DigitalTwin(examplePlant());
  twin.assimilate(telemetry);
  return twin;
}

describe('prognose', () => {
  let worn: DigitalTwin;
  beforeAll(() => {
    // 0.25 × 0.5 over 100 days: a tenth of the DC power is lost on day 90, 35 days after the last reading.
    worn = observed([
      { id: 'inverter-efficiency', severity: 0.5, from: '2026-04-11', days: 100, progression: 'linear' },
    ]);
  });
  const options = { samples: 60, seed: 1, horizon: '60d' } as const;

  it('foretells when a quantity of the health passes a limit', async () => {
    const prognosis = await worn.prognose({ ...options, event: 'inverter1.extraLoss > 0.1' });
    const truth = 10 + 0.1 / (0.125 / 100) - 60;
    const [fifty, eighty, ninetyFive] = prognosis.intervals;
    expect(prognosis.time).toBe(Date.parse('2026-05-30T23:00Z'));
    expect(Math.abs((prognosis.median ?? Infinity) - truth)).toBeLessThan(4);
    expect(eighty?.lower).toBeLessThanOrEqual(fifty?.lower as number);
    expect(ninetyFive?.upper).toBeGreaterThanOrEqual(eighty?.upper as number);
    expect(prognosis.failureWithin[7]).toBeLessThan(0.05);
    expect(prognosis.failureWithin[30]).toBeGreaterThan(prognosis.failureWithin[14]);
    expect(prognosis.never).toBe(0);
    expect(prognosis.days).toHaveLength(60);
  });

  it('takes criteria, limits, expressions and functions, and runs the model for what is no health', async () => {
    const days = async (event: Parameters<DigitalTwin['prognose']>[0]['event']) =>
      (await worn.prognose({ ...options, horizon: '30d', event })).median ?? Infinity;
    const criterion = await days('inverter-efficiency');
    const daily = await days('efficiency < 90 %');
    expect(await days({ channel: 'efficiency', when: 'below', limit: 0.9 })).toBe(daily);
    expect(await days((value) => value('efficiency') < 0.9)).toBeCloseTo(daily, -1);
    expect(await days('efficiency < 0.9 and inverter1.extraLoss > 0.3')).toBeGreaterThan(daily);
    // A criterion of the end of life is judged by the week, which no single dull day meets.
    expect(criterion).toBeGreaterThan(daily);
    // The sound inverter has 96…97 %: the limit is met when some 6 % are lost, about half-way through.
    expect(criterion).toBeLessThan(25);
  });

  it('repeats to the bit, reports, and stops when it is told to', async () => {
    const options = { samples: 20, seed: 1, horizon: '20d', event: 'inverter1.extraLoss > 0.07' } as const;
    const phases = new Set<string>();
    const first = await worn.prognose({ ...options, onProgress: ({ phase }) => phases.add(phase) });
    expect((await worn.fork().prognose(options)).days).toEqual(first.days);
    expect((await worn.prognose({ ...options, seed: 2 })).days).not.toEqual(first.days);
    expect([...phases]).toEqual(['learning how it wears', 'looking ahead']);
    const stop = new AbortController();
    const abort = worn.prognose({ ...options, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(abort).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('sees no end where nothing wears', async () => {
    const { never, median } = await observed([], 30).prognose({ ...options, event: 'inverter-efficiency' });
    expect(never).toBeGreaterThan(0.9);
    expect(median).toBeNull();
  });

  it('lets rain wash dirt off', async () => {
    const twin = observed([{ id: 'soiling', severity: 0.5 }], 30);
    const rainy = await twin.prognose({ ...options, event: 'array1.soilingLoss > 0.2' });
    const soon = await twin.prognose({ ...options, event: 'array1.soilingLoss > 0.02' });
    expect(soon.failureWithin[30]).toBeGreaterThan(0.8);
    expect(rainy.never).toBeGreaterThan(0.5);
  });

  it('refuses what it cannot foretell', async () => {
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
    expect(await code(worn.prognose({ event: 'soon' }))).toBe('TWIN_BAD_EVENT');
    expect(await code(worn.prognose({ event: 'nothing > 3' }))).toBe('TWIN_BAD_EVENT');
    expect(await code(worn.prognose({ event: 'efficiency < 0.9', samples: 3 }))).toBe('TWIN_BAD_PROGNOSIS');
    expect(await code(worn.prognose({ event: 'efficiency < 0.9', horizon: 'ages' }))).toBe('BAD_DURATION');
    expect(await code(new DigitalTwin(examplePlant()).prognose({ event: 'efficiency < 0.9' }))).toBe('TWIN_NO_STATE');
    expect(worn.time ?? 0).toBeLessThan(DAY);
  });
});
