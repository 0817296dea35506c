// The worker that makes a report of a visitor's own file: nothing leaves the browser.
import { checkQuality, Frame, serveWork, UNUSABLE, type WorkOptions } from 'twinergy';
import { DigitalTwin, type PlantDescription, typicalArray, typicalInverter } from 'twinergy/twin';
import type { Report, ReportRequest, ReportTasks } from './report-messages.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Peak power of the modules over the inverters' rating, where only the rating is known. */
const USUAL_RATIO = 1.15;
/** What is judged, days; it is held against what the plant gave before, where the file goes back as far again. */
const JUDGED = 7;

function describe({ latitude, longitude, rating, tilt, azimuth }: ReportRequest): PlantDescription {
  return {
    id: 'own',
    name: 'Your plant',
    site: { latitude, longitude },
    arrays: [
      {
        ...typicalArray(rating * USUAL_RATIO),
        tilt: tilt ?? 30,
        azimuth: azimuth ?? (latitude < 0 ? 0 : 180),
      },
    ],
    inverters: [{ model: typicalInverter(rating) }],
  };
}

/** The file as a frame, without what cannot be true. */
function read({ text, time, mapping, rating }: ReportRequest): { frame: Frame; setAside: number } {
  let quarantined = 0;
  const frame = Frame.fromCsv(text, {
    time,
    columns: Object.fromEntries(
      Object.entries(mapping).map(([name, column]) => [name, { ...column, ...(name === 'acPower' && { as: 'W' }) }]),
    ),
    invalid: 'quarantine',
    disorder: 'sort',
    duplicates: 'last',
    onReport: (report) => {
      quarantined = report.quarantined.length;
    },
  });
  const { flags } = checkQuality(frame, { channels: { acPower: { min: -0.05 * rating, max: 2 * rating } } });
  const bits = flags.get('acPower');
  const power = frame.column('acPower');
  const usable = power.map((value, row) => (((bits?.[row] ?? 0) & UNUSABLE) === 0 ? value : Number.NaN));
  const others = frame.names.filter((name) => name !== 'acPower');
  const lost = usable.reduce((sum, value, row) => sum + (Number.isNaN(value) && !Number.isNaN(power[row]) ? 1 : 0), 0);
  return { frame: frame.select(...others).withColumn('acPower', usable, 'W'), setAside: quarantined + lost };
}

async function report(request: ReportRequest, work: WorkOptions): Promise<Report> {
  const { frame, setAside } = read(request);
  const twin = new DigitalTwin(describe(request));
  const cut = (frame.time.at(-1) ?? 0) - JUDGED * DAY;
  const goesBack = cut - (frame.time[0] ?? 0) >= JUDGED * DAY - HOUR;
  const fit = await twin.calibrate(goesBack ? frame.slice(0, cut) : frame, {
    ...work,
    trust: {
      ...(request.tilt === null && { tilt: Number.POSITIVE_INFINITY }),
      ...(request.azimuth === null && { azimuth: Number.POSITIVE_INFINITY }),
    },
  });
  const expected = fit.predict(frame).column('acPower.expected');
  const days = daily(frame.time, frame.column('acPower'), expected, request.longitude);
  const last = days.time.length;
  const sum = (values: readonly number[]) => values.slice(-JUDGED).reduce((total, value) => total + value, 0);
  const ratio = sum(days.measured) / sum(days.expected);
  const percent = Math.round(100 * ratio);
  return {
    sentence:
      last === 0 || !Number.isFinite(ratio)
        ? 'There is too little daylight in this file to say how the plant is doing.'
        : `The last ${Math.min(JUDGED, last)} days gave ${percent} % of what this plant ${goesBack ? 'gave before' : 'gives'} in such light.`,
    rows: frame.length,
    setAside,
    days,
    parameters: fit.parameters.map(({ title, value, sd, unit, told }) => ({
      title,
      value: `${Number(value.toPrecision(3))} ± ${Number(sd.toPrecision(2))} ${unit === '1' ? '' : unit}`.trim(),
      told,
    })),
    notes: fit.notes,
    outages: fit.outages.map(({ from, to }) => ({ from, to })),
  };
}

/** Energy by solar day, kWh, over the rows where both are there. */
function daily(time: Float64Array, measured: Float64Array, expected: Float64Array, longitude: number): Report['days'] {
  const steps = time.slice(1).map((t, i) => t - (time[i] as number));
  const step = Float64Array.from(steps).sort()[Math.floor(steps.length / 2)] ?? 0;
  const sums = new Map<number, { measured: number; expected: number }>();
  time.forEach((t, row) => {
    const [a, b] = [measured[row] as number, expected[row] as number];
    if (Number.isNaN(a) || Number.isNaN(b)) return;
    const day = Math.floor(t / DAY + longitude / 360);
    const entry = sums.get(day) ?? { measured: 0, expected: 0 };
    entry.measured += (a * step) / 3.6e9;
    entry.expected += (b * step) / 3.6e9;
    sums.set(day, entry);
  });
  const all = [...sums].filter(([, entry]) => entry.expected > 0).sort(([a], [b]) => a - b);
  return {
    time: all.map(([day]) => (day + 0.5 - longitude / 360) * DAY),
    measured: all.map(([, entry]) => entry.measured),
    expected: all.map(([, entry]) => entry.expected),
  };
}

serveWork<ReportTasks>(self, { report });
