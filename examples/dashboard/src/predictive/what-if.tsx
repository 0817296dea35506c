import { useMutation, useQuery } from '@tanstack/react-query';
import { getScenarios, type WhatIf as WhatIfAnswer, whatIf } from '@twinergy-examples/client';
import { Figure, inUnit } from '@twinergy-examples/ui';
import { useId, useState } from 'react';
import { ReferenceLine } from 'recharts';
import { problemText } from '../data/query.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Curves } from '../parts/curves.js';
import { money } from '../parts/money.js';
import { Progression } from './progression.js';
import { useFaults } from './use-faults.js';

/** What is asked of the twin. */
interface Question {
  readonly fault: string;
  readonly severity: number;
  readonly days: number;
  /** Days until the repair; null: none. */
  readonly repairAfter: number | null;
  readonly repairCost: number;
}

const AT_FIRST: Question = { fault: '', severity: 0.7, days: 30, repairAfter: 7, repairCost: 200 };

/** Choose a fault, how bad it is, and what is done about it: the course of energy with and without. */
export function WhatIf({ id }: { readonly id: string }) {
  const { t, named } = useSpeech();
  const [question, setQuestion] = useState(AT_FIRST);
  const [scenario, setScenario] = useState('');
  const scenarios = useQuery({ queryKey: ['scenarios'], queryFn: async () => (await getScenarios()).data }).data;
  const faults = useFaults(id);
  const fault = faults.some((one) => one.id === question.fault) ? question.fault : (faults[0]?.id ?? '');
  const names = (scenarios?.available ?? []).filter((one) => one.faults.length > 0).map(({ name }) => name);
  const ask = useMutation({
    mutationFn: async ({ fault: asked, severity, days, repairAfter, repairCost }: Question) =>
      (
        await whatIf({
          path: { asset_id: id },
          body: {
            faults: [{ id: asked, severity }],
            days,
            ...(repairAfter !== null && { repair_after_days: repairAfter, repair_cost: repairCost }),
          },
        })
      ).data,
  });
  const change = (part: Partial<Question>) => setQuestion((before) => ({ ...before, ...part }));
  return (
    <section className="card" aria-labelledby="what-if">
      <h2 id="what-if">{t('ahead.whatif')}</h2>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate({ ...question, fault });
        }}
      >
        <label>
          {t('whatif.fault')}
          <select className="button" value={fault} onChange={({ target }) => change({ fault: target.value })}>
            {faults.map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
        <Slider
          name={t('whatif.severity')}
          value={question.severity}
          range={[0.05, 1, 0.05]}
          text={`${Math.round(100 * question.severity)} %`}
          onChange={(severity) => change({ severity })}
        />
        <Slider
          name={t('whatif.days')}
          value={question.days}
          range={[7, 90, 1]}
          text={`${question.days} d`}
          onChange={(days) =>
            change({ days, repairAfter: question.repairAfter && Math.min(question.repairAfter, days) })
          }
        />
        <label>
          {t('whatif.action')}
          <select
            className="button"
            value={question.repairAfter === null ? 'none' : 'repair'}
            onChange={({ target }) => change({ repairAfter: target.value === 'none' ? null : 7 })}
          >
            <option value="none">{t('whatif.nothing')}</option>
            <option value="repair">{t('whatif.repair')}</option>
          </select>
        </label>
        {question.repairAfter !== null && (
          <>
            <Slider
              name={t('whatif.after')}
              value={question.repairAfter}
              range={[0, question.days, 1]}
              text={`${question.repairAfter} d`}
              onChange={(repairAfter) => change({ repairAfter })}
            />
            <label>
              {t('whatif.cost')}
              <input
                type="number"
                min={0}
                value={question.repairCost}
                onChange={({ target }) => change({ repairCost: Math.max(0, target.valueAsNumber || 0) })}
              />
            </label>
          </>
        )}
        <button type="submit" className="button primary" disabled={ask.isPending || fault === ''}>
          {t(ask.isPending ? 'whatif.asking' : 'whatif.ask')}
        </button>
      </form>
      {ask.error !== null && (
        <p className="state-critical" role="alert">
          {problemText(ask.error)}
        </p>
      )}
      {ask.data !== undefined && <Outcome answer={ask.data} />}
      <label className="inline">
        {t('whatif.scenario')}{' '}
        <select className="button" value={scenario} onChange={({ target }) => setScenario(target.value)}>
          <option value="">{t('whatif.choose')}</option>
          {names.map((one) => (
            <option key={one} value={one}>
              {named('scenario', one)}
            </option>
          ))}
        </select>
      </label>
      {scenario !== '' && <Progression id={id} scenario={scenario} days={question.days} />}
    </section>
  );
}

function Outcome({ answer }: { readonly answer: WhatIfAnswer }) {
  const { t, locale } = useSpeech();
  const { curves, currency, lost_kwh: lost, saved_kwh: saved, net_benefit: net, failure_time: failure } = answer;
  const benefit = money(net, currency, locale);
  const repaired = curves.find((row) => row.repaired_kwh !== row.faulty_kwh);
  return (
    <div aria-live="polite">
      <dl className="figures">
        <Figure name={t('whatif.lost')} value={lost * 1000} unit="Wh" />
        {saved > 0 && <Figure name={t('whatif.saved')} value={saved * 1000} unit="Wh" />}
        {benefit !== null && (
          <div className="figure">
            <dt className="muted">{t('whatif.net')}</dt>
            <dd>
              <span className="number">{benefit}</span>
              <span className="muted beside">{t((net ?? 0) > 0 ? 'whatif.worth' : 'whatif.not-worth')}</span>
            </dd>
          </div>
        )}
      </dl>
      <p>
        {failure === null ? (
          t('whatif.lasts')
        ) : (
          <>
            {t('whatif.fails')} <Ago time={failure} />
          </>
        )}
      </p>
      <Curves
        title={t('whatif.curves')}
        unit="kWh"
        x={{
          field: 'date',
          name: t('chart.day'),
          text: (date) =>
            new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
              Date.parse(String(date)),
            ),
        }}
        // The first day and the last are cut by the time of day at which it was asked.
        rows={curves.length > 3 ? curves.slice(1, -1) : curves}
        curves={[
          { field: 'healthy_kwh', name: t('whatif.healthy'), color: '--expected', dashed: true },
          { field: 'repaired_kwh', name: t('whatif.repaired'), color: '--good' },
          { field: 'faulty_kwh', name: t('whatif.faulty'), color: '--high' },
        ]}
      >
        {repaired !== undefined && (
          <ReferenceLine
            x={repaired.date}
            stroke="var(--good)"
            strokeDasharray="2 4"
            label={{ value: t('whatif.repair'), fill: 'var(--text-muted)', fontSize: 12, position: 'insideTopLeft' }}
          />
        )}
      </Curves>
      <p className="muted">
        {t('whatif.sum', {
          lost: inUnit(lost * 1000, 'Wh', locale),
          days: answer.days,
        })}
      </p>
    </div>
  );
}

function Slider({
  name,
  value,
  range: [min, max, step],
  text,
  onChange,
}: {
  readonly name: string;
  readonly value: number;
  readonly range: readonly [min: number, max: number, step: number];
  readonly text: string;
  readonly onChange: (value: number) => void;
}) {
  const id = useId();
  return (
    <div className="slider">
      <label htmlFor={id}>{name}</label>
      <output htmlFor={id}>{text}</output>
      <input
        id={id}
        type="range"
        {...{ min, max, step, value }}
        aria-valuetext={text}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
    </div>
  );
}
