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
      <Choice
        title={t('settings.theme')}
        value={theme}
        options={Object.fromEntries(THEMES.map((one) => [one, t(`settings.theme.${one}` as Word)]))}
        onChange={(value) => setTheme(value as Theme)}
      />
      <Choice
        title={t('settings.language')}
        value={language}
        options={languages}
        onChange={(value) => setLanguage(value as Language)}
      />
      <Choice
        title={t('settings.zone')}
        value={preferences.zone}
        options={{ plant: t('settings.zone.plant'), own: t('settings.zone.own') }}
        onChange={(value) => prefer({ zone: value === 'own' ? 'own' : 'plant' })}
      />
      <Choice
        title={t('settings.temperature')}
        value={preferences.temperature}
        options={{ '°C': '°C', '°F': '°F' }}
        onChange={(value) => prefer({ temperature: value === '°F' ? '°F' : '°C' })}
      />
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

/** One of a few, by name. */
function Choice({
  title,
  value,
  options,
  onChange,
}: {
  readonly title: string;
  readonly value: string;
  readonly options: Readonly<Record<string, string>>;
  readonly onChange: (value: string) => void;
}) {
  return (
    <label>
      {title}
      <select className="button" value={value} onChange={({ target }) => onChange(target.value)}>
        {Object.entries(options).map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
