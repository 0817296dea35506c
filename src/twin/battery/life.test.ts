import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatteryLife, LFP_250AH, NMC_75AH } from './life.js';
import { RainflowCounter, rainflowCycles } from './rainflow.js';

describe('rainflow counting', () => {
  it('counts the printed example of ASTM E1049-85', () => {
    const byRange = new Map<number, number>();
    for (const { range, count } of rainflowCycles([-2, 1, -3, 5, -1, 3, -4, 4, -2]))
      byRange.set(range, (byRange.get(range) ?? 0) + count);
    expect([...byRange].sort((a, b) => a[0] - b[0])).toEqual([
      [3, 0.5],
      [4, 1.5],
      [6, 0.5],
      [8, 1],
      [9, 0.5],
    ]);
  });

  it('gives the same from a stream that is saved and loaded on the way', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), fc.nat(60), (series, cut) => {
        let counter = new RainflowCounter();
        const cycles = series.flatMap((value, row) => {
          if (row === cut) counter = RainflowCounter.fromJSON(JSON.parse(JSON.stringify(counter)));
          return counter.push(value);
        });
        expect([...cycles, ...counter.residue()]).toEqual(rainflowCycles(series));
      }),
    );
  });

  it('counts half a cycle for each turn, whatever the series', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), (series) => {
        const distinct = series.filter((value, row) => row === 0 || value !== series[row - 1]);
        const turns = distinct.filter(
          (value, row) =>
            row === 0 ||
            row === distinct.length - 1 ||
            value > (distinct[row - 1] as number) !== (distinct[row + 1] as number) > value,
        ).length;
        const total = rainflowCycles(series).reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(Math.max(0, turns - 1) / 2);
      }),
    );
  });
});

describe('battery life', () => {
  const day = (soc: (hour: number) => number, temperature: number): [number[], number[], number[]] => {
    const hours = Array.from({ length: 25 }, (_, k) => k);
    return [hours.map((k) => k * 3_600_000), hours.map(soc), hours.map(() => temperature)];
  };
  const rest = () => 0.5;
  const swing = (hour: number) => 0.5 + 0.4 * Math.sin((2 * Math.PI * hour) / 24);

  it.each([LFP_250AH, NMC_75AH])('fades faster in heat and with use ($chemistry)', (cell) => {
    const aged = (soc: (hour: number) => number, temperature: number) => {
      const life = new BatteryLife(cell);
      for (let k = 0; k < 50; k++) life.advance(...day(soc, temperature));
      return life;
    };
    expect(aged(rest, 25).capacity).toBeLessThan(1);
    expect(aged(rest, 40).capacity).toBeLessThan(aged(rest, 25).capacity);
    expect(aged(swing, 25).capacity).toBeLessThan(aged(rest, 25).capacity);
    expect(aged(swing, 25).state.fullCycles).toBeCloseTo(50 * 0.8, -1);
  });

  it('goes on from JSON to the bit', () => {
    const life = new BatteryLife(NMC_75AH);
    life.advance(...day(swing, 30));
    const other = BatteryLife.fromJSON(JSON.parse(JSON.stringify(life)));
    life.advance(...day(swing, 20));
    other.advance(...day(swing, 20));
    expect(other.state).toEqual(life.state);
    expect(other.resistance).toBe(life.resistance);
  });

  it('refuses a stretch without length', () => {
    expect(() => new BatteryLife(LFP_250AH).advance([0], [0.5], [20])).toThrow(/at least two/);
  });
});
