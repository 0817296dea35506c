// The worker in which the plant lives. What the first picture needs comes with it; the monitor and the models are loaded after.
import { Frame, serveWork } from 'twinergy';
import { DigitalTwin, type DigitalTwinState, examplePlant } from 'twinergy/twin';
import { withClearSky } from './clear-sky.js';
import type { Begun, DemoConfig, PlantTasks, PostedState } from './messages.js';
import { plainFrame } from './plain.js';
import type { Watch } from './watch.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const STEP = 5 * MINUTE;
/** Days before the live part, so that there is something to see and to forecast from. */
const DAYS_BEFORE = 4;
/** How often time is let go on, ms. */
const TICK = 40;
/** How often the plant's state is told, for going on after a reload, ms. */
const KEEP = 5000;
/** Most steps in one go: where the computer can't keep up, time goes more slowly. */
const MOST_STEPS = 40;

let twin: DigitalTwin | undefined;
let config: DemoConfig | undefined;
let watch: Watch | undefined;
let owed = 0;
let busy = false;

function plant(): { twin: DigitalTwin; config: DemoConfig } {
  if (twin === undefined || config === undefined) throw new Error('The plant has not been begun.');
  return { twin, config };
}

/** Steps the twin through the days before, and gives what it showed as a frame. */
function days(of: DigitalTwin, from: number, to: number): Frame {
  const readings = [];
  for (let time = from; time < to; time += STEP) readings.push(of.step(time));
  const units = Object.fromEntries(of.model.channels.map(({ name, unit }) => [name, unit]));
  return Frame.fromRows(readings, { units });
}

function begin(wanted: DemoConfig, kept: DigitalTwinState | null): Begun {
  config = wanted;
  const description = examplePlant(wanted.plant);
  const begun = kept?.live?.time ?? wanted.start;
  const from = begun - DAYS_BEFORE * DAY;
  const before = new DigitalTwin(description, { seed: wanted.seed, start: from, step: STEP });
  const past = days(before, from, begun);
  const history = past.join(expectedPower(before, past));
  twin = kept === null ? before : DigitalTwin.fromJSON(kept);
  if (kept === null) applyFaults(wanted.faults);
  return {
    name: description.name ?? description.id,
    assetId: twin.id,
    timeZone: description.site.timeZone ?? 'UTC',
    rating: twin.plant?.acRating ?? 0,
    history: plainFrame(history),
    resumed: kept !== null,
  };
}

function expectedPower(of: DigitalTwin, frame: Frame): Frame {
  const data = of.expected(frame).column('acPower');
  return new Frame(frame.time, { 'acPower.expected': { data, unit: 'W' } });
}

function applyFaults(faults: DemoConfig['faults']): void {
  twin?.setFaults(
    Object.entries(faults)
      .filter(([, severity]) => severity > 0)
      .map(([id, severity]) => ({ id, severity, progression: 'step' as const })),
  );
}

/** Lets time go on by what is owed since the last tick. */
async function tick(): Promise<void> {
  const { twin, config } = plant();
  if (busy || watch === undefined) return;
  owed = Math.min(owed + (TICK * config.speed) / STEP, MOST_STEPS);
  const steps = Math.floor(owed);
  if (steps === 0) return;
  owed -= steps;
  busy = true;
  try {
    await watch.ingest(Array.from({ length: steps }, () => twin.step()));
  } finally {
    busy = false;
  }
}

serveWork<PlantTasks>(self, {
  begin: async ({ config: wanted, kept }) => begin(wanted, kept),
  async watch() {
    const { Watch } = await import('./watch.js');
    const { twin, config } = plant();
    watch = await Watch.open(twin, config, (event) => self.postMessage(event));
    setInterval(() => {
      tick().catch((error: unknown) => self.reportError(error));
    }, TICK);
    setInterval(() => {
      const state = plant();
      const message: PostedState = { kind: 'plant-state', config: state.config, twin: state.twin.toJSON() };
      self.postMessage(message);
    }, KEEP);
    return { alerts: watch.alerts };
  },
  async recent() {
    const { twin } = plant();
    const frame = await watch?.recent(DAYS_BEFORE * DAY);
    if (frame === undefined || frame.length === 0) return plainFrame(new Frame(new Float64Array(0), {}));
    return plainFrame(frame.select('acPower').join(expectedPower(twin, frame)));
  },
  async learn(_, work) {
    await watch?.learn(work);
    return null;
  },
  async setFaults(faults) {
    config = { ...plant().config, faults };
    applyFaults(faults);
    return null;
  },
  async setSpeed(speed) {
    config = { ...plant().config, speed };
    owed = 0;
    return null;
  },
  async acknowledge(alertId) {
    await watch?.acknowledge(alertId);
    return null;
  },
  async forecast(_, work) {
    const { forecastDay } = await import('./forecast.js');
    return forecastDay(plant().twin, work);
  },
  async year(_, work) {
    const { twin } = plant();
    const { pastPower } = await import('./forecast.js');
    return plainFrame(withClearSky(twin, await pastPower(twin, 365, '1h', work)));
  },
  kept: async () => watch?.kept() ?? { readings: 0, bytes: null },
  async forget() {
    await watch?.forget();
    return null;
  },
});
