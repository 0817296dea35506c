import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { type Principal, type Role, roleNames, roles } from './roles.js';

/** An identity provider whose tokens are taken. */
export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Default: found by the issuer's discovery document. */
  readonly jwksUri?: string | undefined;
  /** Name of the dashboard at the provider: with it, people sign in there. */
  readonly clientId?: string | undefined;
  /** Where the provider wants one; PKCE protects the exchange with or without. */
  readonly clientSecret?: string | undefined;
  /** Claim that holds the role. Default `twinergy_role`. */
  readonly roleClaim?: string | undefined;
  /** Claim that holds the tenant. Default `twinergy_tenant`. */
  readonly tenantClaim?: string | undefined;
}

/** Addresses of a provider, as its discovery document gives them. */
export interface Provider {
  readonly jwks_uri: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
}

/** Takes tokens of an OpenID provider: signature by its published keys, issuer, audience and time are checked. */
export class Oidc {
  readonly options: OidcOptions;
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  #provider: Promise<Provider> | undefined;

  constructor(options: OidcOptions) {
    this.options = options;
  }

  /** Who a token is of; undefined where it is not this provider's, or not good. `nonce`: of a token that was asked for. */
  async principal(token: string, nonce?: string): Promise<Principal | undefined> {
    const { issuer, audience, clientId, roleClaim = 'twinergy_role', tenantClaim = 'twinergy_tenant' } = this.options;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, await this.#keySet(), {
        issuer,
        // Tokens that people sign in with are for the dashboard, those of programs for the API.
        audience: nonce !== undefined && clientId !== undefined ? clientId : audience,
        // Only signatures by a key pair: a token signed with the public key as a shared secret is none.
        algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'],
        requiredClaims: ['sub', 'exp'],
      }));
    } catch {
      return undefined;
    }
    if (nonce !== undefined && payload.nonce !== nonce) return undefined;
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

  /** The provider's addresses. Asked for once; where that fails, again the next time. */
  provider(): Promise<Provider> {
    this.#provider ??= this.#discover().catch((error: unknown) => {
      this.#provider = undefined;
      throw error;
    });
    return this.#provider;
  }

  async #discover(): Promise<Provider> {
    const { issuer } = this.options;
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(5000),
      redirect: 'error',
    });
    const found = (await response.json()) as Record<string, unknown>;
    const text = (name: string) => (typeof found[name] === 'string' ? { [name]: found[name] } : {});
    return { jwks_uri: String(found.jwks_uri), ...text('authorization_endpoint'), ...text('token_endpoint') };
  }

  async #keySet(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    if (this.#keys === undefined) {
      const uri = this.options.jwksUri ?? (await this.provider()).jwks_uri;
      this.#keys = createRemoteJWKSet(new URL(uri), { timeoutDuration: 5000 });
    }
    return this.#keys;
  }
}
