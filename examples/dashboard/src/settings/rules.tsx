import { useQuery } from '@tanstack/react-query';
import { deleteRule, listRulePacks, listRules, putRule, type Rule } from '@twinergy-examples/client';
import { useState } from 'react';
import { useMay } from '../data/session.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';
import { Failure, Remove } from './form.js';
import { emptyRule, RuleEditor } from './rule-editor.js';
import { useAct } from './use-act.js';

/** A rule's fields that the list shows. */
const idOf = (rule: Rule) => String(rule.id);
const titleOf = (rule: Rule) => String(rule.title);
const kindOf = ({ when }: Rule) =>
  typeof when === 'object' && when !== null && 'type' in when ? String(when.type) : '';

/** What raises alerts: the rules that are judged, ready-made packs, and an editor that tries a rule on the past. */
export function Rules() {
  const { t, named } = useSpeech();
  const may = useMay('configure');
  const rules = useQuery({ queryKey: ['rules'], queryFn: async () => (await listRules()).data.items });
  const [edited, setEdited] = useState<Rule>();
  const put = useAct((rule: Rule) => putRule({ path: { rule_id: idOf(rule) }, body: rule }), {
    renew: ['rules'],
    said: t('settings.saved'),
  });
  const remove = useAct((id: string) => deleteRule({ path: { rule_id: id } }), { renew: ['rules'] });
  return (
    <>
      {edited === undefined ? (
        may && (
          <span className="buttons">
            <button type="button" className="button primary" onClick={() => setEdited(emptyRule())}>
              {t('rules.add')}
            </button>
          </span>
        )
      ) : (
        <RuleEditor key={idOf(edited)} rule={edited} onClose={() => setEdited(undefined)} />
      )}
      <Answer query={rules} height={320}>
        {(items) =>
          items.length === 0 ? (
            <Empty text={t('rules.none')} />
          ) : (
            <ul className="tasks">
              {items.map((rule) => (
                <li
                  key={idOf(rule)}
                  className="card row"
                  data-status={rule.enabled === false ? 'cancelled' : undefined}
                >
                  <span>
                    <strong>{titleOf(rule)}</strong>{' '}
                    <span className="muted">
                      {idOf(rule)}, {named('rule', kindOf(rule))}
                      {rule.enabled === false && `, ${t('rules.off')}`}
                    </span>
                  </span>
                  {may && (
                    <span className="buttons">
                      <button type="button" className="button" onClick={() => setEdited(rule)}>
                        {t('rules.edit')} <span className="visually-hidden">{titleOf(rule)}</span>
                      </button>
                      <button
                        type="button"
                        className="button"
                        onClick={() => put.mutate({ ...rule, enabled: rule.enabled === false })}
                      >
                        {t(rule.enabled === false ? 'rules.enable' : 'rules.disable')}{' '}
                        <span className="visually-hidden">{titleOf(rule)}</span>
                      </button>
                      <Remove what={titleOf(rule)} onRemove={() => remove.mutate(idOf(rule))} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <Failure error={put.error ?? remove.error} />
      {may && <Packs have={(rules.data ?? []).map(idOf)} onAdd={(rule) => put.mutateAsync(rule)} />}
    </>
  );
}

function Packs({
  have,
  onAdd,
}: {
  readonly have: readonly string[];
  readonly onAdd: (rule: Rule) => Promise<unknown>;
}) {
  const { t, named } = useSpeech();
  const packs = useQuery({ queryKey: ['rules', 'packs'], queryFn: async () => (await listRulePacks()).data.items });
  const [busy, setBusy] = useState(false);
  const add = async (rules: readonly Rule[]) => {
    setBusy(true);
    try {
      for (const rule of rules) await onAdd(rule);
    } catch {
      // The failure stands above, where the rules are.
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card">
      <h2>{t('rules.packs')}</h2>
      <Answer query={packs}>
        {(items) => (
          <ul className="tasks">
            {items.map(({ name, rules }) => {
              const missing = rules.filter((rule) => !have.includes(idOf(rule)));
              return (
                <li key={name}>
                  <strong>{named('pack', name)}</strong> <span className="muted">{rules.map(titleOf).join('; ')}</span>{' '}
                  <button
                    type="button"
                    className="button"
                    disabled={busy || missing.length === 0}
                    onClick={() => void add(missing)}
                  >
                    {missing.length === 0 ? t('rules.have') : t('rules.take', { count: missing.length })}
                  </button>
                </li>
              );
            })}
          </ul>
        )}
      </Answer>
    </section>
  );
}
