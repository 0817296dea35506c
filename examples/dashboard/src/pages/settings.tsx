import type { ComponentType } from 'react';
import { Link } from 'wouter';
import { useSession } from '../data/session.js';
import { useSpeech, type Word } from '../i18n/index.js';
import { Assets } from '../settings/assets.js';
import { Channels } from '../settings/channels.js';
import { Keys } from '../settings/keys.js';
import { Look } from '../settings/look.js';
import { Notifications } from '../settings/notifications.js';
import { Password } from '../settings/password.js';
import { Rules } from '../settings/rules.js';
import { Scenarios } from '../settings/scenarios.js';
import { Tenants } from '../settings/tenants.js';
import { Users } from '../settings/users.js';

type Me = ReturnType<typeof useSession>;

/** The parts, in their order, each with who may see it. */
const PARTS: readonly {
  readonly path: string;
  readonly word: Word;
  readonly part: ComponentType;
  readonly for: (me: Me) => boolean;
}[] = [
  { path: 'look', word: 'settings.look', part: Look, for: () => true },
  { path: 'plants', word: 'overview.plants', part: Assets, for: (me) => me.permissions.includes('configure') },
  { path: 'channels', word: 'settings.channels', part: Channels, for: () => true },
  { path: 'rules', word: 'settings.rules', part: Rules, for: () => true },
  {
    path: 'notifications',
    word: 'settings.notifications',
    part: Notifications,
    for: (me) => me.permissions.includes('configure'),
  },
  { path: 'scenarios', word: 'settings.scenarios', part: Scenarios, for: (me) => me.permissions.includes('operate') },
  { path: 'users', word: 'settings.users', part: Users, for: (me) => me.permissions.includes('admin') },
  { path: 'keys', word: 'settings.keys', part: Keys, for: (me) => me.permissions.includes('admin') },
  { path: 'tenants', word: 'settings.tenants', part: Tenants, for: (me) => me.permissions.includes('admin') },
  { path: 'password', word: 'settings.password', part: Password, for: (me) => me.kind === 'user' },
];

/** Settings, one part for each path; who may not change something does not see it. */
export default function Settings({ part }: { readonly part: string | undefined }) {
  const { t } = useSpeech();
  const me = useSession();
  const parts = PARTS.filter((one) => one.for(me));
  const shown = parts.find(({ path }) => path === part) ?? parts[0];
  return (
    <>
      <h1>{t('settings.title')}</h1>
      <nav className="tabs wrap" aria-label={t('settings.title')}>
        {parts.map(({ path, word }) => (
          <Link
            key={path}
            href={`/settings/${path}`}
            className="tab"
            aria-current={path === shown?.path ? 'page' : undefined}
          >
            {t(word)}
          </Link>
        ))}
      </nav>
      {shown !== undefined && <shown.part />}
    </>
  );
}
