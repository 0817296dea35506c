import { changePassword } from '@twinergy-examples/client';
import { useSpeech } from '../i18n/index.js';
import { Field, Form } from './form.js';
import { useAct } from './use-act.js';

/** Change of one's own password. */
export function Password() {
  const { t } = useSpeech();
  const act = useAct((body: { readonly current: string; readonly password: string }) => changePassword({ body }), {
    renew: ['me'],
    said: t('password.done'),
  });
  return (
    <section className="card">
      <h2>{t('settings.password')}</h2>
      <Form
        label={t('settings.password')}
        go={t('password.go')}
        action={{
          ...act,
          send: (field) => act.mutateAsync({ current: field('current'), password: field('password') }),
        }}
      >
        <Field name="current" type="password" autoComplete="current-password" label={t('password.current')} required />
        <Field
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={10}
          label={t('password.next')}
          required
        />
      </Form>
      <p className="muted">{t('password.hint')}</p>
    </section>
  );
}
