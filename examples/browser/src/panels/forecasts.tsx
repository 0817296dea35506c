import { threeDigits } from '@twinergy-examples/ui';
import { type ChartBand, type ChartLine, LineChart } from '@twinergy-examples/ui/chart';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Frame } from 'twinergy';
import type { PlantClient } from '../plant-client.js';
import type { Begun } from '../worker/messages.js';
import { LossCurve } from './loss-curve.js';

/** Losses of the epochs so far. */
export interface Losses {
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
}

/** The next day by a random forest, at once, and by a network that is trained here when asked to. */
export default function Forecasts({ client, begun }: { readonly client: PlantClient; readonly begun: Begun }) {
  const [forest, setForest] = useState<Frame>();
  const [network, setNetwork] = useState<Frame>();
  const [losses, setLosses] = useState<Losses>({ training: [], heldOut: [] });
  const [status, setStatus] = useState('');
  const [backend, setBackend] = useState('');
  const training = useRef<AbortController | null>(null);

  const growForest = useCallback(
    () =>
      client
        .forecast()
        .then(setForest)
        .catch((error: unknown) => setStatus(`The forest failed: ${String(error)}`)),
    [client],
  );
  useEffect(() => {
    void growForest();
    return () => training.current?.abort();
  }, [growForest]);

  const train = async () => {
    const controller = new AbortController();
    training.current = controller;
    setLosses({ training: [], heldOut: [] });
    setStatus('Loading TensorFlow.js …');
    try {
      const { trainLstm } = await import('../train.js');
      setStatus('Making up a year of telemetry …');
      const year = await client.year({ signal: controller.signal });
      const forecast = await trainLstm(year, begun.rating, {
        signal: controller.signal,
        onPhase: setStatus,
        onBackend: setBackend,
        onEpoch: ({ loss, heldOutLoss }) =>
          setLosses((before) => ({
            training: [...before.training, loss],
            heldOut: [...before.heldOut, heldOutLoss],
          })),
      });
      setNetwork(forecast);
      setStatus('Trained.');
    } catch (error) {
      setStatus(controller.signal.aborted ? 'Stopped.' : `Training failed: ${String(error)}`);
    } finally {
      training.current = null;
    }
  };
  const running = training.current !== null;

  return (
    <section className="card" aria-label="Forecast">
      <h2>The next day</h2>
      {forest === undefined ? (
        <div className="skeleton" style={{ height: 260 }} />
      ) : (
        <LineChart
          title="Random forest on the last 30 days, with the interval that holds 80 of 100 hours"
          time={forest.time}
          unit="kW"
          lines={[line(forest, 'Random forest', '--forecast')]}
          bands={[band(forest, '--forecast')]}
          timeZone={begun.timeZone}
          height={220}
        />
      )}
      <p className="actions">
        <button type="button" className="button" onClick={() => void growForest()}>
          From now
        </button>
        <button type="button" className="button primary" disabled={running} onClick={() => void train()}>
          Train an LSTM here
        </button>
        {running && (
          <button type="button" className="button" onClick={() => training.current?.abort()}>
            Stop
          </button>
        )}
        <span className="muted" aria-live="polite">
          {status} {backend !== '' && `Backend: ${backend}.`}
        </span>
      </p>
      {losses.training.length > 0 && <LossCurve losses={losses} />}
      {network !== undefined && (
        <LineChart
          title="LSTM, two layers of 50, trained on a year of hours"
          time={network.time}
          unit="kW"
          lines={[line(network, 'LSTM', '--battery')]}
          bands={[band(network, '--battery')]}
          timeZone={begun.timeZone}
          height={220}
        />
      )}
      {losses.heldOut.length > 0 && (
        <p className="muted">
          Error on hours that it did not learn from: {threeDigits(losses.heldOut.at(-1) ?? Number.NaN)} of the variance
          of cloudiness.
        </p>
      )}
    </section>
  );
}

function kilowatts(frame: Frame, column: string): Float64Array {
  return frame.column(column).map((watts) => watts / 1000);
}

function line(frame: Frame, name: string, color: string): ChartLine {
  return { name, values: kilowatts(frame, 'median'), color };
}

function band(frame: Frame, color: string): ChartBand {
  return { name: '80 %', low: kilowatts(frame, 'lower80'), high: kilowatts(frame, 'upper80'), color, opacity: 0.2 };
}
