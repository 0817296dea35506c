import { useQuery } from '@tanstack/react-query';
import { actOnAlert, getAlert } from '@twinergy-examples/client';
import { useMay } from '../data/session.js';
import { useSpeech } from '../i18n/index.js';
import { Ago } from '../parts/ago.js';
import { Answer } from '../parts/answer.js';
import { Field, Form } from '../settings/form.js';
import { useAct } from '../settings/use-act.js';

/** What has happened to an alert, step by step, and what one has to say about it. */
export function Timeline({ id }: { readonly id: string }) {
  const { t, named } = useSpeech();
  const may = useMay('operate');
  const comment = useAct(
    (text: string) => actOnAlert({ path: { alert_id: id }, body: { action: 'comment', comment: text } }),
    {
      renew: ['alerts', 'one', id],
    },
  );
  const alert = useQuery({
    queryKey: ['alerts', 'one', id],
    queryFn: async () => (await getAlert({ path: { alert_id: id } })).data,
  });
  return (
    <Answer query={alert}>
      {({ timeline }) => (
        <>
          <h3>{t('alerts.timeline')}</h3>
          <ol className="timeline">
            {timeline.map(({ time, kind, by, comment }) => (
              <li key={`${time}-${kind}`}>
                <Ago time={time} /> {named('alerts.did', kind)} <span className="muted">{by}</span> {comment}
              </li>
            ))}
          </ol>
          {may && (
            <Form
              label={t('alerts.comment')}
              go={t('alerts.send')}
              action={{ ...comment, send: (field) => comment.mutateAsync(field('comment')) }}
            >
              <Field name="comment" label={t('alerts.comment')} required maxLength={2000} />
            </Form>
          )}
        </>
      )}
    </Answer>
  );
}
