import { StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { Frame } from '../../src/core/frame.js';
import {
  type LiveTwin,
  type MonitorSource,
  type Series,
  useAlerts,
  useMonitor,
  useSeries,
  useTwin,
} from '../../src/react/index.js';

type Listener = (payload: never) => void;

/** A source that tells what the test says, and knows who listens. */
class FakeSource {
  readonly listeners = new Map<string, Set<Listener>>();
  subscribed = 0;

  on(event: string, listener: Listener): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
    this.subscribed++;
    return () => set.delete(listener);
  }

  openAlerts() {
    return [alert('old', 'LOW', 1)];
  }

  emit(event: string, payload: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) (listener as (payload: unknown) => void)(payload);
  }

  get listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

const alert = (id: string, severity: string, raisedAt: number) => ({ id, severity, raisedAt, assetId: 'home' });
const outcome = (assetId: string, time: number, acPower: number) => ({
  reading: { assetId, time, values: { acPower } },
  expected: { acPower: acPower + 1 },
});

const pause = (ms = 60) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the component showed. */
class Seen {
  renders = 0;
  power: number[] = [];
  series: Series | undefined;
  alerts: string[] = [];
  twin: number | undefined;
}

interface AppProps {
  readonly source: MonitorSource;
  readonly twin: LiveTwin;
  readonly history: () => Frame;
  readonly seen: Seen;
}

function App({ source, twin, history, seen }: AppProps) {
  const home = useMonitor(source, 'home');
  const all = useMonitor(source);
  const alerts = useAlerts(source, { assetId: 'home' });
  const series = useSeries(source, 'home', ['acPower', 'acPower.expected'], { history, rows: 4 });
  const { reading, truth } = useTwin(twin, { every: 10 });
  useEffect(() => {
    seen.renders++;
    const power = home?.outcome?.reading.values.acPower;
    if (power !== undefined && seen.power.at(-1) !== power) seen.power.push(power);
    seen.alerts = alerts.map((one) => one.id);
    seen.series = series;
    seen.twin = reading?.values.acPower;
  });
  return (
    <p>
      {all.size} {truth?.dust}
    </p>
  );
}

/** Mounts all hooks in Strict Mode, tells them things, and gives what they showed. */
export async function run() {
  const fake = new FakeSource();
  let steps = 0;
  const seen = new Seen();
  const props: AppProps = {
    // The payloads are those of the monitor as far as the hooks look at them.
    source: fake as unknown as MonitorSource,
    twin: { step: () => ({ assetId: 'home', time: ++steps, values: { acPower: steps } }), truth: { dust: 0.1 } },
    history: () => new Frame(Float64Array.of(1, 2, 30), { acPower: { data: Float64Array.of(10, 20, 300), unit: 'W' } }),
    seen,
  };
  const onServer = renderToString(<App {...props} />);
  const afterServer = fake.listening;
  const container = document.createElement('div');
  const root = createRoot(container);
  root.render(
    <StrictMode>
      <App {...props} />
    </StrictMode>,
  );
  await pause();
  const atFirst = { alerts: seen.alerts, series: seen.series };
  const listening = fake.listening;
  fake.emit('reading', outcome('home', 40, 100));
  fake.emit('reading', outcome('home', 5, 50));
  fake.emit('reading', outcome('field', 10, 7));
  fake.emit('alertChange', { alert: alert('new', 'CRITICAL', 2), to: 'active-unacknowledged' });
  fake.emit('alertChange', { alert: { ...alert('elsewhere', 'HIGH', 2), assetId: 'field' }, to: 'latched' });
  await pause();
  const before = seen.renders;
  for (let i = 0; i < 500; i++) fake.emit('reading', outcome('home', 41 + i, 101 + i));
  fake.emit('alertChange', { alert: alert('old', 'LOW', 1), to: 'normal' });
  await pause();
  const text = container.textContent;
  const burst = seen.renders - before;
  root.unmount();
  await pause(20);
  const stepsAtEnd = steps;
  await pause(40);
  const twinStopped = steps === stepsAtEnd;
  return { onServer, afterServer, atFirst, listening, text, seen, burst, left: fake.listening, twinStopped };
}
