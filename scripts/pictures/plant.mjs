// The plant of the pictures: a month of its telemetry, with a fault in the last days that nobody has told the server of, sent as
// a data logger sends what it kept; then one reading after the other.
import { DigitalTwin, examplePlant } from 'twinergy';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEP = HOUR / 4;
/** Rows of one request. */
const ROWS = 400;
/** Days ago: the first reading, the day on which the server learns to forecast, the beginning of the fault. */
const FIRST = 30;
const LEARNT = 9;
const FAULT = 5;

/**
 * Adds the plant, sends its history, and goes on with a reading every `interval` ms until the process ends.
 * @param call `(method, path, body) => answer` of the server's API
 * @param now ms since the epoch, as the server's clock has it
 * @returns the plant's id
 */
export async function playPlant(call, now, interval = 2000) {
  const plant = { ...examplePlant('roof', 'workshop'), name: 'Workshop in Valencia' };
  const train = () => call('POST', `/assets/${plant.id}/train`);
  await call('POST', '/assets', { plant, simulated: false });
  await train();
  const begun = now();
  const start = Math.ceil((begun - FIRST * DAY) / STEP) * STEP;
  const learns = begun - LEARNT * DAY;
  const twin = new DigitalTwin(plant, { seed: 11, weatherSeed: 7, step: STEP, start });
  let rows = [];
  const send = async () => {
    if (rows.length > 0) await call('POST', '/telemetry', rows);
    rows = [];
  };
  for (let time = start; time < now(); time += STEP) {
    if (time >= begun - FAULT * DAY && twin.scenario === 'normal') twin.setScenario('inverter_fault');
    rows.push(reading(twin.step(time)));
    if (rows.length >= ROWS) await send();
    if (time < learns && time + STEP >= learns) {
      await send();
      await train();
    }
  }
  await send();
  setInterval(() => {
    void call('POST', '/telemetry', [reading(twin.step(now()))]).catch(() => undefined);
  }, interval).unref();
  return plant.id;
}

const reading = ({ assetId, time, values }) => ({ asset_id: assetId, time, values });
