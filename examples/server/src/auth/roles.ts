/** What somebody may do. */
export const permissions = ['read', 'ingest', 'operate', 'configure', 'admin'] as const;
export type Permission = (typeof permissions)[number];

/** What a role may do: each may do what the one before may, and more. */
export const roles = {
  /** Looks. */
  viewer: ['read'],
  /** Handles alerts and maintenance, plays scenarios. */
  operator: ['read', 'operate'],
  /** Also changes assets, rules and channels, and brings telemetry in. */
  engineer: ['read', 'ingest', 'operate', 'configure'],
  /** Also users, keys and the audit. */
  admin: ['read', 'ingest', 'operate', 'configure', 'admin'],
} as const satisfies Record<string, readonly Permission[]>;
export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as [Role, ...Role[]];

/** Who calls. */
export interface Principal {
  readonly kind: 'user' | 'key' | 'oidc';
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
  /** May look after all tenants. */
  readonly platform: boolean;
  /** The session, for signing out. */
  readonly sessionId?: string | undefined;
  /** When the token is over, ms since the epoch, where nothing that is stored says so. */
  readonly until?: number | undefined;
  /** Whether it was a cookie that said who calls: then the request may come from a foreign page. */
  readonly byCookie: boolean;
}
