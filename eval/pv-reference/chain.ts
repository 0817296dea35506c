import { PvChain, type PvChainSystem, type TranspositionModel } from '../../src/twin/solar/index.js';
import type { Comparison, Node, ReferenceFile, Tolerance } from './compare.js';
import { sandiaInverter } from './inverter.js';
import { deSotoModule } from './module.js';

const fraction = (x: number): number => x - Math.floor(x);

/** The system of a `chain_year_*` file in our words. */
export function chainSystem(s: Node, transposition: TranspositionModel): PvChainSystem {
  return {
    site: {
      latitude: s.latitude,
      longitude: s.longitude,
      altitude: s.altitude,
      pressure: s.pressure,
      temperature: s.temperature_spa,
      deltaT: s.delta_t,
    },
    linkeTurbidity: s.linke_turbidity,
    surfaceTilt: s.surface_tilt,
    surfaceAzimuth: s.surface_azimuth,
    albedo: s.albedo,
    heatLoss: { u0: s.u0, u1: s.u1 },
    transposition,
    module: deSotoModule(s.module),
    modulesPerString: s.modules_per_string,
    strings: s.strings,
    inverter: sandiaInverter(s.inverter_parameters),
  };
}

/** Time and weather by the closed formulas of a `chain_year_*` file, with any step (s) and count. */
export function chainWeather(s: Node, step: number, count: number) {
  const time = new Float64Array(count);
  const cloudFactor = new Float64Array(count);
  const airTemperature = new Float64Array(count);
  const windSpeed = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const seconds = k * step;
    const hour = seconds / 3600;
    time[k] = (s.first_time + seconds) * 1000;
    const x = fraction(Math.floor(hour) * 0.6180339887498949);
    const y = fraction(Math.floor(seconds / 86400) * 0.7548776662466927);
    cloudFactor[k] = 1 - y * y * (0.55 + 0.4 * x);
    airTemperature[k] =
      s.t_mean +
      s.t_year * Math.cos(2 * Math.PI * (hour / 8760 - s.t_year_phase)) +
      s.t_day * Math.cos((2 * Math.PI * (hour - s.t_day_phase)) / 24);
    windSpeed[k] = 2.5 + 1.5 * Math.sin((2 * Math.PI * hour) / 61) + 0.7 * Math.sin((2 * Math.PI * hour) / 7.3);
  }
  return { time, weather: { cloudFactor, airTemperature, windSpeed } };
}

/** "1e-7 relative + 1e-4 W" as numbers. */
function toleranceOf(text: string): Tolerance {
  const [relative, absolute] = [...text.matchAll(/[\d.]+e-?\d+/g)].map(Number);
  return { relative: relative ?? 0, absolute: absolute ?? 0 };
}

export function chainYearFile({ inputs, outputs, tolerance }: ReferenceFile, result: Comparison): void {
  const system = inputs.system;
  const { time, weather } = chainWeather(system, system.step, system.count);
  const { hours, totals } = outputs;
  const power = toleranceOf(tolerance.p_ac);
  const light = toleranceOf(tolerance.poa);
  const point = toleranceOf(tolerance.v_mp_i_mp);
  const ours = new PvChain(chainSystem(system, 'hay-davies')).run(time, weather);
  result.column('poa', ours.poa, hours.poa, light);
  result.column('temp_cell', ours.cellTemperature, hours.temp_cell, { absolute: tolerance.temp_cell_K });
  // In the last light below 1 W/m² the file sets no limit to voltage and current.
  const bright = (column: ArrayLike<number>, reference: readonly number[]): number[] =>
    reference.map((value, k) => ((hours.poa[k] as number) >= 1 ? (column[k] as number) : value));
  result.column('v_mp', bright(ours.vMp, hours.v_mp), hours.v_mp, point);
  result.column('i_mp', bright(ours.iMp, hours.i_mp), hours.i_mp, point);
  result.column('p_dc', ours.pDc, hours.p_dc, toleranceOf(tolerance.p_dc));
  result.column('p_ac', ours.pAc, hours.p_ac, power);
  const perez = new PvChain(chainSystem(system, 'perez')).run(time, weather);
  result.column('poa_perez', perez.poa, hours.poa_perez, light);
  result.column('p_ac_perez', perez.pAc, hours.p_ac_perez, power);
  const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0);
  const hour = system.step / 3600;
  const total = { relative: 1e-7 };
  result.value('p_ac_sum', sum(ours.pAc) * hour, totals.p_ac_sum_Wh, total);
  result.value('p_ac_perez_sum', sum(perez.pAc) * hour, totals.p_ac_perez_sum_Wh, total);
  result.value('poa_sum', sum(ours.poa) * hour, totals.poa_sum_Wh_m2, total);
  const every = outputs.inputs_every_73_hours;
  for (const [name, column] of [
    ['ghi', ours.ghi],
    ['dni', ours.dni],
    ['dhi', ours.dhi],
  ] as const)
    result.column(
      `every_73_hours.${name}`,
      every[name].map((_: number, k: number) => column[73 * k]),
      every[name],
      light,
    );
}
