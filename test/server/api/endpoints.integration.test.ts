import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEndpointStore } from '../../../activities/outbound/endpoints.ts';
import type { Database } from '../../../storage/database.ts';
import { attempts, audit, deliveries, endpoints, messages } from '../../../storage/schema.ts';
import { secretKeys } from '../../activities/outbound/endpoint-row.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { createTestApi, problem } from './api-fixture.ts';

let database: Database;
let api: ReturnType<typeof createTestApi>;
beforeAll(async () => {
  database = await openTestDatabase();
  const store = createEndpointStore({
    ...{ database, secretKeys, allow: [], clock: () => new Date() },
    resolve: () => Promise.resolve([{ address: '8.8.8.8', family: 4 }]),
  });
  api = createTestApi({ database, endpoints: store });
});
afterAll(async () => {
  await api.close();
  await database.close();
});

interface Answer {
  status: number;
  etag: string | undefined;
  body: Record<string, unknown> & { id: string; secret: string };
}

async function ask(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
  headers = {},
): Promise<Answer> {
  const response = await api.inject({
    ...{ method, url: `/api/v1${url}` },
    headers: { authorization: 'Bearer token-of-the-tests', ...headers },
    ...(body !== undefined && { payload: body }),
  });
  const json = response.body === '' ? {} : response.json<object>();
  return { status: response.statusCode, etag: response.headers.etag, body: json as Answer['body'] };
}

const shop = { url: 'https://shop.example/', patterns: ['order.*'] };
const add = async (more: object = {}) => (await ask('POST', '/endpoints', { ...shop, ...more })).body;
const lastAudit = async () => (await database.orm.select().from(audit).orderBy(audit.id)).at(-1);

describe('an endpoint by the API', () => {
  it('is added with all that can be said about it, and shown without its secrets', async () => {
    const given = {
      description: 'The shop',
      tenant: 'acme',
      ...{ timeLimit: '5s', schedule: ['0s', '1m'], rate: 2.5, concurrency: 3, ordering: { fifo: 'data.orderId' } },
      ...{ permanent: [404], disableAfter: 'never', signature: { standard: ['v1', 'v1a'] } },
    };
    const secrets = { headers: { 'X-Api-Key': 'hush' }, auth: { kind: 'basic', username: 'kait', password: 'hush' } };
    const added = await ask('POST', '/endpoints', { ...shop, ...given, ...secrets, by: 'ana' });
    expect(added).toMatchObject({
      ...{ status: 201, etag: '"1"' },
      body: {
        ...{ ...shop, ...given, state: 'enabled', version: 1 },
        secret: expect.stringMatching(/^whsec_/) as string,
        credentials: {
          ...{ headers: ['x-api-key'], auth: 'basic', clientCertificate: false },
          signing: [
            { key: 'v1', until: null },
            { key: 'v1a', until: null },
          ],
          publicKey: expect.stringMatching(/^whpk_/) as string,
        },
      },
    });
    const { secret, ...shown } = added.body;
    expect(await ask('GET', `/endpoints/${added.body.id}`)).toEqual({
      ...{ status: 200, body: shown },
      etag: expect.stringMatching(/^"1\.[\w-]{22}"$/) as string,
    });
    expect(JSON.stringify(shown)).not.toContain('hush');
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(await lastAudit()).toMatchObject({
      ...{ actor: 'ana (admin token)', action: 'add-endpoint', target: `endpoint ${added.body.id}` },
      reason: 'to shop.example: order.*',
    });
  });

  it('has null where the default holds', async () => {
    expect(await add()).toMatchObject({ timeLimit: null, schedule: null, rate: null, ordering: null, signature: null });
  });

  it('is changed by what a change names, and records only the names', async () => {
    const { id } = await add({ rate: 2, headers: { 'x-one': '1', 'x-two': '2' } });
    const changes = { rate: null, concurrency: 5, headers: { 'x-one': null, 'x-three': '3' } };
    expect(await ask('PATCH', `/endpoints/${id}`, changes, { 'if-match': '"1"' })).toMatchObject({
      ...{ status: 200, etag: '"2"' },
      body: { rate: null, concurrency: 5, url: shop.url, credentials: { headers: ['x-two', 'x-three'] }, secret: null },
    });
    expect(await lastAudit()).toMatchObject({ action: 'edit-endpoint', reason: 'headers, rate, concurrency' });
  });

  const changedMeanwhile = {
    status: 412,
    body: problem(
      412,
      'changed-meanwhile',
      'The endpoint was changed meanwhile. Read it again, and send the change with its new ETag.',
    ),
  };

  it.each(['"1"', 'W/"1"', `"1.${'a'.repeat(22)}"`])(
    'is not changed after another change: If-Match: %s',
    async (etag) => {
      const { id } = await add();
      await ask('PATCH', `/endpoints/${id}`, { description: 'first' });
      const late = await ask('PATCH', `/endpoints/${id}`, { description: 'second' }, { 'if-match': etag });
      expect(late).toMatchObject(changedMeanwhile);
      expect((await ask('GET', `/endpoints/${id}`)).body).toMatchObject({ description: 'first' });
    },
  );

  it.each([
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['POST', '/rotate'],
    ['DELETE', ''],
  ] as const)('is left alone by a late %s %s', async (method, verb) => {
    const { id } = await add();
    const { body: first } = await ask('PATCH', `/endpoints/${id}`, { description: 'first' });
    const body = method === 'POST' ? {} : undefined;
    const asking = (etag: string) => ask(method, `/endpoints/${id}${verb}`, body, { 'if-match': etag });
    expect(await asking('"1"')).toMatchObject(changedMeanwhile);
    expect({ ...(await ask('GET', `/endpoints/${id}`)).body, secret: null }).toEqual(first);
    expect((await asking('"2"')).status).toBe(method === 'POST' ? 200 : 204);
  });

  it('is changed by one of two who read the same', async () => {
    const { id } = await add();
    const { etag = '' } = await ask('GET', `/endpoints/${id}`);
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((description) => ask('PATCH', `/endpoints/${id}`, { description }, { 'if-match': etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it('may be changed although Kait has noted failures since it was read', async () => {
    const { id } = await add();
    const { etag = '' } = await ask('GET', `/endpoints/${id}`);
    const failingSince = new Date('2026-01-01T00:00:00Z');
    await database.orm.update(endpoints).set({ failingSince }).where(eq(endpoints.id, id));
    const again = await ask('GET', `/endpoints/${id}`, undefined, { 'if-none-match': etag });
    expect(again).toMatchObject({ status: 200, body: { failingSince: '2026-01-01T00:00:00.000Z' } });
    expect(again.etag).not.toBe(etag);
    expect(await ask('PATCH', `/endpoints/${id}`, { description: 'x' }, { 'if-match': etag })).toMatchObject({
      status: 200,
    });
  });

  it.each([
    ['the ETag', (etag: string) => etag],
    ['the ETag that a proxy has made weak', (etag: string) => `W/${etag}`],
    ['several', (etag: string) => `"0.x" , ${etag},W/"9"`],
    ['any', () => '*'],
  ])('answers 304 without a body to If-None-Match with %s', async (_what, condition) => {
    const { id } = await add();
    const { etag = '' } = await ask('GET', `/endpoints/${id}`);
    const headers = { 'if-none-match': condition(etag) };
    expect(await ask('GET', `/endpoints/${id}`, undefined, headers)).toEqual({ status: 304, etag, body: {} });
    await ask('PATCH', `/endpoints/${id}`, { description: 'changed' });
    const changed = await ask('GET', `/endpoints/${id}`, undefined, { 'if-none-match': etag });
    expect(changed).toMatchObject({ status: 200, body: { description: 'changed' } });
  });

  it('answers 404, whatever is known of an endpoint that is gone', async () => {
    const gone = (condition: string) => ask('GET', '/endpoints/ep_gone', undefined, { 'if-none-match': condition });
    expect([(await gone('*')).status, (await gone('"1"')).status]).toEqual([404, 404]);
    const edited = await ask('PATCH', '/endpoints/ep_gone', { description: 'x' }, { 'if-match': '"1"' });
    expect(edited).toMatchObject({ status: 404 });
    expect(await ask('DELETE', '/endpoints/ep_gone', undefined, { 'if-match': '"1"' })).toMatchObject({ status: 404 });
  });

  it.each(['1', '"one"', '"1", "2"', '', '"1.short"', '"12345678901"', '"-1"'])(
    'takes no such If-Match: %j',
    async (etag) => {
      const { id } = await add();
      const answer = await ask('PATCH', `/endpoints/${id}`, { description: 'x' }, { 'if-match': etag });
      expect(answer).toMatchObject({ status: 400 });
    },
  );

  it('is paused, resumed, rotated and removed, each with a line in the audit', async () => {
    const { id, secret } = await add();
    expect((await ask('POST', `/endpoints/${id}/pause`, {})).body).toMatchObject({ state: 'paused' });
    expect(await lastAudit()).toMatchObject({ action: 'pause-endpoint', target: `endpoint ${id}` });
    expect((await ask('POST', `/endpoints/${id}/resume`, {})).body).toMatchObject({ state: 'enabled' });
    expect(await lastAudit()).toMatchObject({ action: 'resume-endpoint' });
    const rotated = await ask('POST', `/endpoints/${id}/rotate`, { overlap: '1h' });
    expect(rotated).toMatchObject({ status: 200, etag: '"4"', body: { credentials: { signing: [{}, {}] } } });
    expect(rotated.body.secret).not.toBe(secret);
    expect(await lastAudit()).toMatchObject({ action: 'rotate-endpoint' });
    expect(await ask('DELETE', `/endpoints/${id}`)).toMatchObject({ status: 204 });
    expect(await lastAudit()).toMatchObject({ action: 'remove-endpoint', reason: 'to shop.example' });
    expect(await ask('DELETE', `/endpoints/${id}`)).toMatchObject({ status: 404 });
  });

  it('takes the unfinished deliveries along when it is removed, and those only', async () => {
    const { id } = await add();
    const other = await add();
    const at = new Date('2026-01-01T00:00:00Z');
    await database.orm.insert(messages).values(
      ['m1', 'm2', 'm3', 'm4'].map((each) => ({
        id: each,
        idempotencyKey: each,
        type: 't',
        body: '{}',
        createdAt: at,
      })),
    );
    const row = { url: shop.url, createdAt: at };
    await database.orm.insert(deliveries).values([
      { ...row, id: 'parked', message: 'm1', endpoint: id, state: 'parked', parkedBecause: 'paused' },
      { ...row, id: 'started', message: 'm2', endpoint: id, state: 'started' },
      { ...row, id: 'delivered', message: 'm3', endpoint: id, state: 'delivered' },
      { ...row, id: 'of another', message: 'm4', endpoint: other.id, state: 'parked', parkedBecause: 'paused' },
    ]);
    await ask('DELETE', `/endpoints/${id}`);
    const { state, lastError } = deliveries;
    expect(
      await database.orm.select({ id: deliveries.id, state, lastError }).from(deliveries).orderBy(deliveries.id),
    ).toEqual([
      { id: 'delivered', state: 'delivered', lastError: null },
      { id: 'of another', state: 'parked', lastError: null },
      { id: 'parked', state: 'refused', lastError: 'the endpoint was removed' },
      { id: 'started', state: 'refused', lastError: 'the endpoint was removed' },
    ]);
  });

  it.each<[string, object, string]>([
    ['both a header and auth', { headers: { authorization: 'a' }, auth: { kind: 'bearer', token: 't' } }, 'exclude'],
    ['a broken certificate', { clientCertificate: { certificate: 'a', key: 'b' } }, 'The certificate of the client'],
  ])('is not added with %s', async (_what, given, message) => {
    const answer = await ask('POST', '/endpoints', { ...shop, ...given });
    expect(answer).toMatchObject({ status: 400, body: { code: 'KAIT_ENDPOINT_INVALID' } });
    expect(answer.body.detail).toContain(message);
  });

  it.each([
    { host: 'a' },
    { 'webhook-id': 'a' },
    { 'content-length': '1' },
    { 'x-a': 'b\r\nx-c: d' },
    { 'x a': 'b' },
    { '': 'b' },
  ])('is not added with the headers %j', async (headers) => {
    expect(await ask('POST', '/endpoints', { ...shop, headers })).toMatchObject({ status: 400 });
  });
});

it('lists endpoints in pages, by tenant and by state', async () => {
  const ids = [await add({ tenant: 'lister' }), await add({ tenant: 'lister' }), await add({ tenant: 'lister' })].map(
    ({ id }) => id,
  );
  await ask('POST', `/endpoints/${ids[1] ?? ''}/pause`, {});
  const first = (await ask('GET', '/endpoints?tenant=lister&limit=2')).body as unknown as {
    items: { id: string }[];
    next: string;
  };
  const second = (await ask('GET', `/endpoints?tenant=lister&limit=2&cursor=${first.next}`)).body;
  expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(second).toMatchObject({ items: [{ id: ids[2] }], next: null });
  expect((await ask('GET', '/endpoints?tenant=lister&state=paused')).body).toMatchObject({ items: [{ id: ids[1] }] });
});

it('seals all secrets with the current key', async () => {
  expect(await ask('POST', '/secrets/reseal', {})).toMatchObject({
    ...{ status: 200, body: { resealed: 0, key: secretKeys.current.id } },
  });
  expect(await lastAudit()).toMatchObject({ action: 'reseal-secrets', reason: '0 endpoints' });
});

describe('a test of an endpoint', () => {
  it('is one delivery to it alone, and shows the first attempt', async () => {
    const { id } = await add();
    const asked = ask('POST', `/endpoints/${id}/test`, {});
    const delivery = await until(async () => {
      const rows = await database.orm.select().from(deliveries).where(eq(deliveries.endpoint, id));
      return rows.at(0);
    });
    // What a worker does.
    await database.orm
      .insert(attempts)
      .values({ delivery: delivery.id, number: 1, at: new Date(), durationMs: 12, status: 500, error: 'HTTP 500' });
    await database.orm.update(deliveries).set({ state: 'started' }).where(eq(deliveries.id, delivery.id));
    expect(await asked).toMatchObject({
      status: 200,
      body: {
        ...{ delivery: delivery.id, state: 'exhausted' },
        attempt: { status: 500, error: 'HTTP 500', durationMs: 12, timings: null },
      },
    });
    expect(await database.orm.select().from(messages).where(eq(messages.id, delivery.message))).toMatchObject([
      { type: 'kait.test' },
    ]);
    const [after] = await database.orm.select().from(deliveries).where(eq(deliveries.id, delivery.id));
    expect(after).toMatchObject({ state: 'exhausted' });
    expect(await lastAudit()).toMatchObject({ action: 'test-endpoint', target: `endpoint ${id}` });
  });

  it('needs an endpoint that is enabled', async () => {
    const { id } = await add();
    await ask('POST', `/endpoints/${id}/pause`, {});
    expect(await ask('POST', `/endpoints/${id}/test`, {})).toMatchObject({
      ...{ status: 409, body: problem(409, 'not-enabled', 'The endpoint is paused. Resume it first.') },
    });
  });
});

/** The first value that there is. */
async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  return expect
    .poll(look, { timeout: 10_000 })
    .toBeDefined()
    .then(async () => (await look())!);
}

describe('the health of an endpoint by the API', () => {
  /** Deliveries of an endpoint, each with the status of its one attempt. */
  async function deliver(
    endpoint: string,
    given: readonly (readonly [id: string, state: 'delivered' | 'parked', at: Date, status: number | null])[],
  ) {
    for (const [id, state, at, status] of given) {
      await database.orm
        .insert(messages)
        .values({ ...{ id: `msg-${id}`, idempotencyKey: id, type: 'order.created', body: '{}', createdAt: at } });
      await database.orm.insert(deliveries).values({
        ...{ id, message: `msg-${id}`, endpoint, url: shop.url, state, createdAt: at },
        ...(state === 'parked' && { parkedBecause: 'circuit' as const }),
      });
      await database.orm.insert(attempts).values({ delivery: id, number: 1, at, durationMs: 40, status });
    }
  }
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);

  it('is told by its newest deliveries, and by the hour', async () => {
    const { id } = await add();
    await deliver(id, [
      ['health-1', 'delivered', new Date(hour.getTime() - 60 * 24 * 3_600_000), 200],
      ['health-2', 'delivered', hour, 200],
      ['health-3', 'parked', new Date(hour.getTime() + 1), 503],
      ['health-4', 'parked', new Date(hour.getTime() + 2), null],
    ]);
    const { items } = (await ask('GET', '/endpoints?limit=500')).body as unknown as { items: { id: string }[] };
    expect(items.find((each) => each.id === id)).toMatchObject({
      parked: 2,
      recent: [{ state: 'delivered' }, { state: 'delivered' }, { state: 'parked' }, { state: 'parked' }],
    });
    expect((await ask('GET', `/endpoints/${id}/health?days=30`)).body).toEqual({
      parked: [{ because: 'circuit', count: 2 }],
      hours: [{ at: hour.toISOString(), attempts: 3, failed: 2, medianMs: 40, slowMs: 40 }],
      isSample: false,
    });
  });

  it('is empty before anything was sent', async () => {
    const { id } = await add();
    expect((await ask('GET', `/endpoints/${id}/health`)).body).toEqual({ parked: [], hours: [], isSample: false });
  });

  it.each(['0', '31', '-1', '7d', ''])('takes no %j days', async (days) => {
    const { id } = await add();
    expect((await ask('GET', `/endpoints/${id}/health?days=${days}`)).status).toBe(400);
  });

  it('of no endpoint is not found', async () => {
    expect((await ask('GET', '/endpoints/ep_none/health')).status).toBe(404);
  });
});
