import { useQuery } from '@tanstack/react-query';
import { getScenarios, setScenario } from '@twinergy-examples/client';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';
import { useAssets } from '../shell/plant-frame.js';
import { Failure } from './form.js';
import { useAct } from './use-act.js';

/** For demonstrations: what each simulated plant plays. */
export function Scenarios() {
  const { t, named } = useSpeech();
  const assets = useAssets().data ?? [];
  const scenarios = useQuery({ queryKey: ['scenarios'], queryFn: async () => (await getScenarios()).data });
  const play = useAct((body: { readonly scenario: string; readonly asset_id: string }) => setScenario({ body }), {
    renew: ['scenarios'],
    said: t('scenarios.playing'),
  });
  return (
    <section className="card">
      <p className="muted">{t('scenarios.hint')}</p>
      <Answer query={scenarios}>
        {({ available, playing }) =>
          Object.keys(playing).length === 0 ? (
            <Empty text={t('scenarios.none')} />
          ) : (
            <div className="fields">
              {Object.entries(playing).map(([id, now]) => (
                <label key={id}>
                  {assets.find((asset) => asset.id === id)?.name ?? id}
                  <select
                    className="button"
                    value={now}
                    disabled={play.isPending}
                    onChange={({ target }) => play.mutate({ scenario: target.value, asset_id: id })}
                  >
                    {available.map(({ name }) => (
                      <option key={name} value={name}>
                        {named('scenario', name)}
                      </option>
                    ))}
                  </select>
                </label>
              ))}
            </div>
          )
        }
      </Answer>
      <Failure error={play.error} />
    </section>
  );
}
