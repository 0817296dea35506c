import { useQuery } from '@tanstack/react-query';
import { createUser, deleteUser, listUsers, type User, updateUser } from '@twinergy-examples/client';
import { useSession } from '../data/session.js';
import { useSpeech, type Word } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';
import { Choice, Failure, Field, Form, Remove } from './form.js';
import { useAct } from './use-act.js';

const ROLES = ['viewer', 'operator', 'engineer', 'admin'] as const;
type Role = (typeof ROLES)[number];

/** Who may sign in, and what they may do. */
export function Users() {
  const { t } = useSpeech();
  const users = useQuery({ queryKey: ['users'], queryFn: async () => (await listUsers()).data.items });
  const add = useAct(
    (body: { username: string; name: string; email: string | null; role: Role; password: string }) =>
      createUser({ body }),
    { renew: ['users'], said: t('settings.saved') },
  );
  return (
    <>
      <Answer query={users}>
        {(items) =>
          items.length === 0 ? (
            <Empty text={t('users.none')} />
          ) : (
            <ul className="tasks">
              {items.map((user) => (
                <OneUser key={user.id} user={user} />
              ))}
            </ul>
          )
        }
      </Answer>
      <section className="card">
        <h2>{t('users.add')}</h2>
        <Form
          label={t('users.add')}
          go={t('users.add')}
          action={{
            ...add,
            send: (field) =>
              add.mutateAsync({
                username: field('username'),
                name: field('name'),
                email: field('email') === '' ? null : field('email'),
                role: ROLES.find((role) => role === field('role')) ?? 'viewer',
                password: field('password'),
              }),
          }}
        >
          <Field name="username" label={t('signin.username')} autoComplete="off" required minLength={2} />
          <Field name="name" label={t('users.name')} autoComplete="off" required />
          <Field name="email" label={t('users.email')} type="email" autoComplete="off" />
          <Choice name="role" label={t('users.role')} options={ROLES.map((role) => [role, t(`role.${role}`)])} />
          <Field
            name="password"
            label={t('signin.password')}
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
          />
        </Form>
      </section>
    </>
  );
}

function OneUser({ user }: { readonly user: User }) {
  const { t } = useSpeech();
  const me = useSession();
  const change = useAct(
    (body: { readonly role?: Role; readonly disabled?: boolean }) => updateUser({ path: { user_id: user.id }, body }),
    { renew: ['users'], said: t('settings.saved') },
  );
  const remove = useAct(() => deleteUser({ path: { user_id: user.id } }), { renew: ['users'] });
  const own = user.id === me.id;
  return (
    <li className="card row">
      <span>
        <strong>{user.name}</strong>{' '}
        <span className="muted">
          {user.username}
          {user.email !== null && `, ${user.email}`}
          {user.last_seen !== null && (
            <>
              , <Ago time={user.last_seen} />
            </>
          )}
        </span>
      </span>
      <label>
        <span className="visually-hidden">{`${t('users.role')}: ${user.name}`}</span>
        <select
          className="button"
          value={user.role}
          disabled={own || change.isPending}
          onChange={({ target }) => {
            const role = ROLES.find((one) => one === target.value);
            if (role !== undefined) change.mutate({ role });
          }}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}` as Word)}
            </option>
          ))}
        </select>
      </label>
      {!own && (
        <span className="buttons">
          <button type="button" className="button" onClick={() => change.mutate({ disabled: !user.disabled })}>
            {t(user.disabled ? 'users.enable' : 'users.disable')}
          </button>
          <Remove what={user.name} onRemove={() => remove.mutate()} />
        </span>
      )}
      <Failure error={change.error ?? remove.error} />
    </li>
  );
}
