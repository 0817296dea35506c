import { useQuery } from '@tanstack/react-query';
import { getSummary, type Summary } from '@twinergy-examples/client';
import { Figure, inUnit, StateWord } from '@twinergy-examples/ui';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { shownIn, usePreferences } from '../data/preferences.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { money } from '../parts/money.js';
import { SeverityWord, severities } from '../parts/severity.js';
import { Empty } from '../parts/states.js';
import { useSummary } from '../shell/shell.js';

/** OverviewMini: is it well? All plants in one sentence, the figures of now, and each plant in a line. */
export function Overview() {
  const summary = useSummary();
  return (
    <Answer query={summary} height={480}>
      {(data) => <Fleet summary={data} />}
    </Answer>
  );
}

function Fleet({ summary }: { readonly summary: Summary }) {
  const { t, locale } = useSpeech();
  const worth = money(summary.worth_today, summary.currency, locale);
  const open = Object.values(summary.alerts).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <h1 className="sentence" aria-live="polite">
        <StateWord state={summary.well ? 'good' : worstOf(summary.alerts)}>{summary.sentence}</StateWord>
      </h1>
      <dl className="figures">
        <Figure
          name={t('figure.power')}
          value={summary.power}
          unit="W"
          beside={t('figure.expected', { value: inUnit(summary.expected_power, 'W', locale) })}
        />
        <Figure
          name={t('figure.energy')}
          value={summary.energy_today_kwh * 1000}
          unit="Wh"
          beside={
            summary.expected_today_kwh === null
              ? undefined
              : t('figure.expected', { value: inUnit(summary.expected_today_kwh * 1000, 'Wh', locale) })
          }
        />
        {worth !== null && (
          <div className="figure">
            <dt className="muted">{t('figure.worth')}</dt>
            <dd>
              <span className="number">{worth}</span>
            </dd>
          </div>
        )}
        <Figure name={t('figure.health')} value={summary.health} unit="/ 100" />
        <Figure name={t('figure.alerts')} value={open} unit="" />
      </dl>
      <Changes />
      {summary.models === 'training' && <p className="muted">{t('overview.training')}</p>}
      <h2>{t('overview.plants')}</h2>
      {summary.plants.length === 0 && <Empty text={t('overview.none')} />}
      <ul className="plants">
        {worstFirst(summary.plants).map((plant) => (
          <PlantLine key={plant.asset_id} plant={plant} />
        ))}
      </ul>
    </>
  );
}

/** Plants with alerts come first, the worst of them before others. */
function worstFirst(plants: Summary['plants']): Summary['plants'] {
  const rank = ({ worst_severity: worst }: Summary['plants'][number]) =>
    worst === null ? severities.length : severities.indexOf(worst);
  return [...plants].sort((a, b) => rank(a) - rank(b));
}

function worstOf(alerts: Summary['alerts']) {
  if (alerts.CRITICAL > 0) return 'critical';
  if (alerts.HIGH > 0) return 'high';
  return alerts.MEDIUM > 0 ? 'medium' : 'low';
}

function PlantLine({ plant }: { readonly plant: Summary['plants'][number] }) {
  const { t, locale } = useSpeech();
  const air = shownIn(usePreferences(), '°C');
  const share =
    plant.expected_power === null || plant.expected_power < 1 ? null : (plant.power ?? 0) / plant.expected_power;
  return (
    <li>
      <Link href={`/plants/${encodeURIComponent(plant.asset_id)}`} className="card plant">
        <span className="plant-name">
          <strong>{plant.name}</strong>
          {plant.worst_severity === null ? (
            <StateWord state="good">{t('state.good')}</StateWord>
          ) : (
            <SeverityWord severity={plant.worst_severity} />
          )}
        </span>
        <span className="plant-power">
          <span className="number small">{inUnit(plant.power, 'W', locale)}</span>
          <span className="muted">
            {plant.expected_power !== null && share === null
              ? t('figure.dark')
              : t('figure.expected', { value: inUnit(plant.expected_power, 'W', locale) })}
          </span>
          <span className="share" aria-hidden="true">
            <span style={{ width: `${(100 * Math.min(1.2, share ?? 0)) / 1.2}%` }} />
          </span>
        </span>
        <dl className="plant-weather muted">
          <Small
            name={t('figure.light')}
            text={inUnit(plant.ghi === null ? null : Math.max(0, plant.ghi), 'W/m²', locale)}
          />
          <Small
            name={t('figure.air')}
            text={inUnit(plant.air_temperature === null ? null : air.of(plant.air_temperature), air.unit, locale)}
          />
          {plant.battery_level !== null && (
            <Small name={t('figure.battery')} text={inUnit(plant.battery_level, '%', locale)} />
          )}
          <Small name={t('figure.health')} text={plant.health === null ? '–' : String(Math.round(plant.health))} />
        </dl>
        <span className="muted">{plant.last_seen !== null && <Ago time={plant.last_seen} />}</span>
      </Link>
    </li>
  );
}

function Small({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}

const VISIT = 'twinergy-last-visit';
/** Least time away after which it is worth telling what changed, ms. */
const AWAY = 10 * 60_000;

/** What has changed since the last visit; nothing on the first, and after a short time away. */
function Changes() {
  const { t } = useSpeech();
  const [since] = useState(() => localStorage.getItem(VISIT));
  useEffect(() => {
    const leave = () => localStorage.setItem(VISIT, new Date().toISOString());
    addEventListener('pagehide', leave);
    return () => {
      leave();
      removeEventListener('pagehide', leave);
    };
  }, []);
  const away = since !== null && Date.now() - Date.parse(since) > AWAY;
  const { data } = useQuery({
    queryKey: ['summary', 'since', since],
    queryFn: async () => (await getSummary({ query: { since: since as string } })).data.changes,
    enabled: away,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!away || data == null) return null;
  const [before, after = ''] = t('overview.changes', {
    alerts: data.new_alerts,
    resolved: data.resolved_alerts,
    anomalies: data.anomalies,
    tasks: data.tasks_done,
  }).split('{when}');
  return (
    <p className="muted">
      {before}
      <Ago time={data.since} />
      {after}
    </p>
  );
}
