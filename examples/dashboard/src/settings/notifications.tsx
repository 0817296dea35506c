import { useQuery } from '@tanstack/react-query';
import {
  createChannel,
  deleteChannel,
  listChannels,
  type NotificationChannel,
  testChannel,
} from '@twinergy-examples/client';
import { StateWord } from '@twinergy-examples/ui';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { SeverityWord, severities } from '../parts/severity.js';
import { Empty } from '../parts/states.js';
import { Choice, Failure, Field, Form, Remove, Ticks } from './form.js';
import { useAct } from './use-act.js';

const TYPES = ['webhook', 'slack', 'teams', 'alertmanager'] as const;

/** Where alerts are told. */
export function Notifications() {
  const { t } = useSpeech();
  const channels = useQuery({ queryKey: ['channels'], queryFn: async () => (await listChannels()).data.items });
  const add = useAct((body: Parameters<typeof createChannel>[0]['body']) => createChannel({ body }), {
    renew: ['channels'],
    said: t('settings.saved'),
  });
  return (
    <>
      <Answer query={channels}>
        {(items) =>
          items.length === 0 ? (
            <Empty text={t('notify.none')} />
          ) : (
            <ul className="tasks">
              {items.map((channel) => (
                <OneChannel key={channel.id} channel={channel} />
              ))}
            </ul>
          )
        }
      </Answer>
      <section className="card">
        <h2>{t('notify.add')}</h2>
        <Form
          label={t('notify.add')}
          go={t('notify.add')}
          action={{
            ...add,
            send: (field, form) =>
              add.mutateAsync({
                name: field('name'),
                type: TYPES.find((type) => type === field('type')) ?? 'webhook',
                url: field('url'),
                ...(field('secret') !== '' && { secret: field('secret') }),
                severities: severities.filter((severity) => form.getAll('severities').includes(severity)),
              }),
          }}
        >
          <Field name="name" label={t('users.name')} required />
          <Choice name="type" label={t('notify.type')} options={TYPES.map((type) => [type, type])} />
          <Field name="url" label={t('notify.url')} type="url" placeholder="https://" required />
          <Field
            name="secret"
            label={t('notify.secret')}
            type="password"
            autoComplete="off"
            minLength={16}
            hint={t('notify.secret.hint')}
          />
          <Ticks
            name="severities"
            label={t('notify.severities')}
            options={severities.map((severity) => [severity, t(`severity.${severity}`)])}
            ticked={['CRITICAL', 'HIGH']}
          />
        </Form>
      </section>
    </>
  );
}

function OneChannel({ channel }: { readonly channel: NotificationChannel }) {
  const { t } = useSpeech();
  const path = { channel_id: channel.id };
  const test = useAct(async () => (await testChannel({ path })).data, { renew: ['channels'] });
  const remove = useAct(() => deleteChannel({ path }), { renew: ['channels'] });
  return (
    <li className="card row">
      <span>
        <strong>{channel.name}</strong>{' '}
        <span className="muted">
          {channel.type}, {channel.url}
        </span>
      </span>
      <span className="buttons">
        {channel.severities.map((severity) => (
          <SeverityWord key={severity} severity={severity} />
        ))}
      </span>
      <span className="buttons">
        <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate()}>
          {t('notify.test')}
        </button>
        <Remove what={channel.name} onRemove={() => remove.mutate()} />
      </span>
      {test.data !== undefined && (
        <p role="status" className="wide">
          <StateWord state={test.data.ok ? 'good' : 'critical'}>
            {test.data.ok ? t('notify.ok') : (test.data.reason ?? t('notify.failed'))}
          </StateWord>
        </p>
      )}
      <Failure error={test.error ?? remove.error} />
    </li>
  );
}
