import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

/** How the provider misbehaves, or what it says of the person. */
export interface Behaviour {
  /** Replace claims of the ID token. Undefined takes one away. */
  claims?: Record<string, unknown>;
  /** Signs with a key that it does not publish. */
  foreignKey?: true;
  /** Does not sign at all. */
  unsigned?: true;
  /** Signs with the client's secret, as with HS256. */
  symmetric?: true;
  noIdToken?: true;
  /** Replaces fields of the answer about itself. */
  metadata?: Record<string, unknown>;
  /** The status of every answer. */
  status?: number;
  /** Answers more than anybody should read. */
  huge?: true;
}

export const client = { id: 'kait', secret: 'hunter2-hunter2' };

/** An OpenID provider on loopback. `authorize` is what happens in the browser: it returns where the provider sends it back to. A real browser is sent there. */
export async function startProvider() {
  const behaviour: { current: Behaviour } = { current: {} };
  const keys = await generateKeyPair('RS256', { extractable: true });
  const foreign = await generateKeyPair('RS256');
  const codes = new Map<string, URLSearchParams>();
  let issuer = '';
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/authorize?') === true) {
      response.writeHead(302, { location: authorize(`${issuer}${request.url}`).href }).end();
      return;
    }
    void answer(request).then(({ status, body }) => {
      response.writeHead(behaviour.current.status ?? status, { 'content-type': 'application/json' });
      response.end(behaviour.current.huge === true ? JSON.stringify('x'.repeat(1_000_000)) : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    if (request.url === '/.well-known/openid-configuration') {
      const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
      const more = { jwks_uri: `${issuer}/jwks`, scopes_supported: ['openid', 'groups'] };
      return { status: 200, body: { issuer, ...endpoints, ...more, ...behaviour.current.metadata } };
    }
    if (request.url === '/jwks') {
      return {
        status: 200,
        body: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] },
      };
    }
    let text = '';
    for await (const part of request) text += String(part);
    return token(new URLSearchParams(text), request.headers.authorization ?? '');
  }

  async function token(given: URLSearchParams, authorization: string): Promise<{ status: number; body: unknown }> {
    // RFC 6749, section 2.3.1: both are encoded as in a form before they are joined.
    const basic = decodeURIComponent(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString());
    if (basic !== `${client.id}:${client.secret}`) return { status: 401, body: { error: 'invalid_client' } };
    const asked = codes.get(given.get('code') ?? '');
    codes.delete(given.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url');
    const fits = asked?.get('code_challenge') === challenge && asked.get('redirect_uri') === given.get('redirect_uri');
    if (asked === undefined || !fits) return { status: 400, body: { error: 'invalid_grant' } };
    const idToken = await idTokenFor(asked.get('nonce') ?? '');
    const body = { access_token: 'opaque', token_type: 'Bearer', expires_in: 60 };
    return { status: 200, body: behaviour.current.noIdToken === true ? body : { ...body, id_token: idToken } };
  }

  function idTokenFor(nonce: string): string | Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: issuer, aud: client.id, sub: 'u-1', nonce, iat: seconds, exp: seconds + 300 },
      ...{ email: 'sari@example.id', email_verified: true, groups: ['payments', 'staff'] },
      ...behaviour.current.claims,
    };
    const payload = JSON.parse(JSON.stringify(claims)) as Record<string, unknown>;
    if (behaviour.current.unsigned === true) return new UnsecuredJWT(payload).encode();
    if (behaviour.current.symmetric === true) {
      return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(client.secret.padEnd(32, '0')));
    }
    const key = behaviour.current.foreignKey === true ? foreign.privateKey : keys.privateKey;
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);
  }

  function authorize(url: string): URL {
    const { searchParams: asked } = new URL(url);
    const code = randomUUID();
    codes.set(code, asked);
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    return back;
  }

  return {
    issuer,
    behave: (next: Behaviour) => void (behaviour.current = next),
    authorize,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
