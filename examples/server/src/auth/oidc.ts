import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { type Principal, type Role, roleNames, roles } from './roles.js';

/** An identity provider whose tokens are taken. */
export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Default: found by the issuer's discovery document. */
  readonly jwksUri?: string | undefined;
  /** Claim that holds the role. Default `twinergy_role`. */
  readonly roleClaim?: string | undefined;
  /** Claim that holds the tenant. Default `twinergy_tenant`. */
  readonly tenantClaim?: string | undefined;
}

/** Takes tokens of an OpenID provider: signature by its published keys, issuer, audience and time are checked. */
export class Oidc {
  readonly #options: OidcOptions;
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  /** Who a token is of; undefined where it is not this provider's, or not good. */
  async principal(token: string): Promise<Principal | undefined> {
    const { issuer, audience, roleClaim = 'twinergy_role', tenantClaim = 'twinergy_tenant' } = this.#options;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, await this.#keySet(), {
        issuer,
        audience,
        // Only signatures by a key pair: a token signed with the public key as a shared secret is none.
        algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'],
        requiredClaims: ['sub', 'exp'],
      }));
    } catch {
      return undefined;
    }
    const claimed = payload[roleClaim];
    const tenantId = payload[tenantClaim];
    const isRole = (value: unknown): value is Role => roleNames.some((name) => name === value);
    if (!isRole(claimed) || typeof tenantId !== 'string') return undefined;
    return {
      kind: 'oidc',
      id: String(payload.sub),
      name: typeof payload.name === 'string' ? payload.name : String(payload.sub),
      tenantId,
      role: claimed,
      permissions: new Set(roles[claimed]),
      platform: false,
      byCookie: false,
      until: (payload.exp ?? 0) * 1000,
    };
  }

  async #keySet(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    if (this.#keys === undefined) {
      let uri = this.#options.jwksUri;
      if (uri === undefined) {
        const response = await fetch(`${this.#options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
          signal: AbortSignal.timeout(5000),
          redirect: 'error',
        });
        uri = String(((await response.json()) as { jwks_uri?: unknown }).jwks_uri);
      }
      this.#keys = createRemoteJWKSet(new URL(uri), { timeoutDuration: 5000 });
    }
    return this.#keys;
  }
}
