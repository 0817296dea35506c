import { useQuery } from '@tanstack/react-query';
import { createTenant, deleteTenant, listTenants, type Tenant, updateTenant } from '@twinergy-examples/client';
import { useSession } from '../data/session.js';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Failure, Field, Form, Remove } from './form.js';
import { useAct } from './use-act.js';

/** The own tenant: its name, currency and price of energy; for who looks after all, every tenant. */
export function Tenants() {
  const { t } = useSpeech();
  const me = useSession();
  const tenants = useQuery({ queryKey: ['tenants'], queryFn: async () => (await listTenants()).data.items });
  const add = useAct((body: { id: string; name: string }) => createTenant({ body }), {
    renew: ['tenants'],
    said: t('settings.saved'),
  });
  return (
    <>
      <Answer query={tenants}>
        {(items) => (
          <ul className="tasks">
            {items.map((tenant) => (
              <OneTenant key={tenant.id} tenant={tenant} />
            ))}
          </ul>
        )}
      </Answer>
      {me.platform && (
        <section className="card">
          <h2>{t('tenants.add')}</h2>
          <Form
            label={t('tenants.add')}
            go={t('tenants.add')}
            action={{ ...add, send: (field) => add.mutateAsync({ id: field('id'), name: field('name') }) }}
          >
            <Field name="id" label={t('tenants.id')} pattern="[a-z][a-z0-9\-]{0,39}" hint="a-z, 0-9, -" required />
            <Field name="name" label={t('users.name')} required />
          </Form>
        </section>
      )}
    </>
  );
}

function OneTenant({ tenant }: { readonly tenant: Tenant }) {
  const { t } = useSpeech();
  const me = useSession();
  const { currency, price_per_kwh: price, time_zone: zone, language } = tenant.settings;
  const save = useAct(
    (body: Parameters<typeof updateTenant>[0]['body']) => updateTenant({ path: { tenant_id: tenant.id }, body }),
    { renew: ['tenants'], said: t('settings.saved') },
  );
  const remove = useAct(() => deleteTenant({ path: { tenant_id: tenant.id } }), { renew: ['tenants'] });
  return (
    <li className="card">
      <h2>{tenant.name}</h2>
      <p className="muted">{tenant.id}</p>
      {/* Made anew when the answer comes, so that emptied fields show what is kept. */}
      <Form
        key={JSON.stringify(tenant)}
        label={tenant.name}
        go={t('settings.save')}
        action={{
          ...save,
          send: (field) =>
            save.mutateAsync({
              name: field('name'),
              settings: {
                ...(typeof zone === 'string' && { time_zone: zone }),
                ...(typeof language === 'string' && { language }),
                ...(field('currency') !== '' && { currency: field('currency').toUpperCase() }),
                ...(field('price') !== '' && { price_per_kwh: Number(field('price')) }),
              },
            }),
        }}
      >
        <Field name="name" label={t('users.name')} defaultValue={tenant.name} required />
        <Field
          name="currency"
          label={t('tenants.currency')}
          defaultValue={typeof currency === 'string' ? currency : ''}
          pattern="[A-Za-z]{3}"
          hint="EUR, USD …"
        />
        <Field
          name="price"
          label={t('tenants.price')}
          type="number"
          step="any"
          min={0}
          defaultValue={typeof price === 'number' ? price : ''}
        />
      </Form>
      {me.platform && tenant.id !== me.tenant.id && <Remove what={tenant.name} onRemove={() => remove.mutate()} />}
      <Failure error={remove.error} />
    </li>
  );
}
