import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { createOauthTokens, type OauthClient, type OauthTokens } from '../../http/oauth-client-credentials.ts';
import { parseNetworks } from '../../http/networks.ts';
import { type HttpReceiver, startHttpReceiver } from '../activities/http-receiver.ts';

let server: HttpReceiver;
let dispatcher: Dispatcher;
let tokens: OauthTokens;
let now: number;
beforeEach(async () => {
  server = await startHttpReceiver();
  now = Date.parse('2026-11-25T08:00:00.000Z');
  start('127.0.0.0/8');
});
afterEach(async () => {
  await dispatcher.destroy();
  await server.close();
});

function start(...allow: string[]) {
  dispatcher = createGuardedAgent({
    allow: parseNetworks(allow),
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
  });
  tokens = createOauthTokens({ dispatcher, clock: () => new Date(now), userAgent: 'Kait/test' }, { most: 2 });
}

const client = (changes: Partial<OauthClient> = {}): OauthClient => ({
  tokenUrl: `${server.origin}/token`,
  clientId: 'kait:shop',
  clientSecret: 'p@ss word+1',
  scope: 'webhooks write',
  audience: null,
  method: 'client_secret_basic',
  ...changes,
});

function json(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Gives `t1`, `t2` and so on. */
function giveTokens(changes: Record<string, unknown> = {}) {
  let given = 0;
  server.answer((response) => {
    given += 1;
    json(response, 200, { access_token: `t${given}`, token_type: 'Bearer', expires_in: 3_600, ...changes });
  });
}

describe('the request for a token', () => {
  it('is a form with the client in Basic, encoded as RFC 6749 says', async () => {
    giveTokens();
    expect(await tokens.tokenFor(client({ audience: 'https://api.example' }))).toEqual({ kind: 'token', token: 't1' });
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/token',
        headers: {
          'user-agent': 'Kait/test',
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
          authorization: `Basic ${Buffer.from('kait%3Ashop:p%40ss+word%2B1').toString('base64')}`,
        },
      },
    ]);
    expect(Object.fromEntries(new URLSearchParams(server.received[0]!.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'webhooks write',
      audience: 'https://api.example',
    });
  });

  it('can have the client in the form', async () => {
    giveTokens();
    await tokens.tokenFor(client({ method: 'client_secret_post', scope: null }));
    expect(server.received[0]!.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(server.received[0]!.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'kait:shop',
      client_secret: 'p@ss word+1',
    });
  });
});

describe('a token', () => {
  it('is fetched once for all who ask at the same time, and kept', async () => {
    giveTokens();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => tokens.tokenFor(client())));
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ kind: 'token', token: 't1' })));
    expect(await tokens.tokenFor(client())).toEqual({ kind: 'token', token: 't1' });
    expect(server.received).toHaveLength(1);
  });

  it.each([
    [3_600, 3_539_000, 't1'],
    [3_600, 3_541_000, 't2'],
    ['3600', 3_539_000, 't1'],
    [10, 8_000, 't1'],
    [10, 9_500, 't2'],
    [0, 0, 't2'],
    [undefined, 200_000, 't1'],
    [undefined, 300_000, 't2'],
    [1e12, 80_000_000, 't1'],
    [1e12, 90_000_000, 't2'],
  ])('with a life of %s s is, after %i ms, %s', async (expiresIn, laterMs, expected) => {
    giveTokens({ expires_in: expiresIn });
    await tokens.tokenFor(client());
    now += laterMs;
    expect(await tokens.tokenFor(client())).toEqual({ kind: 'token', token: expected });
  });

  it('is fetched anew if a receiver rejects it, and only once for all who say so', async () => {
    giveTokens();
    await tokens.tokenFor(client());
    const again = await Promise.all([1, 2, 3].map(() => tokens.tokenFor(client(), { rejected: 't1' })));
    expect(again).toEqual(Array.from({ length: 3 }, () => ({ kind: 'token', token: 't2' })));
    expect(await tokens.tokenFor(client(), { rejected: 't1' })).toEqual({ kind: 'token', token: 't2' });
    expect(server.received).toHaveLength(2);
  });

  it.each([
    { tokenUrl: '/other' },
    { clientId: 'other' },
    { clientSecret: 'other' },
    { scope: null },
    { audience: 'other' },
    { method: 'client_secret_post' as const },
  ])('is not given to another client: %j', async (changes) => {
    giveTokens();
    await tokens.tokenFor(client());
    const other = client({ ...changes, tokenUrl: new URL(changes.tokenUrl ?? '/token', server.origin).href });
    expect(await tokens.tokenFor(other)).toEqual({ kind: 'token', token: 't2' });
  });

  it('is forgotten if too many others came after it', async () => {
    giveTokens();
    await tokens.tokenFor(client({ scope: 'a' }));
    await tokens.tokenFor(client({ scope: 'b' }));
    await tokens.tokenFor(client({ scope: 'c' }));
    expect(await tokens.tokenFor(client({ scope: 'c' }))).toEqual({ kind: 'token', token: 't3' });
    expect(await tokens.tokenFor(client({ scope: 'a' }))).toEqual({ kind: 'token', token: 't4' });
  });
});

describe('without a token', () => {
  const secretText = 'p@ss word+1';
  it.each<[string, (response: ServerResponse) => void, string]>([
    [
      'an error of OAuth2',
      (response) => json(response, 400, { error: 'invalid_client', error_description: secretText }),
      'no OAuth2 token: HTTP 400, invalid_client',
    ],
    [
      'a challenge',
      (response) => response.writeHead(401, { 'www-authenticate': `Basic realm="${secretText}"` }).end(),
      'no OAuth2 token: HTTP 401',
    ],
    ['an error that is no code', (response) => json(response, 400, { error: secretText }), 'no OAuth2 token: HTTP 400'],
    ['a failure', (response) => response.writeHead(500).end(secretText), 'no OAuth2 token: HTTP 500'],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
      'no OAuth2 token: HTTP 302',
    ],
    ['nothing', (response) => response.writeHead(204).end(), 'no OAuth2 token: HTTP 204'],
    ['no JSON', (response) => response.writeHead(200).end(secretText), 'no OAuth2 token: the answer has none'],
    ['no token', (response) => json(response, 200, { token_type: 'bearer' }), 'no OAuth2 token: the answer has none'],
    [
      'another kind of token',
      (response) => json(response, 200, { access_token: 't1', token_type: 'mac' }),
      'no OAuth2 token: the answer has none',
    ],
    [
      'a token with a line break',
      (response) => json(response, 200, { access_token: 't1\r\nx: y', token_type: 'bearer' }),
      'the OAuth2 token cannot be sent in a header',
    ],
    [
      'an answer that is too long',
      (response) => json(response, 200, { access_token: 'x'.repeat(70_000), token_type: 'bearer' }),
      'no OAuth2 token: the answer is too long or incomplete',
    ],
    ['a broken connection', (response) => response.destroy(), 'no OAuth2 token: no answer (UND_ERR_SOCKET)'],
  ])('the reason says no more than it may: %s', async (_what, answer, reason) => {
    server.answer(answer);
    expect(await tokens.tokenFor(client())).toEqual({ kind: 'failed', reason });
    giveTokens();
    expect(await tokens.tokenFor(client())).toEqual({ kind: 'token', token: 't1' });
  });

  it('a server in a private network is refused like any receiver', async () => {
    await dispatcher.destroy();
    start();
    expect(await tokens.tokenFor(client())).toEqual({
      kind: 'refused',
      reason:
        'no OAuth2 token: 127.0.0.1 leads into a private network. To allow it, add the network to KAIT_OUTBOUND_ALLOW',
    });
    expect(server.received).toEqual([]);
  });
});
