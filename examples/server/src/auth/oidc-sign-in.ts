import { createHash, randomBytes } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { Problem } from '../http/problem.js';
import type { Oidc } from './oidc.js';
import type { Principal } from './roles.js';

/** Time that people have at the provider. */
const PATIENCE = '10m';

/**
 * People sign in at an OpenID provider: authorization code with PKCE (RFC 7636), `state` and `nonce`. What must be
 * remembered meanwhile goes with the browser, encrypted, so that any server of the store can finish it.
 */
export class OidcSignIn {
  readonly #oidc: Oidc;
  readonly #key: Uint8Array;

  /** @param secret what sessions are signed with */
  constructor(oidc: Oidc, secret: Uint8Array) {
    this.#oidc = oidc;
    this.#key = createHash('sha256').update('oidc sign-in').update(secret).digest();
  }

  /** Where the browser goes, and what it keeps until it comes back. @throws Problem 503 where the provider is away */
  async begin(redirectUri: string, returnTo: string): Promise<{ url: string; kept: string }> {
    const { authorization_endpoint: endpoint } = await this.#provider();
    if (endpoint === undefined)
      throw new Problem(503, 'API_NO_PROVIDER', 'The identity provider has no place to sign in.');
    const [state, nonce, verifier] = [random(), random(), random()];
    const url = new URL(endpoint);
    const query = {
      response_type: 'code',
      client_id: this.#oidc.options.clientId ?? '',
      redirect_uri: redirectUri,
      scope: 'openid profile',
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const kept = await new EncryptJWT({ state, nonce, verifier, redirectUri, returnTo: localPath(returnTo) })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(PATIENCE)
      .encrypt(this.#key);
    return { url: url.toString(), kept };
  }

  /** Who came back from the provider, and where they wanted to. @throws Problem 401, 503 */
  async finish(
    kept: string | undefined,
    { code, state }: { readonly code: string; readonly state: string },
  ): Promise<{ who: Principal; returnTo: string }> {
    const wrong = (detail: string) => new Problem(401, 'API_BAD_CREDENTIALS', detail);
    const { payload } = await jwtDecrypt(kept ?? '', this.#key).catch(() => {
      throw wrong('This sign-in was not begun here, or took too long.');
    });
    if (payload.state !== state) throw wrong('This sign-in was not begun here.');
    const { clientId = '', clientSecret } = this.#oidc.options;
    const { token_endpoint: endpoint } = await this.#provider();
    if (endpoint === undefined) throw new Problem(503, 'API_NO_PROVIDER', 'The identity provider gives no tokens.');
    const response = await fetch(endpoint, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: String(payload.redirectUri),
        client_id: clientId,
        code_verifier: String(payload.verifier),
        ...(clientSecret !== undefined && { client_secret: clientSecret }),
      }),
    }).catch(away);
    const answer = (await response.json().catch(() => ({}))) as { id_token?: unknown };
    if (!response.ok || typeof answer.id_token !== 'string')
      throw wrong('The identity provider does not confirm this sign-in.');
    const who = await this.#oidc.principal(answer.id_token, String(payload.nonce));
    if (who === undefined) throw wrong('The identity provider names nobody who may come in here.');
    return { who, returnTo: localPath(String(payload.returnTo)) };
  }

  #provider() {
    return this.#oidc.provider().catch(away);
  }
}

function away(): never {
  throw new Problem(503, 'API_NO_PROVIDER', 'The identity provider does not answer.', { retryAfter: 5 });
}

const random = () => randomBytes(32).toString('base64url');

/** A path of this server: nobody is sent on to a foreign page. */
function localPath(path: string): string {
  return /^\/(?![/\\])[^\\\s]*$/.test(path) ? path : '/';
}
