import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRoleRule } from '../../../server/console/oidc-roles.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, sessions } from '../../../storage/schema.ts';
import { createTestApi, createTestConsole, statusOfTests } from '../api/api-fixture.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openBrowser } from './browser.ts';
import { type Behaviour, client, startProvider } from './fake-provider.ts';

let database: Database;
let provider: Awaited<ReturnType<typeof startProvider>>;
let api: FastifyInstance;
let nowMs: number;
beforeAll(async () => {
  database = await openTestDatabase();
  provider = await startProvider();
  return async () => {
    await provider.stop();
    await database.close();
  };
});
beforeEach(async () => {
  await database.orm.delete(audit);
  await database.orm.delete(sessions);
  provider.behave({});
  nowMs = Date.now();
  api = startServer();
});
afterAll(() => api.close());

const rules = ['groups=payments:operator', 'groups=admins:admin', 'email=boss@example.id:admin', 'role=look:viewer'];

function startServer(): FastifyInstance {
  const roles = rules.map((rule) => readRoleRule(rule)!);
  const oidc = { issuer: provider.issuer, clientId: client.id, clientSecret: client.secret, roles };
  const console = createTestConsole(database, { oidc, now: () => nowMs });
  return createTestApi({ database, console, about: () => Promise.resolve(statusOfTests) });
}

const cameBack = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const leave = () => undefined;

/** Goes to the provider, and returns to where it sends the browser: with a URL that `change` may have changed on the way. */
async function logIn({
  change = leave,
  browser = openBrowser(api),
}: { change?: (url: URL) => void; browser?: ReturnType<typeof openBrowser> } = {}) {
  const left = await browser.ask({ url: '/session/oidc' });
  const back = provider.authorize(String(left.headers.location));
  change(back);
  const answer = await browser.ask({ url: back.pathname + back.search, headers: cameBack });
  return { left, back, browser, answer };
}

const reasons = async () => (await database.orm.select().from(audit)).map(({ action, reason }) => [action, reason]);

it('logs a person in with the role that a claim gives', async () => {
  const { left, browser, answer } = await logIn();
  expect(left.status).toBe(303);
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('content="0; url=/"');
  expect((await browser.ask({ url: '/session' })).body).toMatchObject({ name: 'sari@example.id', role: 'operator' });
  expect((await browser.ask({ url: '/api/v1/status' })).status).toBe(200);
  expect((await browser.ask({ url: '/api/v1/keys' })).status).toBe(403);
});

it('asks by code with PKCE, state and nonce, and keeps them in a cookie of ten minutes', async () => {
  const { left } = await logIn();
  const { origin, pathname, searchParams } = new URL(String(left.headers.location));
  expect([origin, pathname]).toEqual([provider.issuer, '/authorize']);
  expect(Object.fromEntries(searchParams)).toEqual({
    ...{
      client_id: 'kait',
      response_type: 'code',
      scope: 'openid profile email groups',
      code_challenge_method: 'S256',
    },
    redirect_uri: 'http://127.0.0.1:8701/session/oidc/callback',
    ...{ state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/) },
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(String(left.headers['set-cookie'])).toMatch(
    /^kait-oidc-8701=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/,
  );
});

it('names the person in the audit by what nobody else can be called', async () => {
  provider.behave({ claims: { email: undefined, preferred_username: 'admin token\u0000\u202e' } });
  const { browser } = await logIn();
  expect((await browser.ask({ url: '/session' })).body).toMatchObject({ name: 'admin token' });
  const { host } = new URL(provider.issuer);
  expect(await reasons()).toMatchObject([
    ['log-in', expect.stringContaining(`by OpenID Connect as u-1 at ${host}, from 127.0.0.1`)],
  ]);
});

it('says to whoever is logged out that one can log in there', async () => {
  expect((await openBrowser(api).ask({ url: '/session' })).body).toMatchObject({ status: 401, oidc: true });
});

describe('a person is not let in', () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => Behaviour, string | RegExp]>([
    ['with the nonce of somebody else', () => ({ claims: { nonce: 'theirs' } }), /nonce/],
    ['without a nonce', () => ({ claims: { nonce: undefined } }), /nonce/],
    ['with a token for another client', () => ({ claims: { aud: 'other' } }), /aud/],
    [
      'with a token for several, and another party',
      () => ({ claims: { aud: ['kait', 'other'], azp: 'other' } }),
      /azp/,
    ],
    ['with a token of another issuer', () => ({ claims: { iss: 'https://attacker.example' } }), /iss/],
    ['with an expired token', () => ({ claims: { exp: seconds() - 60 } }), /exp/],
    ['with a token of the future', () => ({ claims: { nbf: seconds() + 3_600 } }), /nbf/],
    ['with a token that expires at no time', () => ({ claims: { exp: undefined } }), /exp/],
    ['with a token that nobody has signed', () => ({ unsigned: true }), /alg/],
    [
      'with an unsigned token, even if the provider announces that',
      () => ({ unsigned: true, metadata: { id_token_signing_alg_values_supported: ['none', 'RS256'] } }),
      /./,
    ],
    ['with a token that the client’s secret has signed', () => ({ symmetric: true }), /alg/],
    ['with a token of another key', () => ({ foreignKey: true }), /signature/],
    ['without an ID token', () => ({ noIdToken: true }), /id_token/],
    ['with a malformed subject', () => ({ claims: { sub: 'u\n1' } }), 'OpenID Connect: sub is malformed'],
    ['without the claim', () => ({ claims: { groups: undefined } }), /u-1 at .* has no role here$/],
    ['with other values of it', () => ({ claims: { groups: ['Payments', 'payments2'] } }), /has no role here$/],
    ['with a claim of another form', () => ({ claims: { groups: { payments: true } } }), /has no role here$/],
    [
      'by an address that is not proven to be theirs',
      () => ({ claims: { email: 'boss@example.id', email_verified: false, groups: [] } }),
      /has no role here$/,
    ],
    [
      'by an address that the provider says nothing about',
      () => ({ claims: { email: 'boss@example.id', email_verified: undefined, groups: [] } }),
      /has no role here$/,
    ],
  ])('%s', async (_how, behaviour, why) => {
    provider.behave(behaviour());
    const { browser, answer } = await logIn();
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('You were not logged in');
    expect((await browser.ask({ url: '/session' })).status).toBe(401);
    expect(await reasons()).toEqual([['fail-log-in', expect.stringMatching(why)]]);
    expect(await database.orm.select().from(sessions)).toEqual([]);
  });

  it('with the state of somebody else', async () => {
    const { answer } = await logIn({ change: (url) => url.searchParams.set('state', 'theirs') });
    expect(answer.status).toBe(403);
  });

  it('with two states', async () => {
    const { answer } = await logIn({ change: (url) => url.searchParams.append('state', 'theirs') });
    expect(answer.status).toBe(403);
  });

  it('who was refused at the provider', async () => {
    const { answer } = await logIn({
      change(url) {
        url.searchParams.delete('code');
        url.searchParams.set('error', 'access_denied');
        url.searchParams.set('error_description', '<script>alert(1)</script>');
      },
    });
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('script');
    expect(await reasons()).toEqual([['fail-log-in', 'OpenID Connect: the provider answered access_denied']]);
  });

  it('in a browser that has not begun the log-in', async () => {
    const { back } = await logIn();
    const answer = await openBrowser(api).ask({ url: back.pathname + back.search, headers: cameBack });
    expect(answer.status).toBe(400);
    expect(await database.orm.select().from(sessions)).toHaveLength(1);
  });

  it('by the cookie of another log-in', async () => {
    const attacker = await openBrowser(api).ask({ url: '/session/oidc' });
    const theirs = provider.authorize(String(attacker.headers.location));
    const { answer } = await logIn({ change: (url) => void (url.search = theirs.search) });
    expect(answer.status).toBe(403);
  });

  it('by a code that was used before', async () => {
    const browser = openBrowser(api);
    const left = await browser.ask({ url: '/session/oidc' });
    const kept = browser.cookie;
    const back = provider.authorize(String(left.headers.location));
    expect((await browser.ask({ url: back.pathname + back.search })).status).toBe(200);
    const again = openBrowser(api);
    again.cookie = kept;
    expect((await again.ask({ url: back.pathname + back.search })).status).toBe(403);
    expect(await reasons()).toMatchObject([
      ['log-in', expect.anything()],
      ['fail-log-in', 'OpenID Connect: the provider answered invalid_grant'],
    ]);
  });

  it('after ten minutes', async () => {
    const { answer } = await logIn({ change: () => void (nowMs += 600_000) });
    expect(answer.status).toBe(400);
  });

  it('after twenty failures from the same address', async () => {
    provider.behave({ claims: { groups: [] } });
    const statuses = [];
    for (let attempt = 0; attempt < 21; attempt += 1) statuses.push((await logIn()).answer.status);
    expect(statuses).toEqual([...Array<number>(20).fill(403), 429]);
  });
});

describe('a provider that cannot be used', () => {
  it.each<[string, Behaviour]>([
    ['is down', { status: 503 }],
    ['calls itself something else', { metadata: { issuer: 'https://attacker.example' } }],
    [
      'sends people elsewhere without TLS',
      { metadata: { authorization_endpoint: 'http://attacker.example/authorize' } },
    ],
    ['sends people to a script', { metadata: { authorization_endpoint: 'javascript:alert(1)' } }],
    ['names no place to send people to', { metadata: { authorization_endpoint: undefined } }],
    ['answers without an end', { huge: true }],
  ])('%s: nobody is sent there', async (_how, behaviour) => {
    provider.behave(behaviour);
    const answer = await openBrowser(startServer()).ask({ url: '/session/oidc' });
    expect(answer.status).toBe(503);
    expect(answer.headers).not.toHaveProperty('location');
  });

  it('is asked for tokens at the address that it named, and says 503 if nobody is there', async () => {
    provider.behave({ metadata: { token_endpoint: 'http://127.0.0.1:9/token' } });
    const { answer } = await logIn({ browser: openBrowser(startServer()) });
    expect(answer.status).toBe(503);
    expect(await reasons()).toEqual([]);
  });
});

it('is not there without the settings', async () => {
  const without = createTestApi({ database });
  expect((await openBrowser(without).ask({ url: '/session/oidc' })).status).toBe(401);
});
