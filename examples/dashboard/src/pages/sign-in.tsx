import { useQuery, useQueryClient } from '@tanstack/react-query';
import { signIn, signInMethods } from '@twinergy-examples/client';
import { useState } from 'react';
import { problemText } from '../data/query.js';
import { useSpeech } from '../i18n/index.js';

/** Who are you? By user name and password, by a token, or by an identity provider where the server has one. */
export function SignIn() {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const methods = useQuery({
    queryKey: ['sign-in methods'],
    queryFn: async ({ signal }) => (await signInMethods({ signal })).data,
  });
  const provider = methods.data?.oidc_sign_in ?? undefined;
  const [byToken, setByToken] = useState(false);
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (form: FormData) => {
    setBusy(true);
    setFailure('');
    const text = (name: string) => String(form.get(name) ?? '');
    try {
      await signIn({
        body: byToken ? { token: text('token') } : { username: text('username'), password: text('password') },
      });
      await queries.invalidateQueries({ queryKey: ['me'] });
    } catch (error) {
      setFailure(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="alone">
      <form
        className="card sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <h1>{t('signin.title')}</h1>
        {byToken ? (
          <label>
            {t('signin.token')}
            <input name="token" type="password" autoComplete="off" required />
            <span className="muted">{t('signin.hint')}</span>
          </label>
        ) : (
          <>
            <label>
              {t('signin.username')}
              <input name="username" autoComplete="username" required />
            </label>
            <label>
              {t('signin.password')}
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
          </>
        )}
        {failure !== '' && (
          <p className="state-critical" role="alert">
            {failure}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {t('signin.go')}
        </button>
        {provider !== undefined && (
          <a
            className="button as-link"
            href={`${provider}?return_to=${encodeURIComponent(window.location.pathname + window.location.search)}`}
          >
            {t('signin.provider')}
          </a>
        )}
        <button type="button" className="link" onClick={() => setByToken(!byToken)}>
          {t(byToken ? 'signin.with-password' : 'signin.with-token')}
        </button>
      </form>
    </main>
  );
}
