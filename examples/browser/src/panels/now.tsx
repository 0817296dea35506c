import { exactTime, Figure, inUnit, type State, StateWord, threeDigits } from '@twinergy-examples/ui';
import { useAlerts, useMonitor } from 'twinergy/react';
import type { PlantClient } from '../plant-client.js';
import type { Begun } from '../worker/messages.js';

/** Share of the rating below which no percentage is told: at dawn it would mean nothing. */
const LEAST = 0.05;

/** Is it well? One sentence, then the figures. */
export function Now({
  client,
  begun,
  watching,
}: {
  readonly client: PlantClient;
  readonly begun: Begun | undefined;
  readonly watching: boolean;
}) {
  const view = useMonitor(client, begun?.assetId ?? '');
  const alerts = useAlerts(client);
  const outcome = view?.outcome;
  const power = outcome?.reading.values.acPower;
  const expected = outcome?.expected.acPower;
  const health = outcome?.health.score ?? null;
  const life = view?.life;
  const worst = alerts[0];
  const state: State = worst === undefined ? 'good' : (worst.severity.toLowerCase() as State);
  const compared = (begun !== undefined && (expected ?? 0) > LEAST * begun.rating) === true;
  return (
    <section aria-label="Now">
      <p className="sentence" aria-live="polite">
        {outcome === undefined ? (
          <span className="muted">{watching ? 'The first reading is on its way.' : 'Starting the plant …'}</span>
        ) : (
          <StateWord state={state}>
            {worst === undefined ? 'All well' : worst.title}: {inUnit(power, 'W')}
            {compared && power !== undefined && expected !== undefined && <>, {ratioText(power / expected)}</>}
          </StateWord>
        )}
        {outcome !== undefined && begun !== undefined && (
          <span className="muted clock">{exactTime(outcome.reading.time, begun.timeZone)}</span>
        )}
      </p>
      <dl className="figures">
        <Figure name="Power" value={power} unit="W" beside={`of ${inUnit(expected, 'W')} expected`} />
        <Figure name="Battery" value={outcome?.reading.values.batteryLevel} unit="%" />
        <Figure name="Health" value={health} unit="of 100" beside={outcome?.health.label} />
        <Figure
          name="Remaining life"
          value={life?.median}
          unit="days"
          beside={life === undefined ? 'models are being made' : (life.reason ?? lifeText(life.failureWithin?.[30]))}
        />
        <Figure name="Open alerts" value={watching ? alerts.length : undefined} unit="" />
      </dl>
    </section>
  );
}

function ratioText(ratio: number): string {
  const percent = Math.round(100 * (ratio - 1));
  if (percent === 0) return 'as expected';
  return `${Math.abs(percent)} % ${percent > 0 ? 'above' : 'below'} expected`;
}

function lifeText(probability: number | undefined): string {
  return probability === undefined ? '' : `${threeDigits(100 * probability)} % fail within 30 days`;
}
