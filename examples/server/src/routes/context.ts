import type { HeavyWork } from '../analysis/heavy-work.js';
import type { Accounts } from '../auth/accounts.js';
import type { Authenticator } from '../auth/authenticate.js';
import type { OidcSignIn } from '../auth/oidc-sign-in.js';
import type { Throttle } from '../auth/throttle.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Hub } from '../live/hub.js';
import type { LiveWatch } from '../live/watch.js';
import type { Metrics } from '../ops/metrics.js';

/** What routes are made of. */
export interface Parts {
  readonly accounts: Accounts;
  readonly authenticator: Authenticator;
  readonly throttle: Throttle;
  readonly fleet: Fleet;
  readonly heavy: HeavyWork;
  readonly hub: Hub;
  readonly watch: LiveWatch;
  readonly metrics: Metrics;
  readonly startedAt: number;
  readonly version: string;
  /** Whether one may sign in with tokens of an identity provider. */
  readonly oidcIssuer: string | null;
  /** Where people may sign in there by themselves. */
  readonly oidcSignIn: OidcSignIn | undefined;
  /** Where browsers reach the server; undefined: as they call it. */
  readonly publicUrl: string | undefined;
  /** Hosts that webhooks may reach although they are not public. */
  readonly webhookHosts: readonly string[];
}
