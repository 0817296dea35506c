import { useMutation, useQuery } from '@tanstack/react-query';
import { getPlant, previewRule, putRule, type Rule } from '@twinergy-examples/client';
import { threeDigits } from '@twinergy-examples/ui';
import { useState } from 'react';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { SeverityWord, severities } from '../parts/severity.js';
import { useAssets } from '../shell/plant-frame.js';
import { Failure } from './form.js';
import { useAct } from './use-act.js';

/** A limit for each severity on one channel: what most rules are; others are written as JSON. */
interface Threshold {
  readonly type: 'threshold';
  readonly channel: string;
  readonly direction: 'above' | 'below';
  readonly limits: Readonly<Partial<Record<string, number>>>;
}

/** A rule to begin with. */
export const emptyRule = (): Rule => ({
  id: `rule-${Date.now().toString(36)}`,
  title: '',
  when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60, CRITICAL: 70 } },
  raiseAfter: '5m',
});

function thresholdOf(rule: Rule): Threshold | undefined {
  const when = rule.when as Threshold | undefined;
  if (when?.type !== 'threshold' || typeof when.limits !== 'object') return undefined;
  return Object.values(when.limits).every((limit) => typeof limit === 'number') ? when : undefined;
}

/** Writes a rule, by fields or as JSON, and tries it on the past before it is kept. */
export function RuleEditor({ rule: given, onClose }: { readonly rule: Rule; readonly onClose: () => void }) {
  const { t } = useSpeech();
  const assets = useAssets().data ?? [];
  const [rule, setRule] = useState(given);
  const [json, setJson] = useState(thresholdOf(given) === undefined ? JSON.stringify(given, null, 2) : undefined);
  const [unreadable, setUnreadable] = useState('');
  const [plant, setPlant] = useState('');
  const [days, setDays] = useState(14);
  const assetIds = plant === '' ? assets.slice(0, 20).map(({ id }) => id) : [plant];
  const change = (part: Rule) => setRule((before) => ({ ...before, ...part }));
  const write = (text: string) => {
    setJson(text);
    try {
      setRule(JSON.parse(text));
      setUnreadable('');
    } catch (error) {
      setUnreadable(error instanceof Error ? error.message : String(error));
    }
  };
  const preview = useMutation({
    mutationFn: async () => {
      const from = new Date(Date.now() - days * 86_400_000).toISOString();
      return (await previewRule({ body: { rule, asset_ids: assetIds, from, to: new Date().toISOString() } })).data;
    },
  });
  const save = useAct(() => putRule({ path: { rule_id: String(rule.id) }, body: rule }), {
    renew: ['rules'],
    said: t('settings.saved'),
  });
  return (
    <section className="card" aria-labelledby="rule">
      <h2 id="rule">{given.title === '' ? t('rules.add') : String(given.title)}</h2>
      <div className="fields">
        {json === undefined ? (
          <Fields rule={rule} assetId={plant === '' ? assets[0]?.id : plant} onChange={change} />
        ) : (
          <label className="wide">
            {t('rules.json')}
            <textarea rows={14} spellCheck={false} value={json} onChange={({ target }) => write(target.value)} />
          </label>
        )}
        {unreadable !== '' && (
          <p className="state-critical wide" role="alert">
            {unreadable}
          </p>
        )}
        <label>
          {t('rules.on')}
          <select className="button" value={plant} onChange={({ target }) => setPlant(target.value)}>
            <option value="">{t('rules.all')}</option>
            {assets.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('rules.days')}
          <input
            type="number"
            min={1}
            max={90}
            value={days}
            onChange={({ target }) => setDays(Math.min(90, Math.max(1, target.valueAsNumber || 1)))}
          />
        </label>
        <span className="buttons wide">
          <button
            type="button"
            className="button"
            disabled={preview.isPending || unreadable !== '' || assetIds.length === 0}
            onClick={() => preview.mutate()}
          >
            {t(preview.isPending ? 'rules.trying' : 'rules.try')}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={save.isPending || unreadable !== ''}
            onClick={() => save.mutate(undefined, { onSuccess: onClose })}
          >
            {t('settings.save')}
          </button>
          {json === undefined && (
            <button type="button" className="button" onClick={() => setJson(JSON.stringify(rule, null, 2))}>
              {t('rules.as-json')}
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            {t('settings.close')}
          </button>
        </span>
        <Failure error={preview.error ?? save.error} />
      </div>
      {preview.data !== undefined && <Preview found={preview.data} />}
    </section>
  );
}

function Fields({
  rule,
  assetId,
  onChange,
}: {
  readonly rule: Rule;
  readonly assetId: string | undefined;
  readonly onChange: (part: Rule) => void;
}) {
  const { t } = useSpeech();
  const plant = useQuery({
    queryKey: ['plant', assetId],
    queryFn: async () => (await getPlant({ path: { asset_id: assetId ?? '' } })).data,
    enabled: assetId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const when = thresholdOf(rule);
  if (when === undefined) return null;
  const set = (part: Partial<Threshold>) => onChange({ when: { ...when, ...part } });
  const limit = (severity: string, value: number) => {
    const { [severity]: _old, ...rest } = when.limits;
    set({ limits: Number.isNaN(value) ? rest : { ...rest, [severity]: value } });
  };
  return (
    <>
      <label>
        {t('rules.title')}
        <input value={String(rule.title)} required onChange={({ target }) => onChange({ title: target.value })} />
      </label>
      <label>
        {t('rules.channel')}
        <select className="button" value={when.channel} onChange={({ target }) => set({ channel: target.value })}>
          {!plant.data?.channels.some(({ name }) => camel(name) === when.channel) && <option>{when.channel}</option>}
          {plant.data?.channels.map(({ name, title, unit }) => (
            <option key={name} value={camel(name)}>
              {title} ({unit})
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('rules.direction')}
        <select
          className="button"
          value={when.direction}
          onChange={({ target }) => set({ direction: target.value === 'below' ? 'below' : 'above' })}
        >
          <option value="above">{t('rules.above')}</option>
          <option value="below">{t('rules.below')}</option>
        </select>
      </label>
      {severities.map((severity) => (
        <label key={severity}>
          {t('rules.limit', { severity: t(`severity.${severity}`) })}
          <input
            type="number"
            step="any"
            value={when.limits[severity] ?? ''}
            onChange={({ target }) => limit(severity, target.valueAsNumber)}
          />
        </label>
      ))}
      <label>
        {t('rules.after')}
        <input
          value={typeof rule.raiseAfter === 'string' ? rule.raiseAfter : ''}
          pattern="\d+(s|m|h|d)"
          placeholder="5m"
          onChange={({ target }) => onChange({ raiseAfter: target.value === '' ? '0s' : target.value })}
        />
      </label>
      <label className="wide">
        {t('rules.playbook')}
        <input
          value={typeof rule.playbook === 'string' ? rule.playbook : ''}
          onChange={({ target }) => onChange({ playbook: target.value })}
        />
      </label>
    </>
  );
}

/** Channels are camelCase in rules and snake_case at the API. */
const camel = (name: string) => name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());

const SHOWN = 20;

function Preview({ found }: { readonly found: Awaited<ReturnType<typeof previewRule>>['data'] }) {
  const { t, locale } = useSpeech();
  const assets = useAssets().data ?? [];
  const alerts = found?.alerts ?? [];
  return (
    <div aria-live="polite">
      <p>{t('rules.found', { count: alerts.length, day: threeDigits(found?.per_day ?? 0, locale) })}</p>
      <ul className="plain">
        {alerts.slice(0, SHOWN).map((alert) => (
          <li key={`${alert.asset_id}-${alert.raised_at}-${alert.severity}`}>
            <SeverityWord severity={alert.severity} />{' '}
            {assets.find(({ id }) => id === alert.asset_id)?.name ?? alert.asset_id}{' '}
            <span className="muted">
              <Ago time={alert.since} />
            </span>{' '}
            {alert.why}
          </li>
        ))}
      </ul>
      {alerts.length > SHOWN && <p className="muted">{t('rules.more', { count: alerts.length - SHOWN })}</p>}
    </div>
  );
}
