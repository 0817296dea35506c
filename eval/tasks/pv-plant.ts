import type { Figures, RunInput } from '../../bench/harness.js';
import type { Frame } from '../../src/core/index.js';
import { usualStep } from '../../src/core/quality/statistics.js';
import { clearEnvelope, clearRows } from '../../src/twin/calibration/clear-rows.js';
import { type Calibration, locateSite } from '../../src/twin/calibration/index.js';
import { DigitalTwin, type PlantDescription, Sky, type SkySite } from '../../src/twin/index.js';
import { readPlantFolder } from '../plant-folder.js';
import { plantTwin } from '../plant-twin.js';
import { coverage } from '../pv-plant/coverage.js';
import { followed } from '../pv-plant/followed.js';
import { namedFindings } from '../pv-plant/named.js';
import { regression } from '../pv-plant/regression.js';
import { hourly, litHours, mean, rmse, scores } from '../pv-plant/scores.js';

/** Share of the time that is learned from. */
const TRAINED = 0.6;
const HOUR = 3_600_000;
const POWERS = ['acPower', 'meterPower', 'dcPower'];

/**
 * Calibrates a plant on the first 60 % of its time and predicts the rest from the weather alone. `--data` names the
 * folder with `plant.json`, `--root` where its files are if not beside it.
 *
 * The prediction is the fitted plant as it stood at the end of the training (`condition: 'now'`); nothing measured after
 * that enters it. What does look at the days gone by says so: `…_day_ahead`, and the width of the intervals of
 * `coverage95`, which follows the misses of the days before (`coverage95_fixed` is without).
 */
export default async function pvPlant({ data = 'eval/plants/serf_east', options, say }: RunInput): Promise<Figures> {
  const root = typeof options.root === 'string' ? options.root : '../shared/data';
  const folder = readPlantFolder(data, root);
  const { description: described, telemetry: raw, known } = plantTwin(folder);
  const telemetry = withoutCodes(raw);
  const target = POWERS.find((name) => telemetry.has(name)) ?? 'acPower';
  const power = telemetry.column(target);
  const present = Array.from(power.keys()).filter((row) => !Number.isNaN(power[row] as number));
  const first = telemetry.time[present[0] ?? 0] as number;
  // Of the time that there are data of: a stray month a year later does not move the cut.
  const cut = telemetry.time[present[Math.floor(TRAINED * present.length)] ?? 0] as number;
  const training = telemetry.slice(first, cut);
  const tested = telemetry.slice(cut);

  const placed = placeOf(described, training, known.site, say);
  const { description, knowsSite } = placed;

  const trust: Record<string, number> = {};
  known.orientation.forEach((isKnown, a) => {
    if (isKnown) return;
    trust[`array${a + 1}.tilt`] = Number.POSITIVE_INFINITY;
    trust[`array${a + 1}.azimuth`] = Number.POSITIVE_INFINITY;
  });
  if (!known.peak) trust.peakFactor = Number.POSITIVE_INFINITY;
  if (!known.module) trust.voltageFactor = Number.POSITIVE_INFINITY;
  const began = performance.now();
  const fit = await new DigitalTwin(description).calibrate(training, { trust, knowsSite });
  const seconds = (performance.now() - began) / 1000;
  say(String(fit));

  const nameplate = known.rating ? (folder.plant.inverter.acRating as number) : fit.peakPower.value;
  const predicted = fit.predict(tested, { condition: 'now' });
  const measured = tested.column(target);
  const step = usualStep(Float64Array.from(present, (row) => telemetry.time[row] as number));
  const isDay = knowsSite ? sunUp(fit.plant.site, fit) : litHours(telemetry);
  const offset = knowsSite ? (description.site.longitude / 15) * HOUR : 0;
  const score = (expected: Float64Array) => hourly(tested.time, measured, expected, step, isDay);
  const expected = predicted.column('acPower.expected');
  const hours = score(expected);
  const sound = fit.predict(tested).column('acPower.expected');
  const bare = fit.predict(tested, { correction: false, condition: 'now' }).column('acPower.expected');
  const dayAhead = followed(tested.time, measured, sound, offset);
  const covered = coverage(fit, tested, measured, isDay, offset);

  const figures: Figures = {
    ...scores(hours, nameplate, offset),
    coverage95: covered.adaptive,
    coverage95_fixed: covered.fixed,
    nrmse_hourly_day_ahead: rmse(score(dayAhead)) / nameplate,
    nrmse_hourly_sound: rmse(score(sound)) / nameplate,
    nrmse_hourly_physics: rmse(score(bare)) / nameplate,
    hours: hours.time.length,
    nameplate_kw: nameplate / 1000,
    peak_kw: fit.peakPower.value / 1000,
    limit_kw: fit.limit.value / 1000,
    fit_seconds: seconds,
    outages_training: fit.outages.length,
  };
  for (const name of ['array1.tilt', 'array1.azimuth', 'timeShift', 'temperatureCoefficient']) {
    const value = fit.value(name);
    if (value !== undefined) figures[name.replace(/^array1\./, '')] = value;
  }
  if (!known.site && knowsSite) {
    figures.latitude_found = description.site.latitude;
    figures.longitude_found = description.site.longitude;
  }
  if (fit.lightSource === 'clear-sky') Object.assign(figures, againstEnvelope(fit, tested, measured, step, nameplate));
  const reference = regression(training, tested, target);
  if (reference !== undefined) figures.regression_nrmse_hourly = rmse(score(reference)) / nameplate;
  if (tested.has('expectedPower')) {
    figures.operator_nrmse_hourly =
      rmse(score(tested.inUnit('expectedPower', 'W').column('expectedPower'))) / nameplate;
  }
  if (fit.lightSource !== 'clear-sky') {
    const findings = await namedFindings(fit, training, tested);
    figures.diagnosed = findings;
    for (const finding of findings) say(finding);
  }
  return figures;
}

/** The description with a place: its own, or where it has none and the light needs one, that of the plant's days. */
function placeOf(description: PlantDescription, training: Frame, knowsSite: boolean, say: RunInput['say']) {
  const needsSun = !['poaGlobal', 'array1.poaGlobal', 'irradiance'].some((name) => training.has(name));
  if (knowsSite || !needsSun) return { description, knowsSite };
  const { latitude, longitude, latitudeSd, longitudeSd } = locateSite(training);
  say(
    `The place is not known; by its days the plant is at ${latitude.toFixed(1)} ± ${latitudeSd.toFixed(1)}°, ${longitude.toFixed(1)} ± ${longitudeSd.toFixed(1)}°.`,
  );
  return { description: { ...description, site: { ...description.site, latitude, longitude } }, knowsSite: true };
}

/** With power alone: the fitted clear-sky power against the plant's own envelope, and against its clear hours. */
function againstEnvelope(fit: Calibration, tested: Frame, measured: Float64Array, step: number, nameplate: number) {
  const model = fit.clearSky(tested.time);
  const envelope = clearEnvelope(tested.time, measured, step);
  const clear = clearRows(tested.time, measured, step);
  const nrmse = (rows: readonly number[], truth: Float64Array) =>
    Math.sqrt(mean(Float64Array.from(rows, (row) => ((truth[row] as number) - (model[row] as number)) ** 2))) /
    nameplate;
  const all = Array.from(model.keys());
  const lit = all.filter((row) => (envelope[row] as number) > 0.01 * nameplate);
  const bright = all.filter((row) => clear[row]);
  return {
    envelope_nrmse: nrmse(lit, envelope),
    clear_nrmse: nrmse(bright, measured),
    clear_rows: bright.length,
  };
}

/** Powers that are codes for "no value" (−999, −1e6) as missing: they are no measurements to be scored by. */
function withoutCodes(frame: Frame): Frame {
  let clean = frame;
  for (const name of POWERS) {
    if (!frame.has(name)) continue;
    const data = frame.column(name);
    const seen = data.filter((value) => value > 0).sort();
    const usual = seen[Math.floor(0.98 * seen.length)] ?? 0;
    clean = clean.withColumn(
      name,
      data.map((value) => (value < -usual || value > 10 * usual ? Number.NaN : value)),
      frame.unit(name),
    );
  }
  return clean;
}

/** Whether the sun is up at a time of the power's clock. */
function sunUp({ latitude, longitude, altitude }: SkySite, fit: Calibration): (time: number) => boolean {
  const sky = new Sky({ latitude, longitude, altitude });
  // A clock that is hours off moves the day; the half step to the middle of a row is in the hour's middle already.
  const late = Math.abs(fit.shifts.sun) > 45 ? fit.shifts.sun * 60_000 : 0;
  return (time) => {
    sky.look(time + late);
    return sky.zenith < 90;
  };
}
