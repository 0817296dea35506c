import type { Figures, RunInput } from '../../bench/harness.js';
import { type BacktestForecast, type EngineName, Forecaster } from '../../src/models/index.js';
import { readPlantFolder } from '../plant-folder.js';
import { clearSkyIrradiance, planeIrradiance } from './clear-sky.js';

/** Share of the time that is tested. */
const TESTED = 0.4;
const WEATHER = ['ghi', 'poaGlobal', 'airTemperature', 'windSpeed'];

/**
 * Forecasts of a plant's power from every hour of daylight in the last 40 % of its time, as hourly means; fitted anew
 * every tenth of it. Scores count hours of daylight.
 */
export async function evaluatePlant({ data = 'eval/plants/serf_east', options, say }: RunInput): Promise<Figures> {
  const root = typeof options.root === 'string' ? options.root : '../shared/data';
  const { plant, frame: measured } = readPlantFolder(data, root);
  const { site, time } = plant;
  const { acRating } = plant.inverter;
  if (site === undefined || acRating === undefined || time.stepMinutes === undefined) {
    throw new Error(`The forecast of ${plant.name} needs site, inverter.acRating and time.stepMinutes.`);
  }
  const { latitude, longitude, altitude } = site;
  const { stepMinutes } = time;
  const { tilt = 0, azimuth = 180 } = plant.arrays[0] ?? {};
  const geometry = { latitude, longitude, altitude, tilt, azimuth };
  const clearSky = (time: number) => clearSkyIrradiance(geometry, time);
  const weather = WEATHER.filter((name) => measured.has(name));
  let frame = measured;
  if (frame.has('ghi')) {
    const ghi = frame.column('ghi');
    const step = stepMinutes * 6e4;
    const poa = frame.time.map((t, i) => planeIrradiance(geometry, t + step / 2, ghi[i] as number));
    frame = frame.withColumn('poaFromGhi', poa, 'W/m²');
  }
  const known = [...weather, ...(frame.has('poaFromGhi') ? ['poaFromGhi'] : [])];
  const engine = (options.engine ?? 'auto') as EngineName;

  const test = async (hours: number, columns: { past?: string[]; known?: string[] }) => {
    const forecasts: BacktestForecast[] = [];
    const forecaster = new Forecaster({ engine, levels: [80, 95], seed: 1, timeBudget: 20 });
    const report = await forecaster.backtestAsync(frame, {
      target: 'acPower',
      step: '1h',
      horizon: `${hours}h`,
      clearSky,
      min: 0,
      max: acRating,
      from: 1 - TESTED,
      folds: 10,
      baseline: 'clear-sky-persistence',
      ...columns,
      onForecast: (forecast) => forecasts.push(forecast),
    });
    return { report, forecasts };
  };

  const day = await test(24, { past: weather });
  const six = await test(6, { past: weather });
  const informed = known.length > 0 ? await test(24, { known }) : null;
  const figures: Record<string, number> = {
    skill_6h: skill(six.forecasts),
    skill_24h: skill(day.forecasts),
    ...(informed === null ? {} : { skill_24h_weather: skill(informed.forecasts) }),
    rmse_6h: six.report.rmse,
    rmse_24h: day.report.rmse,
    crps: day.report.crps,
    pinball: day.report.pinball,
    coverage80: day.report.coverage[80] as number,
    coverage95: day.report.coverage[95] as number,
    ...worstQuarter(day.forecasts, longitude),
    forecasts: day.report.count,
  };
  say(`${plant.name}: ${day.report.count} hourly values, mean absolute error ${day.report.mae.toFixed(0)} W over 24 h`);
  return figures;
}

/** 1 − RMSE / RMSE of the better of clear-sky persistence and the measurement 24 h before. */
function skill(forecasts: readonly BacktestForecast[]): number {
  const rmse = (error: (forecast: BacktestForecast) => number) =>
    Math.sqrt(forecasts.reduce((sum, forecast) => sum + error(forecast) ** 2, 0) / forecasts.length);
  const own = rmse(({ mean, measured }) => mean - measured);
  const clear = rmse(({ baseline, measured }) => baseline - measured);
  const before = rmse(({ naive, measured }) => naive - measured);
  return 1 - own / Math.min(clear, before);
}

/**
 * Coverage on the worst quarter of the (solar) days that were forecast. Worst is told in advance: the days on which the forecaster itself was
 * least sure, by the width of its 80 % intervals. Days picked by their error in hindsight are the misses themselves, so that
 * no honest interval can hold there what it promises; their coverage is printed too, as `_hindsight`.
 */
function worstQuarter(forecasts: readonly BacktestForecast[], longitude: number): Record<string, number> {
  const days = new Map<number, BacktestForecast[]>();
  for (const forecast of forecasts) {
    const date = Math.floor(forecast.time / 864e5 + longitude / 360);
    days.set(date, [...(days.get(date) ?? []), forecast]);
  }
  const mean = (list: readonly BacktestForecast[], of: (forecast: BacktestForecast) => number) =>
    list.reduce((sum, forecast) => sum + of(forecast), 0) / list.length;
  const quarter = (order: (list: readonly BacktestForecast[]) => number) => {
    const sorted = [...days.values()].sort((a, b) => order(b) - order(a));
    return sorted.slice(0, Math.ceil(sorted.length / 4)).flat();
  };
  const covered = (list: readonly BacktestForecast[], level: number) =>
    100 *
    mean(list, ({ measured, lower, upper }) =>
      measured >= (lower[level] as number) && measured <= (upper[level] as number) ? 1 : 0,
    );
  const unsure = quarter((list) => mean(list, ({ lower, upper }) => (upper[0] as number) - (lower[0] as number)));
  const wrong = quarter((list) => mean(list, (forecast) => (forecast.mean - forecast.measured) ** 2));
  return {
    coverage80_worst_quarter: covered(unsure, 0),
    coverage95_worst_quarter: covered(unsure, 1),
    coverage80_hindsight: covered(wrong, 0),
    coverage95_hindsight: covered(wrong, 1),
  };
}
