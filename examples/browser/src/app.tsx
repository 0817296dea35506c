import { lazy, Suspense, useEffect, useState } from 'react';
import { anyKept, forget, keptOf } from './kept.js';
import { Faults } from './panels/faults.js';
import { Header } from './panels/header.js';
import { Now } from './panels/now.js';
import { PowerChart } from './panels/power-chart.js';
import { PlantClient } from './plant-client.js';
import { fromHash, toHash } from './state.js';
import type { Begun, DemoConfig } from './worker/messages.js';

// What needs the monitor's answers comes after the first picture.
const Findings = lazy(() => import('./panels/findings.js'));
const Forecasts = lazy(() => import('./panels/forecasts.js'));
const OwnData = lazy(() => import('./panels/own-data.js'));

/** One worker for the page, also where React mounts twice. */
const client = new PlantClient();

/** What was in the address, else what this browser had kept, else the usual. */
function configAtFirst(): DemoConfig {
  return location.hash.length > 1 ? fromHash(location.hash) : (anyKept()?.config ?? fromHash(''));
}

let beginning: Promise<Begun> | undefined;

/** When what was set is on the screen: a chart is drawn in the frame after its place is made. What isn't seen isn't waited for. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
    setTimeout(resolve, 300);
  });
}

/** The page: the plant's state in one sentence, its power, faults to stir in, and what follows from them. */
export function App() {
  const [config, setConfig] = useState(configAtFirst);
  const [begun, setBegun] = useState<Begun>();
  const [watching, setWatching] = useState(false);
  const [failure, setFailure] = useState<string>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the plant is begun once; changes go to it as messages.
  useEffect(() => {
    beginning ??= client.begin(config, keptOf(config)?.twin ?? null);
    beginning
      .then(async (answer) => {
        setBegun(answer);
        await painted();
        await client.watch();
        setWatching(true);
      })
      .catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
  }, []);

  useEffect(() => {
    history.replaceState(null, '', toHash(config));
  }, [config]);

  const change = (news: Partial<DemoConfig>) => {
    setConfig((before) => ({ ...before, ...news }));
    if (news.faults !== undefined) void client.setFaults(news.faults);
    if (news.speed !== undefined) void client.setSpeed(news.speed);
  };
  /** Another plant is another page: its worker begins with nothing. */
  const beginAnew = async (news: Partial<DemoConfig>) => {
    await client.forget();
    forget();
    location.hash = toHash({ ...config, faults: {}, ...news });
    location.reload();
  };

  return (
    <div className="page">
      <Header config={config} begun={begun} onChange={change} onBeginAnew={beginAnew} />
      {failure !== undefined && (
        <p className="card state-critical" role="alert">
          The plant could not be started: {failure} A newer browser may help.
        </p>
      )}
      <main>
        <Now client={client} begun={begun} watching={watching} />
        <PowerChart client={client} begun={begun} watching={watching} />
        <Faults faults={config.faults} onChange={(faults) => change({ faults })} />
        {watching && begun !== undefined && (
          <Suspense fallback={<div className="skeleton" style={{ height: 320 }} />}>
            <Findings client={client} begun={begun} />
            <Forecasts client={client} begun={begun} />
            <OwnData />
          </Suspense>
        )}
      </main>
    </div>
  );
}
