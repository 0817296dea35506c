import { Bars, exactTime, inUnit, type State, StateWord, threeDigits } from '@twinergy-examples/ui';
import { useEffect, useState } from 'react';
import { useAlerts, useMonitor } from 'twinergy/react';
import type { PlantClient } from '../plant-client.js';
import type { Begun } from '../worker/messages.js';
import { useAnomalies } from './use-anomalies.js';

/** What is wrong, and how sure we are: alerts, the newest anomaly with its explanation, health by component. */
export default function Findings({ client, begun }: { readonly client: PlantClient; readonly begun: Begun }) {
  const view = useMonitor(client, begun.assetId);
  const alerts = useAlerts(client, { assetId: begun.assetId });
  const anomalies = useAnomalies(client, begun.assetId);
  const learning = useLearning(client);
  const newest = anomalies.at(-1);
  const health = view?.outcome?.health;
  return (
    <div className="columns">
      <section className="card" aria-label="Alerts">
        <h2>Alerts</h2>
        {alerts.length === 0 && <p className="muted">None. Break something above, and let some sun shine on it.</p>}
        <ul className="alerts">
          {alerts.map((alert) => (
            <li key={alert.id}>
              <StateWord state={alert.severity.toLowerCase() as State}>{alert.title}</StateWord>
              <p>
                {alert.why} <span className="muted">Since {exactTime(alert.since, begun.timeZone)}.</span>
              </p>
              {alert.acknowledgedAt === null ? (
                <button type="button" className="button" onClick={() => void client.acknowledge(alert.id)}>
                  Acknowledge
                </button>
              ) : (
                <span className="muted">acknowledged</span>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section className="card" aria-label="Anomalies">
        <h2>Newest anomaly</h2>
        {learning !== 'done' && (
          <p className="muted" aria-live="polite">
            {learning}
          </p>
        )}
        {newest === undefined && learning === 'done' && <p className="muted">None so far.</p>}
        {newest !== undefined && (
          <>
            <p>
              {exactTime(newest.time, begun.timeZone)}: {newest.why ?? 'unusual as a whole.'}{' '}
              <span className="muted">
                One sound reading in {threeDigits(1 / Math.max(newest.pValue, 1e-6))} looks like this.
              </span>
            </p>
            <Bars
              label="Contribution of each channel"
              bars={newest.contributions.slice(0, 5).map(({ channel, share }) => ({
                name: channel,
                value: share,
                text: `${threeDigits(100 * share)} %`,
                color: '--anomaly',
              }))}
            />
          </>
        )}
      </section>
      <section className="card" aria-label="Health">
        <h2>
          Health{' '}
          {health !== undefined && (
            <span className="muted">
              {inUnit(health.score, 'points')}, {health.label}
            </span>
          )}
        </h2>
        {health === undefined ? (
          <p className="muted">Comes with the first reading.</p>
        ) : (
          <Bars
            label="Points that each component costs"
            bars={health.components.map(({ name, lost }) => ({
              name,
              value: lost,
              text: lost < 0.05 ? 'nothing' : `−${threeDigits(lost)} points`,
              color: '--high',
            }))}
          />
        )}
      </section>
    </div>
  );
}

/** Has the models made once, and tells how far that is. */
function useLearning(client: PlantClient): string {
  const [text, setText] = useState('The plant is being learned …');
  useEffect(() => {
    const controller = new AbortController();
    client
      .learn({
        signal: controller.signal,
        onProgress: ({ phase, done, total }) => setText(`Learning: ${phase}, ${Math.round((100 * done) / total)} %`),
      })
      .then(() => setText('done'))
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setText(`Learning failed: ${String(error)}`);
      });
    return () => controller.abort();
  }, [client]);
  return text;
}
