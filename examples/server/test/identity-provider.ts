import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** A stand-in for an identity provider: whoever comes is Grace, and is sent back at once. */
export async function identityProvider() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
  const asked = new Map<string, URLSearchParams>();
  const role = { of: 'operator' };
  let url = '';
  const server: Server = createServer((request, response) => {
    const at = new URL(request.url ?? '/', url);
    const json = (body: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (at.pathname === '/.well-known/openid-configuration')
      return json({
        jwks_uri: `${url}/keys`,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
      });
    if (at.pathname === '/keys') return json({ keys: [jwk] });
    if (at.pathname === '/authorize') {
      const code = `code-${asked.size}`;
      asked.set(code, at.searchParams);
      const back = new URL(at.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', at.searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.toString() });
      return response.end();
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', async () => {
      const form = new URLSearchParams(body);
      const query = asked.get(form.get('code') ?? '');
      asked.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const fine =
        query?.get('code_challenge') === challenge &&
        query.get('redirect_uri') === form.get('redirect_uri') &&
        form.get('client_secret') === 'of the dashboard';
      if (!fine) return json({ error: 'invalid_grant' }, 400);
      const token = await new SignJWT({
        name: 'Grace',
        nonce: query.get('nonce') ?? '',
        twinergy_role: role.of,
        twinergy_tenant: 'default',
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer(url)
        .setAudience('dashboard')
        .setSubject('grace')
        .setExpirationTime('5m')
        .sign(privateKey);
      return json({ id_token: token, token_type: 'Bearer' });
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return { url, role, close: () => server.close() };
}

/** The environment of a server that lets people sign in there. */
export const signInThere = (issuer: string) => ({
  TWINERGY_OIDC_ISSUER: issuer,
  TWINERGY_OIDC_AUDIENCE: 'twinergy',
  TWINERGY_OIDC_CLIENT_ID: 'dashboard',
  TWINERGY_OIDC_CLIENT_SECRET: 'of the dashboard',
});
