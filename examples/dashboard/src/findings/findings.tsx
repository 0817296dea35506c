import type { Alert, Diagnosis } from '@twinergy-examples/client';
import { inUnit, StateWord } from '@twinergy-examples/ui';
import { Link } from 'wouter';
import { useDiagnosis, useOpenAlerts } from '../data/use-findings.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { money } from '../parts/money.js';
import { SeverityWord } from '../parts/severity.js';
import { useSummary } from '../shell/shell.js';
import { componentName } from './component-name.js';

interface OfPlant {
  readonly id: string;
  readonly timeZone: string | undefined;
}

/** Is the plant well? In one sentence: the first finding, else the worst alert that stands, else how its power compares. */
export function Headline({ id, timeZone }: OfPlant) {
  const { t, locale } = useSpeech();
  const diagnosis = useDiagnosis(id).data;
  const alerts = useOpenAlerts(id).data;
  const plant = useSummary().data?.plants.find(({ asset_id }) => asset_id === id);
  const [finding] = diagnosis?.findings ?? [];
  const [alert] = alerts ?? [];
  if (finding !== undefined) {
    const daily =
      money(finding.cost_per_day, diagnosis?.currency ?? null, locale) ??
      energy(finding.energy_lost_per_day_kwh, locale);
    return (
      <p className="sentence" aria-live="polite">
        <StateWord state="high">{titleOf(t, finding)}</StateWord>{' '}
        {daily !== null && <span>{t('now.loses', { day: daily })}, </span>}
        {finding.since !== null && <Since time={finding.since} timeZone={timeZone} />}
      </p>
    );
  }
  if (alert !== undefined) {
    return (
      <p className="sentence" aria-live="polite">
        <StateWord state={STATES[alert.severity]}>{alert.title}</StateWord>{' '}
        <Since time={alert.created_at} timeZone={timeZone} />
      </p>
    );
  }
  // Neither is known yet: a plant is not called well before both have answered.
  if (diagnosis === undefined || alerts === undefined || plant === undefined)
    return <p className="sentence muted">{t('now.looking')}</p>;
  const { power, expected_power: expected } = plant;
  const share = expected === null || expected < 1 ? null : Math.round(((power ?? 0) / expected - 1) * 100);
  return (
    <p className="sentence" aria-live="polite">
      <StateWord state="good">
        {share === null
          ? t('now.rests')
          : t(share === 0 ? 'now.as-expected' : 'now.all-well', {
              power: inUnit(power, 'W', locale),
              share: `${share > 0 ? '+' : ''}${share} %`,
            })}
      </StateWord>
    </p>
  );
}

/** A finding with the part that it is of. */
function titleOf(t: ReturnType<typeof useSpeech>['t'], { title, component }: Diagnosis['findings'][number]): string {
  const part = componentName(t, component);
  return part === undefined ? title : `${title} · ${part}`;
}

const STATES = { CRITICAL: 'critical', HIGH: 'high', MEDIUM: 'medium', LOW: 'low' } as const;

function Since({ time, timeZone }: { readonly time: string; readonly timeZone: string | undefined }) {
  const { t } = useSpeech();
  return (
    <span className="muted">
      {t('now.since', { when: '' })}
      <Ago time={time} timeZone={timeZone} />
    </span>
  );
}

/** What is wrong: what the twin has found out, and the alerts that stand. */
export function Findings({ id, timeZone }: OfPlant) {
  const { t } = useSpeech();
  const diagnosis = useDiagnosis(id);
  const alerts = useOpenAlerts(id);
  return (
    <section className="card" aria-labelledby="findings">
      <h2 id="findings">{t('now.findings')}</h2>
      <Answer query={diagnosis}>
        {({ findings, currency }) => (
          <>
            {findings.length === 0 && alerts.data?.length === 0 && (
              <p>
                <StateWord state="good">{t('now.well')}</StateWord>
              </p>
            )}
            {findings.length === 0 && alerts.data !== undefined && alerts.data.length > 0 && (
              <p className="muted">{t('now.no-cause')}</p>
            )}
            <ol className="findings">
              {findings.map((finding) => (
                <FindingLine key={`${finding.title}-${finding.since}`} {...{ finding, currency, timeZone }} />
              ))}
              {(alerts.data ?? []).map((alert) => (
                <AlertLine key={alert.id} {...{ alert, timeZone }} />
              ))}
            </ol>
          </>
        )}
      </Answer>
    </section>
  );
}

function AlertLine({ alert, timeZone }: { readonly alert: Alert; readonly timeZone: string | undefined }) {
  return (
    <li>
      <p>
        <SeverityWord severity={alert.severity} />{' '}
        <Link href={`/alerts/${encodeURIComponent(alert.id)}`}>{alert.title}</Link>{' '}
        <Since time={alert.created_at} timeZone={timeZone} />
      </p>
      {alert.message !== null && <p className="muted">{alert.message}</p>}
    </li>
  );
}

function FindingLine({
  finding,
  currency,
  timeZone,
}: {
  readonly finding: Diagnosis['findings'][number];
  readonly currency: string | null;
  readonly timeZone: string | undefined;
}) {
  const { t, locale } = useSpeech();
  const { why, probability, since, evidence } = finding;
  const lost = money(finding.cost, currency, locale) ?? energy(finding.energy_lost_kwh, locale);
  const daily = money(finding.cost_per_day, currency, locale) ?? energy(finding.energy_lost_per_day_kwh, locale);
  return (
    <li>
      <p>
        <StateWord state="high">{titleOf(t, finding)}</StateWord>{' '}
        <span className="muted">
          {probability !== null &&
            `${t('now.sure', { percent: `${Math.min(99, Math.round(100 * probability))} %` })}, `}
        </span>
        {since !== null && <Since time={since} timeZone={timeZone} />}
      </p>
      <p>{why}</p>
      {lost !== null && daily !== null && <p className="muted">{t('now.cost', { energy: lost, day: daily })}</p>}
      {evidence.length > 1 && (
        <details>
          <summary>{t('now.evidence')}</summary>
          <ul>
            {evidence.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function energy(kwh: number | null, locale: string): string | null {
  return kwh === null ? null : inUnit(kwh * 1000, 'Wh', locale);
}
