import { describe, expect, it } from 'vitest';
import { KaitError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import { openAdmin, type Asked } from './admin-fixture.ts';

/** No request in these tests may reach the database. */
const database = { kind: 'pglite' } as Database;

const ask = openAdmin({ database });
const json = { 'content-type': 'application/json' };
const post = (url: string, body: string): Asked => ({ method: 'POST', url, headers: json, body });
const problem = (code: string, message: string) => ({ error: { code, message } });

const badLimit = (given: string) => `limit must be a whole number from 1 to 500, given once, but it is ${given}.`;
const badText = (name: string, most: number, given: string) =>
  `${name} must be a text of 1 to ${most} characters without control characters, but it is ${given}.`;

describe('invalid query parameters', () => {
  it.each([
    ['limit=501', badLimit('"501"')],
    ['limit=0', badLimit('"0"')],
    ['limit=-1', badLimit('"-1"')],
    ['limit=1.5', badLimit('"1.5"')],
    ['limit=1e2', badLimit('"1e2"')],
    ['limit=', badLimit('""')],
    ['limit', badLimit('""')],
    ['limit=all', badLimit('"all"')],
    ['limit=%00', badLimit(String.raw`"\u0000"`)],
    ['limit=1&limit=2', badLimit('["1","2"]')],
    [`limit=${'9'.repeat(400)}`, badLimit(`"${'9'.repeat(58)}…`)],
    ['limits=5', 'Unknown query parameter "limits". Allowed: limit.'],
    ['constructor=5', 'Unknown query parameter "constructor". Allowed: limit.'],
    ['a=1&b=2', 'Unknown query parameter "a", "b". Allowed: limit.'],
    ['limit=no&a=1', `${badLimit('"no"')} Unknown query parameter "a". Allowed: limit.`],
  ])('are named with what is expected: ?%s', async (query, message) => {
    expect(await ask({ url: `/v1/runs?${query}` })).toEqual({ status: 400, body: problem('invalid-request', message) });
  });

  it.each([
    [
      '/v1/events?state=done',
      'state must be one of pending, waiting, queued, dispatched, ignored, failed, unreadable, but it is "done".',
    ],
    [
      '/v1/events?state=failed&state=failed',
      'state must be one of pending, waiting, queued, dispatched, ignored, failed, unreadable, but it is ["failed","failed"].',
    ],
    ['/v1/events?source=%00', badText('source', 200, String.raw`"\u0000"`)],
    [`/v1/events?source=${'s'.repeat(201)}`, badText('source', 200, `"${'s'.repeat(58)}…`)],
    ['/v1/events?limit=501', badLimit('"501"')],
    ['/v1/events?entity=a', 'Unknown query parameter "entity". Allowed: limit, state, source.'],
    ['/v1/rejections?limit=501', badLimit('"501"')],
    ['/v1/rejections?source=a&source=b', badText('source', 200, '["a","b"]')],
    ['/v1/rejections?reason=', badText('reason', 100, '""')],
    ['/v1/rejections?bodies=1', 'Unknown query parameter "bodies". Allowed: limit, source, reason.'],
    ['/v1/event', `${badText('source', 200, 'missing')} ${badText('eventId', 1_000, 'missing')}`],
    ['/v1/event?source=stripe', badText('eventId', 1_000, 'missing')],
    ['/v1/event?source=stripe&eventId=a%00b', badText('eventId', 1_000, String.raw`"a\u0000b"`)],
    ['/v1/event?source=stripe&eventId=a&limit=1', 'Unknown query parameter "limit". Allowed: source, eventId, raw.'],
    ['/v1/status?verbose=1', 'Unknown query parameter "verbose". This route has no query parameters.'],
    ['/v1/endpoints?limit=1', 'Unknown query parameter "limit". This route has no query parameters.'],
    ['/metrics?name=a', 'Unknown query parameter "name". This route has no query parameters.'],
  ])('are named with what is expected: %s', async (url, message) => {
    expect(await ask({ url })).toEqual({ status: 400, body: problem('invalid-request', message) });
  });
});

describe('invalid bodies and paths', () => {
  const patterns = 'patterns must be a list of 1 to 50 event type patterns, but it is';
  it.each<[string, string, number, string]>([
    ['/v1/events/redispatch', '{', 400, 'The body must be valid JSON.'],
    ['/v1/events/redispatch', '', 400, 'The body must be valid JSON, but it is empty.'],
    ['/v1/events/redispatch', 'null', 400, 'The body must be a JSON object with source and eventId.'],
    ['/v1/events/redispatch', '[]', 400, 'The body must be a JSON object with source and eventId.'],
    ['/v1/events/redispatch', '"a"', 400, 'The body must be a JSON object with source and eventId.'],
    ['/v1/events/redispatch', '{"source":"a"}', 400, badText('eventId', 1_000, 'missing')],
    ['/v1/events/redispatch', '{"source":1,"eventId":"e"}', 400, badText('source', 200, '1')],
    ['/v1/events/redispatch', '{"source":null,"eventId":"e"}', 400, badText('source', 200, 'null')],
    ['/v1/events/redispatch', '{"source":"a","eventId":["e"]}', 400, badText('eventId', 1_000, '["e"]')],
    [
      '/v1/events/redispatch',
      String.raw`{"source":"\u0000","eventId":"e"}`,
      400,
      badText('source', 200, String.raw`"\u0000"`),
    ],
    [
      '/v1/events/redispatch',
      '{"source":"a","eventId":"e","all":true}',
      400,
      'Unknown field "all". Allowed: source, eventId.',
    ],
    [
      '/v1/events/redispatch?all=1',
      '{"source":"a","eventId":"e"}',
      400,
      'Unknown query parameter "all". This route has no query parameters.',
    ],
    ...(
      [
        ['missing', {}],
        ['""', { reason: '' }],
        ['" "', { reason: ' ' }],
        [String.raw`"a\u0000"`, { reason: 'a\u0000' }],
        [String.raw`"\ud800"`, { reason: '\ud800' }],
      ] as const
    ).map(([shown, fields]): [string, string, number, string] => [
      '/v1/events/run-again',
      JSON.stringify({ source: 'a', eventId: 'e', actor: 'ana', ...fields }),
      400,
      `reason must be a text of 1 to 500 characters without control characters, not only blanks, but it is ${shown}.`,
    ]),
    [
      '/v1/events/run-again',
      '{"source":"a","eventId":"e","actor":"ana","reason":"r","again":true}',
      400,
      'Unknown field "again". Allowed: source, eventId, reason, actor, definition.',
    ],
    [
      '/v1/events/redispatch',
      '{"source":"a","eventId":"e","reason":"r"}',
      400,
      'Unknown field "reason". Allowed: source, eventId.',
    ],
    ['/v1/events/redispatch', JSON.stringify({ source: 'a'.repeat(70_000) }), 413, 'The body must not exceed 64 KiB.'],
    ['/v1/endpoints', '{"url":"https://a.example"}', 400, `${patterns} missing.`],
    ['/v1/endpoints', '{"url":"https://a.example","patterns":[]}', 400, `${patterns} [].`],
    ['/v1/endpoints', '{"url":"https://a.example","patterns":"*"}', 400, `${patterns} "*".`],
    ['/v1/endpoints', '{"url":"https://a.example","patterns":["*",5]}', 400, `${patterns} ["*",5].`],
    ['/v1/endpoints', '{"url":5,"patterns":["*"]}', 400, badText('url', 2_000, '5')],
    [
      '/v1/endpoints',
      '{"url":"https://a.example","patterns":["*"],"secret":"s"}',
      400,
      'Unknown field "secret". Allowed: url, patterns.',
    ],
  ])('are named with what is expected: POST %s %s', async (url, body, status, message) => {
    expect(await ask(post(url, body))).toEqual({ status, body: problem('invalid-request', message) });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'application/xml'])(
    'get 415 as %s',
    async (type) => {
      const headers = { 'content-type': type };
      expect(await ask({ method: 'POST', url: '/v1/endpoints', headers, body: '{}' })).toEqual({
        status: 415,
        body: problem('invalid-request', 'The body must be JSON, with Content-Type: application/json.'),
      });
    },
  );

  it('are named if there is no body', async () => {
    const message = 'The body must be a JSON object with source and eventId.';
    expect(await ask({ method: 'POST', url: '/v1/events/redispatch' })).toEqual({
      status: 400,
      body: problem('invalid-request', message),
    });
  });

  it.each([
    ['/v1/endpoints/%00', badText('id', 100, String.raw`"\u0000"`)],
    ['/v1/endpoints/ep_1?force=1', 'Unknown query parameter "force". This route has no query parameters.'],
    ['/v1/endpoints/%zz', 'The URL is malformed.'],
  ])('are named with what is expected: DELETE %s', async (url, message) => {
    expect(await ask({ method: 'DELETE', url })).toEqual({ status: 400, body: problem('invalid-request', message) });
  });
});

describe('routes', () => {
  it.each<[Asked, string]>([
    [{ url: '/' }, 'There is no route GET /.'],
    [{ url: '/v1/nothing?token=secret' }, 'There is no route GET /v1/nothing.'],
    [{ url: '/V1/status' }, 'There is no route GET /V1/status.'],
    [{ method: 'POST', url: '/v1/events' }, 'There is no route POST /v1/events.'],
    [{ method: 'PUT', url: '/v1/endpoints' }, 'There is no route PUT /v1/endpoints.'],
    [{ method: 'DELETE', url: '/v1/endpoints' }, 'There is no route DELETE /v1/endpoints.'],
    [{ url: '/v1/events/redispatch' }, 'There is no route GET /v1/events/redispatch.'],
  ])('answer 404 for %o', async (asked, message) => {
    expect(await ask(asked)).toEqual({ status: 404, body: problem('not-found', message) });
  });

  const needsToken = problem('unauthorized', 'The admin API needs its token: Authorization: Bearer <token>.');
  it.each<[string, Asked]>([
    ['a valid request', { url: '/v1/status' }],
    ['an invalid parameter', { url: '/v1/runs?limit=501' }],
    ['an unknown route', { url: '/v1/nothing' }],
    ['a wrong method', { method: 'PUT', url: '/v1/status' }],
    ['an invalid body', post('/v1/endpoints', '{')],
    ['metrics', { url: '/metrics' }],
  ])('ask for the token before anything else: %s', async (_what, asked) => {
    const tokens = ['', 'token-of-the-tests', 'Bearer ', 'Bearer wrong', 'Bearer token-of-the-tests2'];
    const answers = await Promise.all(
      tokens.map((authorization) => ask({ ...asked, headers: { ...asked.headers, authorization } })),
    );
    expect(answers).toEqual(tokens.map(() => ({ status: 401, body: needsToken })));
  });

  it('say what is wrong with an endpoint', async () => {
    const add = () => Promise.reject(new KaitError('KAIT_ENDPOINT_URL_INVALID', 'no such URL'));
    const unused = () => Promise.reject(new Error('not expected'));
    const asking = openAdmin({ database, endpoints: { add, list: unused, remove: unused } });
    expect(await asking(post('/v1/endpoints', '{"url":"a","patterns":["*"]}'))).toEqual({
      status: 400,
      body: problem('KAIT_ENDPOINT_URL_INVALID', 'no such URL'),
    });
  });

  it('say nothing about an internal error but that the log has the reason', async () => {
    const about = () => Promise.reject(new Error('password authentication failed for kait'));
    expect(await openAdmin({ database, about })({ url: '/v1/status' })).toEqual({
      status: 500,
      body: problem('request-failed', 'The request failed. See the log of Kait for the reason.'),
    });
  });

  it('add, list and remove endpoints', async () => {
    const stored = { state: 'enabled' as const, disabledReason: null, createdAt: new Date(0) };
    const endpoint = { id: 'ep_1', url: 'https://a.example', patterns: ['*'], ...stored };
    const asking = openAdmin({
      database,
      endpoints: {
        add: (request) => Promise.resolve({ ...endpoint, ...request, secret: 'whsec_1' }),
        list: () => Promise.resolve([endpoint]),
        remove: (id) => Promise.resolve(id === 'ep_1'),
      },
    });
    expect(await asking(post('/v1/endpoints', '{"url":"https://a.example","patterns":["*"]}'))).toEqual({
      status: 201,
      body: { ...endpoint, secret: 'whsec_1', createdAt: '1970-01-01T00:00:00.000Z' },
    });
    expect(await asking({ url: '/v1/endpoints' })).toEqual({
      status: 200,
      body: [{ ...endpoint, createdAt: '1970-01-01T00:00:00.000Z' }],
    });
    expect(await asking({ method: 'DELETE', url: '/v1/endpoints/ep_1' })).toEqual({ status: 204, body: '' });
    expect(await asking({ method: 'DELETE', url: '/v1/endpoints/ep_2' })).toEqual({
      status: 404,
      body: problem('not-found', 'There is no such endpoint.'),
    });
  });
});
