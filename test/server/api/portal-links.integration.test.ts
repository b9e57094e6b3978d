import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEndpointStore } from '../../../activities/outbound/endpoints.ts';
import { routesOf } from '../../../server/api/describe-api.ts';
import { portalToken } from '../../../server/api/portal/portal-token.ts';
import { noEventTypes } from '../../../language/event-types.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, deliveries, messages } from '../../../storage/schema.ts';
import { parseNetworks } from '../../../http/networks.ts';
import { secretKeys } from '../../activities/outbound/endpoint-row.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { createTestApi, problem, testInstallation } from './api-fixture.ts';

let database: Database;
let api: ReturnType<typeof createTestApi>;
let ofAcme: string;
beforeAll(async () => {
  database = await openTestDatabase();
  const endpoints = createEndpointStore({
    ...{ database, secretKeys, clock: () => new Date(), allow: parseNetworks(['10.0.0.0/8']) },
    resolve: () => Promise.resolve([{ address: '8.8.8.8', family: 4 }]),
    tenantLimits: { endpoints: 3, concurrency: 10 },
  });
  const catalogue = { types: noEventTypes, problems: [] };
  api = createTestApi({ database, endpoints, eventCatalogue: () => catalogue as never });
  ofAcme = (await ask('acme', 'POST', '/endpoints', shop)).body.id;
  const at = new Date('2026-01-01T00:00:00Z');
  const row = { type: 'order.paid', body: '{}', createdAt: at };
  await database.orm
    .insert(messages)
    .values(['acme', 'other', 'operator'].map((id) => ({ ...row, id, idempotencyKey: `k/${id}` })));
  const delivery = { url: shop.url, createdAt: at, state: 'refused' as const, lastStatus: 404 };
  await database.orm.insert(deliveries).values([
    { ...delivery, id: 'dlv_acme', message: 'acme', endpoint: ofAcme, tenant: 'acme' },
    { ...delivery, id: 'dlv_other', message: 'other', endpoint: 'ep_other', tenant: 'other' },
    { ...delivery, id: 'dlv_operator', message: 'operator', endpoint: 'ep_operator', tenant: null },
  ]);
});
afterAll(async () => {
  await api.close();
  await database.close();
});

const shop = { url: 'https://shop.example/', patterns: ['*'] };
const tokenOf = (tenant: string, more = {}) =>
  portalToken(testInstallation, { tenant, expiresMs: Date.now() + 60_000, generation: 1, ...more });

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';

async function askWith(token: string, method: Method, url: string, body?: object, headers = {}) {
  const response = await api.inject({
    ...{ method, url: `/api/v1${url}`, headers: { authorization: `Bearer ${token}`, ...headers } },
    ...(body !== undefined && { payload: body }),
  });
  const json = response.body === '' ? {} : response.json<object>();
  return {
    status: response.statusCode,
    body: json as Record<string, unknown> & { id: string; items: { id: string }[]; next: string },
  };
}

const ask = (tenant: string, ...request: [Method, string, object?, object?]) => askWith(tokenOf(tenant), ...request);

/** Every route, and whether portal links open it. A new one is refused, unless somebody adds it here on purpose. */
const open = [
  ...['GET /endpoints', 'POST /endpoints', 'GET /endpoints/{endpoint}', 'PATCH /endpoints/{endpoint}'],
  ...['POST /endpoints/{endpoint}/pause', 'POST /endpoints/{endpoint}/resume', 'POST /endpoints/{endpoint}/rotate'],
  ...['POST /endpoints/{endpoint}/test', 'DELETE /endpoints/{endpoint}', 'GET /endpoints/{endpoint}/health'],
  'GET /portal',
  ...['GET /deliveries', 'GET /deliveries/{delivery}', 'POST /deliveries/{delivery}/retry'],
  ...['POST /replays', 'GET /replays', 'GET /replays/{replay}', 'POST /replays/{replay}/pause'],
  ...['POST /replays/{replay}/resume', 'POST /replays/{replay}/cancel'],
  ...['GET /event-types', 'GET /event-types/asyncapi.json', 'GET /event-types/openapi.json'],
];
const all = routesOf().map(({ method, path }) => ({ name: `${method.toUpperCase()} ${path}`, method, path }));

describe('a portal link', () => {
  it('knows every route that it opens', () => {
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(open));
    expect(all.length).toBeGreaterThan(50);
  });

  it.each(all.filter(({ name }) => !open.includes(name)))('does not open $name', async ({ method, path }) => {
    const url = path.replaceAll(/\{\w+\}/g, 'a');
    const answer = await ask('acme', method.toUpperCase() as Method, url);
    const detail = 'A portal link opens only the endpoints, deliveries and event types of its tenant.';
    expect(answer).toEqual({ status: 403, body: problem(403, 'missing-scope', detail) });
  });

  it('tells whose portal it is', async () => {
    const body = { tenant: 'acme', name: 'Webhooks', accent: '#3b4fd8' };
    expect(await ask('acme', 'GET', '/portal')).toEqual({ status: 200, body });
  });

  it('tells the health of its own endpoints only', async () => {
    const { id } = (await ask('healthy', 'POST', '/endpoints', shop)).body;
    expect((await ask('healthy', 'GET', `/endpoints/${id}/health`)).status).toBe(200);
    expect((await ask('globex', 'GET', `/endpoints/${id}/health`)).status).toBe(404);
  });

  it.each(['/nothing', '/../metrics'])('does not say whether there is %s', async (url) => {
    expect((await ask('acme', 'GET', url)).status).toBe(403);
  });

  it('shows its tenant its own endpoints only', async () => {
    expect((await ask('acme', 'GET', '/endpoints')).body.items.map(({ id }) => id)).toEqual([ofAcme]);
    expect((await ask('other', 'GET', '/endpoints')).body.items).toEqual([]);
    expect((await ask('other', 'GET', '/endpoints?tenant=acme')).status).toBe(403);
  });

  it.each<[Method, string, object?]>([
    ['GET', ''],
    ['PATCH', '', { description: 'mine' }],
    ['POST', '/pause', {}],
    ['POST', '/resume', {}],
    ['POST', '/rotate', {}],
    ['POST', '/test', {}],
    ['DELETE', ''],
  ])('answers as if the endpoint of another tenant did not exist: %s %s', async (method, path, body) => {
    const guessed = await ask('other', method, `/endpoints/ep_${'0'.repeat(32)}${path}`, body);
    const theirs = await ask('other', method, `/endpoints/${ofAcme}${path}`, body);
    expect(theirs).toEqual(guessed);
    expect(theirs).toMatchObject({ status: 404 });
    expect((await ask('acme', 'GET', `/endpoints/${ofAcme}`)).body).toMatchObject({ version: 1, state: 'enabled' });
  });

  it('shows its tenant its own deliveries only, without the runs behind them', async () => {
    const { items } = (await ask('acme', 'GET', '/deliveries')).body;
    expect(items).toMatchObject([{ id: 'dlv_acme', run: null, orderId: null, lastStatus: 404 }]);
    const one = await ask('acme', 'GET', '/deliveries/dlv_acme');
    expect(one.body).toMatchObject({ id: 'dlv_acme', run: null, orderId: null, activityId: null });
    expect((await ask('other', 'GET', '/deliveries/dlv_acme')).status).toBe(404);
    expect((await ask('acme', 'GET', '/deliveries?order=INV-1')).status).toBe(403);
  });

  it('sends its tenant’s own deliveries again, and no others', async () => {
    const retry = (tenant: string, id: string) => ask(tenant, 'POST', `/deliveries/${id}/retry`, {});
    const unknown = { retried: false, why: 'unknown', parkedBecause: null };
    expect((await retry('other', 'dlv_acme')).body).toEqual(unknown);
    expect((await retry('acme', 'dlv_operator')).body).toEqual(unknown);
    expect((await retry('acme', 'dlv_acme')).body).toEqual({ retried: true, why: null, parkedBecause: null });
  });

  it('takes no cursor of another tenant', async () => {
    await ask('pages', 'POST', '/endpoints', shop);
    await ask('pages', 'POST', '/endpoints', shop);
    const { next } = (await ask('pages', 'GET', '/endpoints?limit=1')).body;
    expect((await ask('pages', 'GET', `/endpoints?limit=1&cursor=${next}`)).body.items).toHaveLength(1);
    expect((await ask('acme', 'GET', `/endpoints?limit=1&cursor=${next}`)).status).toBe(400);
    expect((await askWith('token-of-the-tests', 'GET', `/endpoints?limit=1&cursor=${next}`)).status).toBe(400);
  });

  it('gives no tenant the answer to another tenant’s idempotency key', async () => {
    const key = { 'idempotency-key': 'the-same' };
    const one = await ask('one', 'POST', '/endpoints', shop, key);
    const two = await ask('two', 'POST', '/endpoints', shop, key);
    expect([one.body.tenant, two.body.tenant]).toEqual(['one', 'two']);
    expect(two.body.id).not.toBe(one.body.id);
  });

  it('adds endpoints for its own tenant only, within the limits', async () => {
    const add = (more: object) => ask('limited', 'POST', '/endpoints', { ...shop, ...more });
    expect((await add({ tenant: 'acme' })).status).toBe(403);
    expect((await add({ url: 'https://10.1.1.1/' })).body).toMatchObject({ code: 'KAIT_ENDPOINT_URL_INVALID' });
    expect((await add({ concurrency: 11 })).body).toMatchObject({ detail: 'Expected a concurrency of at most 10.' });
    const added = await Promise.all([1, 2, 3, 4, 5].map(() => add({})));
    expect(added.map(({ status }) => status).sort()).toEqual([201, 201, 201, 400, 400]);
    const { id } = added.find(({ status }) => status === 201)!.body;
    const edited = await ask('limited', 'PATCH', `/endpoints/${id}`, { url: 'https://10.1.1.1/' });
    expect(edited.body).toMatchObject({ code: 'KAIT_ENDPOINT_URL_INVALID' });
  });

  it('is what the audit names', async () => {
    await ask('audited', 'POST', '/endpoints', { ...shop, by: 'ana' });
    const rows = await database.orm.select().from(audit).orderBy(audit.id);
    expect(rows.at(-1)).toMatchObject({ actor: 'ana (tenant audited)', action: 'add-endpoint' });
  });

  it.each<[string, () => string]>([
    ['that has expired', () => tokenOf('acme', { expiresMs: Date.now() - 1 })],
    ['of an earlier generation', () => tokenOf('acme', { generation: 0 })],
    [
      'that another installation has made',
      () => portalToken({ sealKey: new Uint8Array(32).fill(1) }, { tenant: 'acme', expiresMs: 9e12, generation: 1 }),
    ],
    ['that was changed', () => tokenOf('acme').replace('kaitp_', 'kaitp_A')],
    [
      'with the seal of another',
      () => `${tokenOf('acme').split('.')[0] ?? ''}.${tokenOf('other').split('.')[1] ?? ''}`,
    ],
    ['without a seal', () => tokenOf('acme').split('.')[0] ?? ''],
    ['that is empty', () => 'kaitp_'],
  ])('opens nothing if it is one %s', async (_what, token) => {
    expect((await askWith(token(), 'GET', '/endpoints')).status).toBe(401);
  });

  it('is made and revoked by an administrator', async () => {
    const made = await askWith('token-of-the-tests', 'POST', '/portal-links', {
      tenant: 'shop-7',
      expires: '2h',
      by: 'ana',
    });
    const { token } = made.body as unknown as { token: string };
    expect(made).toMatchObject({ status: 201, body: { tenant: 'shop-7' } });
    expect((await askWith(token, 'GET', '/endpoints')).status).toBe(200);
    expect((await askWith('token-of-the-tests', 'DELETE', '/portal-links/shop-7')).status).toBe(204);
    expect((await askWith(token, 'GET', '/endpoints')).body).toMatchObject({ detail: 'This portal link was revoked.' });
    expect((await askWith(tokenOf('shop-7', { generation: 2 }), 'GET', '/endpoints')).status).toBe(200);
    const rows = await database.orm.select().from(audit).orderBy(audit.id);
    expect(rows.slice(-2)).toMatchObject([
      { action: 'add-portal-link', target: 'tenant shop-7', actor: 'ana (admin token)' },
      { action: 'revoke-portal-links', target: 'tenant shop-7' },
    ]);
  });

  it.each([{ tenant: 'a b' }, { tenant: '' }, { tenant: 'a', expires: '31d' }, { tenant: 'a', expires: '0s' }])(
    'is not made for %j',
    async (body) => {
      expect((await askWith('token-of-the-tests', 'POST', '/portal-links', body)).status).toBe(400);
    },
  );
});
