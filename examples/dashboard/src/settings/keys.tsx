import { useQuery } from '@tanstack/react-query';
import { type ApiKey, createKey, deleteKey, listKeys } from '@twinergy-examples/client';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { Failure, Field, Form, Remove, Ticks } from './form.js';
import { useAct } from './use-act.js';

const SCOPES = ['read', 'ingest', 'operate', 'configure', 'admin'] as const;

/** Keys for programs. The text of a key is shown once, when it is made. */
export function Keys() {
  const { t } = useSpeech();
  const keys = useQuery({ queryKey: ['keys'], queryFn: async () => (await listKeys()).data.items });
  const make = useAct(
    async (body: { name: string; scopes: ApiKey['scopes']; expires_at?: string }) => (await createKey({ body })).data,
    { renew: ['keys'] },
  );
  const remove = useAct((id: string) => deleteKey({ path: { key_id: id } }), { renew: ['keys'] });
  return (
    <>
      {make.data !== undefined && (
        <section className="card" role="status">
          <p>{t('keys.once')}</p>
          <p className="secret">
            <code>{make.data.token}</code>
          </p>
          <span className="buttons">
            <button
              type="button"
              className="button primary"
              onClick={() => void navigator.clipboard.writeText(make.data?.token ?? '')}
            >
              {t('keys.copy')}
            </button>
            <button type="button" className="button" onClick={() => make.reset()}>
              {t('keys.kept')}
            </button>
          </span>
        </section>
      )}
      <Answer query={keys}>
        {(items) => (
          <ul className="tasks">
            {items.map((key) => (
              <li key={key.id} className="card row">
                <span>
                  <strong>{key.name}</strong>{' '}
                  <span className="muted">
                    {key.scopes.join(', ')}; {key.created_by}, <Ago time={key.created_at} />
                    {key.expires_at !== null && (
                      <>
                        ; {t('keys.until')} <Ago time={key.expires_at} />
                      </>
                    )}
                  </span>
                </span>
                <Remove what={key.name} onRemove={() => remove.mutate(key.id)} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <Failure error={remove.error} />
      <section className="card">
        <h2>{t('keys.add')}</h2>
        <Form
          label={t('keys.add')}
          go={t('keys.add')}
          action={{
            ...make,
            send: (field, form) =>
              make.mutateAsync({
                name: field('name'),
                scopes: SCOPES.filter((scope) => form.getAll('scopes').includes(scope)),
                ...(field('until') !== '' && { expires_at: new Date(field('until')).toISOString() }),
              }),
          }}
        >
          <Field name="name" label={t('users.name')} required />
          <Field name="until" label={t('keys.until')} type="date" />
          <Ticks
            name="scopes"
            label={t('keys.scopes')}
            options={SCOPES.map((scope) => [scope, t(`scope.${scope}`)])}
            ticked={['read']}
          />
        </Form>
      </section>
    </>
  );
}
