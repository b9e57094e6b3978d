import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointSecrets } from '../../../activities/outbound/endpoint-secrets.ts';
import { sendToEndpoint } from '../../../activities/outbound/send-to-endpoint.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { createIdentityAgents, type IdentityAgents } from '../../../http/identity-agents.ts';
import { parseNetworks } from '../../../http/networks.ts';
import { createOauthTokens } from '../../../http/oauth-client-credentials.ts';
import { clientCertificate, serverCertificate, testCa } from '../../http/test-certificates.ts';
import { type HttpReceiver, startHttpReceiver } from '../http-receiver.ts';

const options = {
  allow: parseNetworks(['127.0.0.0/8']),
  resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
};
const identity = { certificate: clientCertificate.cert, key: clientCertificate.key, authority: testCa };

let receiver: HttpReceiver;
let dispatcher: Dispatcher;
let agents: IdentityAgents;
beforeEach(async () => {
  receiver = await startHttpReceiver();
  dispatcher = createGuardedAgent(options);
  agents = createIdentityAgents(options, { most: 2 });
});
afterEach(async () => {
  await agents.close();
  await dispatcher.destroy();
  await receiver.close();
});

function send(secrets: Partial<EndpointSecrets>, changes: { url?: string; timeoutMs?: number } = {}) {
  const clock = () => new Date('2026-11-25T08:00:00.000Z');
  const tokens = createOauthTokens({ dispatcher, clock, userAgent: 'Kait/test' });
  return sendToEndpoint(
    { dispatcher, credentials: { agents, tokens } },
    { headers: {}, auth: null, clientCertificate: null, ...secrets },
    {
      url: `${receiver.origin}/hook`,
      method: 'POST',
      headers: { 'User-Agent': 'Kait/test', 'X-Shop': 'from the message' },
      signature: { 'webhook-signature': 'v1,genuine' },
      body: '{}',
      timeoutMs: 5_000,
      maxBodyBytes: 1_024,
      ...changes,
    },
  );
}

describe('an endpoint gets', () => {
  it.each<[string, Partial<EndpointSecrets>, Record<string, string>]>([
    ['its own headers', { headers: { 'x-api-key': 'k1', 'X-Shop': 'shop' } }, { 'x-api-key': 'k1', 'x-shop': 'shop' }],
    [
      'Basic authentication in UTF-8',
      { auth: { kind: 'basic', username: 'shop', password: 'pä:ss' } },
      { authorization: 'Basic c2hvcDpww6Q6c3M=' },
    ],
    ['a bearer token', { auth: { kind: 'bearer', token: 'tok_1' } }, { authorization: 'Bearer tok_1' }],
    [
      'its authentication rather than a header of the same name',
      { headers: { Authorization: 'other' }, auth: { kind: 'bearer', token: 'tok_1' } },
      { authorization: 'Bearer tok_1' },
    ],
    [
      'the signature, whatever headers it wants',
      { headers: { 'Webhook-Signature': 'v1,forged' } },
      { 'webhook-signature': 'v1,genuine' },
    ],
  ])('%s', async (_what, secrets, headers) => {
    expect(await send(secrets)).toMatchObject({ kind: 'answered', status: 204 });
    expect(receiver.received).toMatchObject([{ headers: { 'user-agent': 'Kait/test', ...headers } }]);
  });

  it.each([{ headers: { 'x-api-key': 'a\r\nx: y' } }, { auth: { kind: 'bearer' as const, token: 'a\nb' } }])(
    'nothing if a header could not be sent: %j',
    async (secrets) => {
      expect((await send(secrets)).kind).toBe('refused');
      expect(receiver.received).toEqual([]);
    },
  );
});

describe('an endpoint with OAuth2', () => {
  const oauth = (): EndpointSecrets['auth'] => ({
    ...{ kind: 'oauth2', tokenUrl: `${receiver.origin}/token`, clientId: 'shop', clientSecret: 'secret_1' },
    ...{ scope: null, audience: null, method: 'client_secret_basic' },
  });
  /** Gives the tokens `t1`, `t2` and so on; the hook answers 401 unless the token is one of `valid`. */
  function answer(valid: string[]) {
    let given = 0;
    receiver.answer((response, { path, headers }) => {
      const token = () => {
        given += 1;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ access_token: `t${given}`, token_type: 'bearer' }));
      };
      const hook = () => {
        response.writeHead(valid.includes(headers.authorization ?? '') ? 204 : 401).end();
      };
      new Map([
        ['/token', token],
        ['/hook', hook],
      ]).get(path)?.();
    });
  }
  const paths = () => receiver.received.map(({ path }) => path);

  it('gets a token', async () => {
    answer(['Bearer t1']);
    expect(await send({ auth: oauth() })).toMatchObject({ kind: 'answered', status: 204 });
    expect(paths()).toEqual(['/token', '/hook']);
  });

  it('gets a new token after a 401', async () => {
    answer(['Bearer t2']);
    expect(await send({ auth: oauth() })).toMatchObject({ kind: 'answered', status: 204 });
    expect(paths()).toEqual(['/token', '/hook', '/token', '/hook']);
  });

  it('cannot give away the token, which nobody else knows', async () => {
    receiver.answer((response, { path, headers }) => {
      const isToken = path === '/token';
      const repeated = `no: ${headers.authorization ?? ''}`;
      response.writeHead(isToken ? 200 : 403, { 'content-type': 'application/json', 'x-repeated': repeated });
      response.end(isToken ? '{"access_token": "0123456789abcdef", "token_type": "bearer"}' : repeated);
    });
    const sent = await send({ auth: oauth() });
    expect(sent).toMatchObject({ status: 403, headers: { 'x-repeated': 'no: Bearer [secret]' } });
    expect(sent).toMatchObject({ body: Buffer.from('no: Bearer [secret]') });
  });

  it('gets no third token', async () => {
    answer(['Bearer t3']);
    expect(await send({ auth: oauth() })).toMatchObject({ kind: 'answered', status: 401 });
    expect(paths()).toEqual(['/token', '/hook', '/token', '/hook']);
  });

  it('gets nothing if there is no token, and the attempt can be repeated', async () => {
    receiver.answer((response) => response.writeHead(503).end('secret_1'));
    expect(await send({ auth: oauth() })).toMatchObject({
      kind: 'unanswered',
      reason: 'no OAuth2 token: HTTP 503',
      unsent: true,
    });
    expect(paths()).toEqual(['/token']);
  });

  it('waits for a token no longer than for an answer', async () => {
    receiver.answer(() => undefined);
    expect(await send({ auth: oauth() }, { timeoutMs: 50 })).toMatchObject({
      kind: 'unanswered',
      reason: 'no OAuth2 token: no answer within 50 ms',
      unsent: true,
    });
  });
});

describe('an endpoint with a client certificate', () => {
  let secure: Server;
  let subjects: string[];
  let url: string;
  beforeEach(async () => {
    subjects = [];
    const wanted = { ...serverCertificate, ca: testCa, requestCert: true, rejectUnauthorized: true };
    secure = createServer(wanted, (_request, response) => void response.writeHead(204).end());
    secure.on('secureConnection', (socket: TLSSocket) => subjects.push(String(socket.getPeerCertificate().subject.CN)));
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    url = `https://receiver.example:${(secure.address() as AddressInfo).port}/hook`;
  });
  afterEach(() => {
    secure.closeAllConnections();
    secure.close();
  });

  it('is shown it', async () => {
    expect(await send({ clientCertificate: identity }, { url })).toMatchObject({ kind: 'answered', status: 204 });
    expect(subjects).toEqual(['shop-client']);
  });

  it('is not reached with the connection of another endpoint', async () => {
    await send({ clientCertificate: identity }, { url });
    const sent = await send({}, { url });
    expect(sent).toMatchObject({ kind: 'unanswered' });
    expect(subjects).toEqual(['shop-client']);
  });

  it('is trusted only by its own authority', async () => {
    const sent = await send({ clientCertificate: { ...identity, authority: null } }, { url });
    expect(sent).toMatchObject({ kind: 'unanswered', reason: 'no answer (SELF_SIGNED_CERT_IN_CHAIN)' });
    expect(subjects).toEqual([]);
  });

  it.each([
    ['no certificate', { ...identity, certificate: 'secret' }],
    ['no key', { ...identity, key: 'secret' }],
    ['the key of another', { ...identity, key: serverCertificate.key }],
    ['no authority', { ...identity, authority: '-----BEGIN CERTIFICATE-----\nsecret\n-----END CERTIFICATE-----' }],
  ])('gets nothing with %s', async (_what, wrong) => {
    expect(await send({ clientCertificate: wrong }, { url })).toMatchObject({
      kind: 'unanswered',
      reason: 'nothing was sent: the client certificate, its private key or the authority cannot be used',
      unsent: true,
    });
  });

  it('shares an agent with others of the same certificate, and is dropped when others come', () => {
    const first = agents.agentWith(identity);
    expect(agents.agentWith({ ...identity })).toBe(first);
    agents.agentWith({ ...identity, authority: null });
    expect(agents.agentWith(identity)).toBe(first);
    agents.agentWith({ ...identity, authority: serverCertificate.cert });
    expect(agents.agentWith(identity)).toBe(first);
    agents.agentWith({ ...identity, authority: null });
    agents.agentWith({ ...identity, authority: serverCertificate.cert });
    expect(agents.agentWith(identity)).not.toBe(first);
  });
});
