import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addApiKey, revokeApiKey } from '../../../server/api/keys/api-keys.ts';
import { idOf } from '../../../server/api/keys/key-secret.ts';
import { portalToken } from '../../../server/api/portal/portal-token.ts';
import type { Scope } from '../../../server/api/scopes.ts';
import type { ConsoleAccess } from '../../../server/console/console-access.ts';
import { applyRetention } from '../../../storage/retention.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, sessions } from '../../../storage/schema.ts';
import { createTestApi, createTestConsole, problem, statusOfTests, testInstallation } from '../api/api-fixture.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { host, openBrowser, ownPage } from './browser.ts';

let database: Database;
let console: ConsoleAccess;
let api: FastifyInstance;
let nowMs: number;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.orm.delete(audit);
  await database.orm.delete(sessions);
  nowMs = Date.now();
  ({ api, console } = startServer());
});

function startServer(more: Parameters<typeof createTestConsole>[1] = {}) {
  const access = createTestConsole(database, { now: () => nowMs, ...more });
  const about = () => Promise.resolve(statusOfTests);
  return { console: access, api: createTestApi({ database, console: access, about }) };
}

async function keyOf(scope: Scope, expiresAt: Date | null = null): Promise<string> {
  const name = `${scope} ${Math.random()}`;
  return (await addApiKey(database, { name, scope, expiresAt, actor: 'test' }))!.secret;
}

const auditRows = async () => (await database.orm.select().from(audit)).filter(({ action }) => action !== 'add-key');

describe('logging in', () => {
  it('gives a cookie that no script and no other site can use', async () => {
    const answer = await openBrowser(api).logIn();
    expect(answer).toMatchObject({ status: 200, body: { name: 'admin token', role: 'admin' } });
    expect(answer.headers['set-cookie']).toMatch(
      /^kait-session-8701=[\w-]+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('tells who is logged in, until when, and the token for changes', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    expect(await browser.ask({ url: '/session', headers: ownPage })).toMatchObject({
      status: 200,
      body: {
        ...{ name: 'admin token', role: 'admin', csrf: browser.csrf() },
        expiresAt: new Date(nowMs + 12 * 3_600_000).toISOString(),
      },
    });
  });

  it('keeps nothing that opens a session', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const stored = JSON.stringify([await database.orm.select().from(sessions), await auditRows()]);
    const [, secret = ''] = browser.cookie.split('=');
    expect(stored).not.toContain(secret.slice(0, 20));
    expect(stored).not.toContain(browser.csrf());
    expect(stored).not.toContain('token-of-the-tests');
  });

  it.each<[Scope, string, number, number]>([
    ['read', 'viewer', 403, 403],
    ['operate', 'operator', 404, 403],
    ['admin', 'admin', 404, 200],
  ])('with an API key of the scope %s makes a %s', async (scope, role, operates, administers) => {
    const browser = openBrowser(api);
    expect((await browser.logIn(await keyOf(scope))).body).toMatchObject({ role });
    expect((await browser.ask({ url: '/api/v1/status' })).status).toBe(200);
    expect((await browser.ask({ url: '/api/v1/events/a/b/body' })).status).toBe(operates);
    expect((await browser.ask({ url: '/api/v1/keys' })).status).toBe(administers);
  });

  it('ends the session that the browser had before', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const before = browser.cookie;
    await browser.logIn();
    expect((await browser.ask({ url: '/session', headers: { cookie: before } })).status).toBe(401);
    expect((await browser.ask({ url: '/session' })).status).toBe(200);
  });

  it.each([
    ['no token', {}, 'token must be the admin token or an API key, but it is missing.'],
    ['an empty one', { token: '' }, 'token must be the admin token or an API key, but it is something else.'],
    ['a number', { token: 1 }, 'token must be the admin token or an API key, but it is something else.'],
    [
      'a huge one',
      { token: 'x'.repeat(1_001) },
      'token must be the admin token or an API key, but it is something else.',
    ],
    ['a line break', { token: 'a\nb' }, 'token must be the admin token or an API key, but it is something else.'],
    ['something else as well', { token: 'x', as: 'root' }, 'Unknown field "as". Allowed: token.'],
  ])('takes no body with %s', async (_what, body, detail) => {
    const answer = await openBrowser(api).ask({ method: 'POST', url: '/session', headers: ownPage, body });
    expect(answer).toMatchObject({ status: 400, body: problem(400, 'invalid-request', detail) });
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it.each([
    ['a wrong token', () => Promise.resolve('wrong'), 401, 'unauthorized'],
    ['a key that was revoked', revokedKey, 401, 'unauthorized'],
    ['a key that has expired', () => keyOf('admin', new Date(Date.now() - 1_000)), 401, 'unauthorized'],
    ['a portal link', () => Promise.resolve(tenantLink()), 403, 'missing-scope'],
  ])('refuses %s', async (_what, token, status, code) => {
    const answer = await openBrowser(api).logIn(await token());
    expect(answer).toMatchObject({ status, body: problem(status, code) });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(await database.orm.select().from(sessions)).toEqual([]);
  });

  it.each([
    { origin: 'https://attacker.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:9999' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is refused to another page: %j', async (headers) => {
    const body = { token: 'token-of-the-tests' };
    const answer = await openBrowser(api).ask({ method: 'POST', url: '/session', headers, body });
    expect(answer).toMatchObject({ status: 403, body: problem(403, 'foreign-page') });
  });

  it('takes at most 50 sessions of one key', async () => {
    const key = await keyOf('read');
    const first = openBrowser(api);
    await first.logIn(key);
    await Promise.all(Array.from({ length: 50 }, () => openBrowser(api).logIn(key)));
    nowMs += 4_000;
    expect((await database.orm.select().from(sessions)).length).toBe(50);
    expect((await first.ask({ url: '/session' })).status).toBe(401);
  });
});

async function revokedKey(): Promise<string> {
  const key = await keyOf('admin');
  await revokeApiKey(database, { id: idOf(key)!, actor: 'test' });
  return key;
}

function tenantLink(): string {
  return portalToken(testInstallation, { tenant: 'acme', expiresMs: Date.now() + 60_000, generation: 1 });
}

describe('failed attempts', () => {
  it('are bounded: past twenty from one address, even the right token is refused', async () => {
    const browser = openBrowser(api);
    const statuses = [];
    for (let attempt = 0; attempt < 21; attempt += 1) statuses.push((await browser.logIn('wrong')).status);
    expect(statuses).toEqual([...Array<number>(20).fill(401), 429]);
    const refused = await browser.logIn();
    expect(refused).toMatchObject({ status: 429, body: problem(429, 'too-many-attempts') });
    expect(refused.headers['retry-after']).toBe('5');
    const request = {
      method: 'POST' as const,
      url: '/session',
      headers: ownPage,
      body: { token: 'token-of-the-tests' },
    };
    expect((await browser.ask({ ...request, from: '203.0.113.9' })).status).toBe(200);
    nowMs += 5_000;
    expect((await browser.logIn()).status).toBe(200);
  });

  it('are in the audit without what was tried, and cannot fill it', async () => {
    const browser = openBrowser(api);
    const body = { token: 'secret-guess' };
    for (let attempt = 0; attempt < 30; attempt += 1) {
      await browser.ask({ method: 'POST', url: '/session', headers: ownPage, body, from: `203.0.113.${attempt}` });
    }
    nowMs += 60_000;
    await browser.ask({ method: 'POST', url: '/session', headers: ownPage, body, from: '198.51.100.7' });
    const rows = await auditRows();
    expect(rows).toHaveLength(21);
    expect(rows[0]).toMatchObject({
      ...{ actor: 'nobody', action: 'fail-log-in', target: 'console, from 203.0.113.0', reason: 'wrong token' },
    });
    expect(rows[20]).toMatchObject({
      target: 'console, from 198.51.100.7',
      reason: 'wrong token; and 10 more since the row before',
    });
    expect(JSON.stringify(rows)).not.toContain('secret-guess');
  });
});

describe('changes', () => {
  const change = { method: 'POST' as const, url: '/api/v1/keys' };
  const make = (name: string) => ({ ...change, body: { name, scope: 'read' } });

  it('need the session’s token and a page of the console, and name the person in the audit', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const headers = { ...ownPage, 'x-kait-csrf': browser.csrf() };
    expect((await browser.ask({ ...make('made by hand'), headers })).status).toBe(201);
    expect((await database.orm.select().from(audit)).at(-1)).toMatchObject({ action: 'add-key', actor: 'admin token' });
  });

  it.each<[string, (csrf: string) => Record<string, string>, string]>([
    ['without the token', () => ownPage, 'csrf'],
    ['with an empty token', () => ({ ...ownPage, 'x-kait-csrf': '' }), 'csrf'],
    ['with a wrong token', (csrf) => ({ ...ownPage, 'x-kait-csrf': csrf.toUpperCase() }), 'csrf'],
    ['that do not say where they come from', (csrf) => ({ 'x-kait-csrf': csrf }), 'foreign-page'],
    ['of no page', (csrf) => ({ 'sec-fetch-site': 'none', 'x-kait-csrf': csrf }), 'foreign-page'],
    ['of another port', (csrf) => ({ origin: 'http://127.0.0.1:1', 'x-kait-csrf': csrf }), 'foreign-page'],
    ['of another site', (csrf) => ({ 'sec-fetch-site': 'cross-site', 'x-kait-csrf': csrf }), 'foreign-page'],
    ['by https, which this is not', (csrf) => ({ origin: `https://${host}`, 'x-kait-csrf': csrf }), 'foreign-page'],
  ])('are refused %s', async (_what, headers, code) => {
    const browser = openBrowser(api);
    await browser.logIn();
    const answer = await browser.ask({ ...make(`refused ${_what}`), headers: headers(browser.csrf()) });
    expect(answer).toMatchObject({ status: 403, body: problem(403, code) });
  });

  it('are refused with the token of another session', async () => {
    const [mine, theirs] = [openBrowser(api), openBrowser(api)];
    await mine.logIn();
    await theirs.logIn();
    const headers = { ...ownPage, 'x-kait-csrf': theirs.csrf() };
    expect(await mine.ask({ ...make('mixed up'), headers })).toMatchObject({ status: 403, body: problem(403, 'csrf') });
  });

  it('of a program with a key need neither', async () => {
    const headers = { authorization: 'Bearer token-of-the-tests' };
    expect((await openBrowser(api).ask({ ...make('by a program'), headers })).status).toBe(201);
  });

  it('with the same idempotency key are not one change in two sessions', async () => {
    const answers = [];
    for (const name of ['first session', 'second session']) {
      const browser = openBrowser(api);
      await browser.logIn();
      const headers = { ...ownPage, 'x-kait-csrf': browser.csrf(), 'idempotency-key': 'the-same' };
      answers.push((await browser.ask({ ...make(name), headers })).body);
    }
    expect(answers).toMatchObject([{ name: 'first session' }, { name: 'second session' }]);
  });
});

describe('a cookie', () => {
  it.each<[string, (cookie: string) => string]>([
    ['that was made up', () => 'kait-session-8701=InhIg.0123456789'],
    ['that is empty', () => 'kait-session-8701='],
    ['with one character more', (cookie) => `${cookie}A`],
    ['with other content', (cookie) => cookie.replace('=I', '=J')],
    ['that is huge', () => `kait-session-8701=${'A'.repeat(10_000)}`],
    ['of another port', (cookie) => cookie.replace('8701', '8702')],
    ['twice', (cookie) => `${cookie}; ${cookie}`],
    ['beside another of the same name', (cookie) => `kait-session-8701=x; ${cookie}`],
  ])('%s opens nothing, and costs no look at the database', async (_what, change) => {
    let looks = 0;
    const browser = openBrowser(api);
    await browser.logIn();
    const counting = createTestConsole({
      ...database,
      run: (...query) => {
        looks += 1;
        return database.run(...query);
      },
    });
    const other = createTestApi({ database, console: counting, about: () => Promise.resolve(statusOfTests) });
    const answer = await openBrowser(other).ask({ url: '/api/v1/status', headers: { cookie: change(browser.cookie) } });
    expect(answer).toMatchObject({ status: 401, body: problem(401, 'unauthorized') });
    expect(looks).toBe(0);
  });

  it('of another installation opens nothing', async () => {
    const theirs = startServer({ installation: { id: 'kait-other', sealKey: new Uint8Array(32) } });
    const browser = openBrowser(theirs.api);
    await browser.logIn();
    const { cookie } = browser;
    expect((await openBrowser(api).ask({ url: '/session', headers: { cookie } })).status).toBe(401);
  });

  it('counts less than a key', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const headers = { authorization: 'Bearer wrong' };
    expect((await browser.ask({ url: '/api/v1/status', headers })).status).toBe(401);
  });

  it('is for https only where browsers come by https', async () => {
    const server = startServer({ adminUrl: 'https://kait.internal' });
    const browser = openBrowser(server.api);
    const page = { host: 'kait.internal', origin: 'https://kait.internal', 'sec-fetch-site': 'same-origin' };
    const body = { token: 'token-of-the-tests' };
    const answer = await browser.ask({ method: 'POST', url: '/session', headers: page, body });
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-kait-session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/,
    );
    const { csrf } = answer.body as { csrf: string };
    const out = { method: 'DELETE' as const, url: '/session' };
    const byHttp = { ...page, origin: 'http://kait.internal', 'x-kait-csrf': csrf };
    expect((await browser.ask({ ...out, headers: byHttp })).status).toBe(403);
    expect((await browser.ask({ ...out, headers: { ...page, 'x-kait-csrf': csrf } })).status).toBe(204);
  });

  it('is for https only behind a proxy that says so', async () => {
    const headers = { ...ownPage, origin: `https://${host}`, 'x-forwarded-proto': 'https' };
    const body = { token: 'token-of-the-tests' };
    const answer = await openBrowser(api).ask({ method: 'POST', url: '/session', headers, body });
    expect(answer.headers['set-cookie']).toMatch(/^__Host-kait-session=.*; Secure$/);
  });
});

describe('a session ends', () => {
  it('when the person logs out', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const { cookie } = browser;
    const headers = { ...ownPage, 'x-kait-csrf': browser.csrf() };
    const answer = await browser.ask({ method: 'DELETE', url: '/session', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']).toMatch(/^kait-session-8701=; .*; Max-Age=0$/);
    expect((await browser.ask({ url: '/api/v1/status', headers: { cookie } })).status).toBe(401);
    expect((await auditRows()).map(({ actor, action }) => [actor, action])).toEqual([
      ['admin token', 'log-in'],
      ['admin token', 'log-out'],
    ]);
  });

  it('for nobody else who cannot send its token', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    expect((await browser.ask({ method: 'DELETE', url: '/session', headers: ownPage })).status).toBe(403);
    expect((await browser.ask({ url: '/session' })).status).toBe(200);
  });

  it('on another server within seconds', async () => {
    const other = startServer();
    const browser = openBrowser(api);
    const elsewhere = openBrowser(other.api);
    await browser.logIn();
    elsewhere.cookie = browser.cookie;
    expect((await elsewhere.ask({ url: '/session' })).status).toBe(200);
    const headers = { ...ownPage, 'x-kait-csrf': browser.csrf() };
    await browser.ask({ method: 'DELETE', url: '/session', headers });
    nowMs += 3_000;
    expect((await elsewhere.ask({ url: '/session' })).status).toBe(401);
  });

  it('after twelve hours', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    nowMs += 12 * 3_600_000;
    expect(await browser.ask({ url: '/api/v1/status' })).toMatchObject({
      status: 401,
      body: problem(401, 'session-ended'),
    });
  });

  it('with its API key, when that expires', async () => {
    const answer = await openBrowser(api).logIn(await keyOf('read', new Date(nowMs + 3_600_000)));
    expect(answer.body).toMatchObject({ expiresAt: new Date(nowMs + 3_600_000).toISOString() });
  });

  it('with its API key, when that is revoked', async () => {
    const key = await keyOf('read');
    const browser = openBrowser(api);
    await browser.logIn(key);
    await revokeApiKey(database, { id: idOf(key)!, actor: 'test' });
    console.check.forget();
    expect((await browser.ask({ url: '/api/v1/status' })).status).toBe(401);
  });

  it('with the admin token, when that is replaced', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const restarted = startServer({ adminToken: 'another token of the tests' });
    const { cookie } = browser;
    expect((await openBrowser(restarted.api).ask({ url: '/session', headers: { cookie } })).status).toBe(401);
    const again = startServer();
    expect((await openBrowser(again.api).ask({ url: '/session', headers: { cookie } })).status).toBe(200);
  });

  it('when an operator ends it', async () => {
    const browser = openBrowser(api);
    await browser.logIn(await keyOf('read'));
    const headers = { authorization: 'Bearer token-of-the-tests' };
    const listed = await browser.ask({ url: '/api/v1/sessions', headers });
    const [{ id }] = (listed.body as { items: [{ id: string }] }).items;
    expect(listed.body).toMatchObject({ items: [{ scope: 'read', via: 'key' }], next: null });
    const end = { method: 'DELETE' as const, url: `/api/v1/sessions/${id}`, headers };
    expect((await browser.ask(end)).status).toBe(204);
    expect((await browser.ask({ url: '/api/v1/status' })).status).toBe(401);
    expect((await browser.ask(end)).status).toBe(404);
    expect((await auditRows()).at(-1)).toMatchObject({
      actor: 'admin token',
      action: 'end-session',
      target: `session ${id}`,
    });
  });

  it('and its row goes once it has expired', async () => {
    const browser = openBrowser(api);
    await browser.logIn();
    const pause = () => Promise.resolve();
    await applyRetention(database, [], { now: new Date(Date.now() + 11 * 3_600_000), pause });
    expect(await database.orm.select().from(sessions)).toHaveLength(1);
    await applyRetention(database, [], { now: new Date(Date.now() + 13 * 3_600_000), pause });
    expect(await database.orm.select().from(sessions)).toHaveLength(0);
  });
});

describe('a login link', () => {
  const open = (code: string, headers = {}) => ({ url: `/session/login?code=${code}`, headers });

  it('logs in whoever opens it first, and leads to the console', async () => {
    const code = console.links.create('ana@desk');
    const browser = openBrowser(api);
    const answer = await browser.ask(open(code, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }));
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<meta http-equiv="refresh" content="0; url=/">');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await browser.ask({ url: '/session' })).body).toMatchObject({ name: 'ana@desk', role: 'admin' });
    expect(await auditRows()).toMatchObject([{ actor: 'ana@desk', action: 'log-in' }]);
  });

  it('opens once', async () => {
    const code = console.links.create('ana@desk');
    const [first, second] = await Promise.all([openBrowser(api).ask(open(code)), openBrowser(api).ask(open(code))]);
    expect([first.status, second.status].sort()).toEqual([200, 401]);
    expect(await database.orm.select().from(sessions)).toHaveLength(1);
  });

  it('leads to the console again in the browser that it has logged in', async () => {
    const code = console.links.create('ana@desk');
    const browser = openBrowser(api);
    await browser.ask(open(code));
    expect((await browser.ask(open(code))).status).toBe(200);
    expect(await database.orm.select().from(sessions)).toHaveLength(1);
  });

  it('expires after ten minutes', async () => {
    const code = console.links.create('ana@desk');
    nowMs += 10 * 60_000;
    const answer = await openBrowser(api).ask(open(code));
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('This link was used before, or has expired');
  });

  it.each([
    ['is looked at beforehand', { 'sec-purpose': 'prefetch;prerender' }],
    ['is loaded as an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['is shown in a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['is fetched by a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ])('is not used up when it %s', async (_how, headers) => {
    const code = console.links.create('ana@desk');
    expect((await openBrowser(api).ask(open(code, headers))).status).toBe(403);
    expect((await openBrowser(api).ask(open(code))).status).toBe(200);
  });

  it('opens on this machine only', async () => {
    const code = console.links.create('ana@desk');
    expect((await openBrowser(api).ask({ ...open(code), from: '203.0.113.9' })).status).toBe(403);
    expect((await openBrowser(api).ask({ ...open(code), from: '::1' })).status).toBe(200);
  });

  it.each(['', 'x', '%00', 'a&code=b', '__proto__'])('with the code %j opens nothing', async (code) => {
    expect((await openBrowser(api).ask(open(code))).status).toBe(401);
  });

  it('is made by the API only where nobody else can reach it', async () => {
    const headers = { authorization: 'Bearer token-of-the-tests' };
    const asked = { method: 'POST' as const, url: '/api/v1/login-links', headers, body: {} };
    expect(await openBrowser(api).ask(asked)).toMatchObject({ status: 409, body: problem(409, 'not-on-loopback') });
    const local = createTestApi({ database, console, loginUrl: (name) => `http://${host}/${name}` });
    expect(await openBrowser(local).ask({ ...asked, body: { by: 'ana@desk' } })).toMatchObject({
      status: 201,
      body: { url: `http://${host}/ana@desk` },
    });
  });
});

it('says that nobody is logged in', async () => {
  expect(await openBrowser(api).ask({ url: '/session' })).toMatchObject({
    status: 401,
    body: problem(401, 'no-session'),
  });
});

it('answers 503 while sessions cannot be looked up', async () => {
  const browser = openBrowser(api);
  await browser.logIn();
  const broken = createTestConsole({ ...database, run: () => Promise.reject(new Error('gone')) });
  const other = openBrowser(createTestApi({ database, console: broken }));
  const { cookie } = browser;
  expect((await other.ask({ url: '/session', headers: { cookie } })).status).toBe(503);
  expect((await other.ask({ url: '/api/v1/status', headers: { cookie } })).status).toBe(503);
});
