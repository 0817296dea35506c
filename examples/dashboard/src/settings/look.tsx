import { useQueryClient } from '@tanstack/react-query';
import { signOut } from '@twinergy-examples/client';
import { prefer, usePreferences } from '../data/preferences.js';
import { useSession } from '../data/session.js';
import { type Language, languages, useSpeech, type Word } from '../i18n/index.js';
import { type Theme, useTheme } from '../shell/theme.js';

const THEMES = ['auto', 'light', 'dark'] as const;

/** How the screens look and speak, and who is signed in. */
export function Look() {
  const { t, language, setLanguage } = useSpeech();
  const { theme, setTheme } = useTheme();
  const preferences = usePreferences();
  const me = useSession();
  const queries = useQueryClient();
  const leave = async () => {
    await signOut();
    queries.clear();
    location.assign('/');
  };
  return (
    <section className="card form">
      <label>
        {t('settings.theme')}
        <select className="button" value={theme} onChange={({ target }) => setTheme(target.value as Theme)}>
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {t(`settings.theme.${one}` as Word)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('settings.language')}
        <select className="button" value={language} onChange={({ target }) => setLanguage(target.value as Language)}>
          {Object.entries(languages).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('settings.zone')}
        <select
          className="button"
          value={preferences.zone}
          onChange={({ target }) => prefer({ zone: target.value === 'own' ? 'own' : 'plant' })}
        >
          <option value="plant">{t('settings.zone.plant')}</option>
          <option value="own">{t('settings.zone.own')}</option>
        </select>
      </label>
      <label>
        {t('settings.temperature')}
        <select
          className="button"
          value={preferences.temperature}
          onChange={({ target }) => prefer({ temperature: target.value === '°F' ? '°F' : '°C' })}
        >
          <option value="°C">°C</option>
          <option value="°F">°F</option>
        </select>
      </label>
      <p>
        {me.name}{' '}
        <span className="muted">
          {t(`role.${me.role}` as Word)}, {me.tenant.name}
        </span>
      </p>
      <button type="button" className="button" onClick={() => void leave()}>
        {t('signin.out')}
      </button>
    </section>
  );
}
