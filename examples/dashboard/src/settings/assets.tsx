import { useQuery } from '@tanstack/react-query';
import { type Asset, createAsset, deleteAsset, getLibrary, getPlant, updateAsset } from '@twinergy-examples/client';
import { inUnit } from '@twinergy-examples/ui';
import { useState } from 'react';
import { Link } from 'wouter';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { useAssets } from '../shell/plant-frame.js';
import { Failure, Remove } from './form.js';
import { useAct } from './use-act.js';

/** The plants of the tenant: added by an example or a description of one's own, renamed, taken away. */
export function Assets() {
  const { t } = useSpeech();
  const assets = useAssets();
  return (
    <>
      <Answer query={assets}>
        {(items) => (
          <ul className="tasks">
            {items.map((asset) => (
              <OneAsset key={asset.id} asset={asset} />
            ))}
          </ul>
        )}
      </Answer>
      <section className="card" aria-labelledby="add-plant">
        <h2 id="add-plant">{t('assets.add')}</h2>
        <AddPlant />
      </section>
    </>
  );
}

function OneAsset({ asset }: { readonly asset: Asset }) {
  const { t, locale } = useSpeech();
  const [name, setName] = useState(asset.name);
  const rename = useAct(
    async () => {
      const { description } = (await getPlant({ path: { asset_id: asset.id } })).data;
      return updateAsset({
        path: { asset_id: asset.id },
        body: { plant: { ...description, id: asset.id, name }, simulated: asset.simulated, labels: asset.labels },
      });
    },
    { renew: ['assets'], said: t('settings.saved') },
  );
  const remove = useAct(() => deleteAsset({ path: { asset_id: asset.id } }), {
    renew: ['assets'],
    said: t('assets.removed', { name: asset.name }),
  });
  return (
    <li className="card row">
      <label>
        <span className="visually-hidden">{t('assets.name')}</span>
        <input value={name} maxLength={100} onChange={({ target }) => setName(target.value)} />
      </label>
      <span className="muted">
        {asset.id}, {inUnit(asset.rated_power, 'W', locale)}, {asset.time_zone},{' '}
        {t(asset.simulated ? 'assets.simulated' : 'assets.measured')}
      </span>
      <span className="buttons">
        {name !== asset.name && name.trim() !== '' && (
          <button type="button" className="button primary" disabled={rename.isPending} onClick={() => rename.mutate()}>
            {t('assets.rename')}
          </button>
        )}
        <Link href={`/settings/channels?plant=${encodeURIComponent(asset.id)}`} className="button as-link">
          {t('settings.channels')}
        </Link>
        <Remove what={asset.name} onRemove={() => remove.mutate()} />
      </span>
      <Failure error={rename.error ?? remove.error} />
    </li>
  );
}

function AddPlant() {
  const { t } = useSpeech();
  const library = useQuery({ queryKey: ['library'], queryFn: async () => (await getLibrary()).data });
  const [text, setText] = useState('');
  const [simulated, setSimulated] = useState(true);
  const [unreadable, setUnreadable] = useState('');
  const add = useAct(async (plant: { id: string }) => createAsset({ body: { plant, simulated } }), {
    renew: ['assets'],
    said: t('assets.added'),
  });
  const send = () => {
    setUnreadable('');
    try {
      add.mutate(JSON.parse(text), { onSuccess: () => setText('') });
    } catch (error) {
      setUnreadable(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="fields">
      <label>
        {t('assets.example')}
        <select
          className="button"
          value=""
          onChange={({ target }) => {
            const plant = library.data?.plants[Number(target.value)];
            if (plant !== undefined)
              setText(JSON.stringify({ ...plant, id: `${plant.id}-${Date.now().toString(36).slice(-4)}` }, null, 2));
          }}
        >
          <option value="">{t('assets.choose')}</option>
          {library.data?.plants.map((plant, i) => (
            <option key={plant.id} value={i}>
              {plant.name ?? plant.id}
            </option>
          ))}
        </select>
      </label>
      <label className="wide">
        {t('assets.description')}
        <textarea rows={12} spellCheck={false} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      <label className="tick">
        <input type="checkbox" checked={simulated} onChange={({ target }) => setSimulated(target.checked)} />{' '}
        {t('assets.play')}
      </label>
      <button type="button" className="button primary" disabled={add.isPending || text.trim() === ''} onClick={send}>
        {t('assets.add')}
      </button>
      {unreadable !== '' && (
        <p className="state-critical wide" role="alert">
          {t('assets.unreadable', { why: unreadable })}
        </p>
      )}
      <Failure error={add.error} />
    </div>
  );
}
