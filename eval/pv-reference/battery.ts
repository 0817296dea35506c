import { BatteryLife, type BatteryLifeParameters } from '../../src/twin/battery/life.js';
import { type RainflowCycle, rainflowCycles } from '../../src/twin/battery/rainflow.js';
import type { Comparison, Node, ReferenceFile } from './compare.js';

export function rainflowFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  inputs.cases.forEach(({ series }: Node, index: number) => {
    const expected = outputs.cases[index];
    const order = (a: { second: number; first: number }, b: { second: number; first: number }): number =>
      a.first - b.first || a.second - b.second;
    const ours = rainflowCycles(series).sort(order);
    const theirs: RainflowCycle[] = expected.range
      .map((range: number, k: number) => ({
        range,
        mean: expected.mean[k],
        count: expected.count[k],
        first: expected.first[k],
        second: expected.second[k],
      }))
      .sort(order);
    for (const key of ['range', 'mean', 'count', 'first', 'second'] as const)
      result.column(
        key,
        ours.map((cycle) => cycle[key]),
        theirs.map((cycle) => cycle[key]),
        { absolute: tolerance.absolute },
      );
    result.value(
      'cycles_total',
      ours.reduce((sum, cycle) => sum + cycle.count, 0),
      expected.cycles_total,
      { absolute: tolerance.absolute },
    );
  });
}

/** The cell of a run in our words, or undefined for a chemistry that is not offered. */
function cellOf(run: Node): BatteryLifeParameters | undefined {
  if (run.model.startsWith('lfp')) return { chemistry: 'lfp', ...run.parameters };
  if (run.model.startsWith('nmc')) {
    const { p_LAM, ...rest } = run.parameters;
    return { chemistry: 'nmc', ...rest, pLam: p_LAM };
  }
  return undefined;
}

export function batteryLifeFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const { days, step, cases } = inputs;
  const perDay = 86400 / step;
  for (const run of outputs.runs) {
    const cell = cellOf(run);
    const c = cases.find((entry: Node) => entry.case === run.case);
    if (cell === undefined) {
      result.skip(run.model);
      continue;
    }
    const life = new BatteryLife(cell);
    const [q, r, cycles]: [number[], number[], number[]] = [[], [], []];
    for (let day = 0; day < days; day++) {
      const k = Array.from({ length: perDay + 1 }, (_, j) => perDay * day + j);
      life.advance(
        k.map((index) => index * step * 1000),
        k.map(
          (index) =>
            c.soc_mean +
            c.soc_day * Math.sin((2 * Math.PI * (index - c.phase)) / 24) +
            c.soc_slow * Math.sin((2 * Math.PI * index) / 631),
        ),
        k.map(
          (index) =>
            c.t_mean +
            c.t_year * Math.cos((2 * Math.PI * index) / 8760) +
            c.t_day * Math.cos((2 * Math.PI * (index - 14)) / 24),
        ),
      );
      q.push(life.capacity);
      r.push(life.resistance);
      cycles.push(life.state.fullCycles);
    }
    const limits = { relative: tolerance.relative };
    result.column(`${run.model}.q`, q, run.q, limits);
    result.column(`${run.model}.efc`, cycles, run.efc, limits);
    if (run.r !== undefined) result.column(`${run.model}.r`, r, run.r, limits);
  }
}
