import { describe, expect, it } from 'vitest';
import { KaitError } from '../../../errors.ts';
import type { Database } from '../../../storage/database.ts';
import { noEndpoints, openApi, problem, type Asked } from './api-fixture.ts';

/** No request in these tests may reach the database. */
const database = { kind: 'pglite' } as Database;

const ask = openApi({ database });
const json = { 'content-type': 'application/json' };
const post = (url: string, body: string): Asked => ({ method: 'POST', url, headers: json, body });

const badLimit = (given: string) => `limit must be a whole number from 1 to 500, given once, but it is ${given}.`;
const badName = (given: string) => `definition must be the name of a definition, but it is ${given}.`;
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
    ['limits=5', 'Unknown query parameter "limits". Allowed: limit, cursor.'],
    ['constructor=5', 'Unknown query parameter "constructor". Allowed: limit, cursor.'],
    ['a=1&b=2', 'Unknown query parameter "a", "b". Allowed: limit, cursor.'],
    ['limit=no&a=1', `${badLimit('"no"')} Unknown query parameter "a". Allowed: limit, cursor.`],
  ])('are named with what is expected: ?%s', async (query, message) => {
    expect(await ask({ url: `/api/v1/published?${query}` })).toMatchObject({
      status: 400,
      body: problem(400, 'invalid-request', message),
    });
  });

  it.each([
    [
      '/api/v1/events?state=done',
      'state must be one of pending, waiting, queued, dispatched, ignored, failed, unreadable, but it is "done".',
    ],
    [
      '/api/v1/events?state=failed&state=failed',
      'state must be one of pending, waiting, queued, dispatched, ignored, failed, unreadable, but it is ["failed","failed"].',
    ],
    ['/api/v1/events?source=%00', badText('source', 200, String.raw`"\u0000"`)],
    [`/api/v1/events?source=${'s'.repeat(201)}`, badText('source', 200, `"${'s'.repeat(58)}…`)],
    ['/api/v1/events?limit=501', badLimit('"501"')],
    [
      '/api/v1/events?entity=a',
      'Unknown query parameter "entity". Allowed: limit, cursor, state, source, order, payment, customer, amount, currency.',
    ],
    [
      '/api/v1/runs?amount=a',
      'amount must be an amount with its currency, such as "IDR 2,000,000.00", or 2000000 beside currency=IDR.',
    ],
    [
      '/api/v1/runs?since=yesterday',
      'since must be an RFC 3339 time such as 2026-11-25T01:00:00Z, but it is "yesterday".',
    ],
    [
      '/api/v1/find?text=%00',
      String.raw`text must be a text of 1 to 1000 characters without control characters, but it is "\u0000".`,
    ],
    ['/api/v1/rejections?limit=501', badLimit('"501"')],
    ['/api/v1/rejections?source=a&source=b', badText('source', 200, '["a","b"]')],
    ['/api/v1/rejections?reason=', badText('reason', 100, '""')],
    ['/api/v1/rejections?bodies=1', 'Unknown query parameter "bodies". Allowed: limit, cursor, source, reason.'],
    ['/api/v1/events/stripe/a%00b', badText('event', 1_000, String.raw`"a\u0000b"`)],
    ['/api/v1/events/stripe/a?limit=1', 'Unknown query parameter "limit". Allowed: raw.'],
    ['/api/v1/events/stripe/a?raw=1', 'raw must be true or false, but it is "1".'],
    ['/api/v1/status?verbose=1', 'Unknown query parameter "verbose". This route has no query parameters.'],
    ['/api/v1/endpoints?state=off', 'state must be one of enabled, paused, disabled, but it is "off".'],
    ['/metrics?name=a', 'Unknown query parameter "name". This route has no query parameters.'],
  ])('are named with what is expected: %s', async (url, message) => {
    expect(await ask({ url })).toMatchObject({ status: 400, body: problem(400, 'invalid-request', message) });
  });
});

describe('invalid bodies and paths', () => {
  const patterns = 'patterns must be a list of 1 to 50 event type patterns, but it is';
  it.each<[string, string, number, string]>([
    ['/api/v1/turns/free', '{', 400, 'The body must be valid JSON.'],
    ['/api/v1/turns/free', '', 400, 'The body must be valid JSON, but it is empty.'],
    ...['null', '[]', '"a"', '5'].map((body): [string, string, number, string] => [
      '/api/v1/turns/free',
      body,
      400,
      'The body must be a JSON object with definition and key and reason.',
    ]),
    ['/api/v1/turns/free', '{"key":"k","reason":"r"}', 400, badName('missing')],
    ['/api/v1/turns/free', '{"definition":1,"key":"k","reason":"r"}', 400, badName('1')],
    ['/api/v1/turns/free', '{"definition":null,"key":"k","reason":"r"}', 400, badName('null')],
    ['/api/v1/turns/free', '{"definition":["d"],"key":"k","reason":"r"}', 400, badName('["d"]')],
    [
      '/api/v1/turns/free',
      String.raw`{"definition":"\u0000","key":"k","reason":"r"}`,
      400,
      badName(String.raw`"\u0000"`),
    ],
    [
      '/api/v1/turns/free',
      '{"definition":"d","key":"k","reason":"r","all":true}',
      400,
      'Unknown field "all". Allowed: definition, key, reason, by.',
    ],
    [
      '/api/v1/turns/free?all=1',
      '{"definition":"d","key":"k","reason":"r"}',
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
      '/api/v1/events/a/e/run-again',
      JSON.stringify(fields),
      400,
      `reason must be a text of 1 to 500 characters without control characters, not only blanks, but it is ${shown}.`,
    ]),
    [
      '/api/v1/events/a/e/run-again',
      '{"reason":"r","again":true}',
      400,
      'Unknown field "again". Allowed: reason, by, definition.',
    ],
    ['/api/v1/runs/r/migrate', '{"reason":"r","dryRun":"yes"}', 400, 'dryRun must be true or false, but it is "yes".'],
    ['/api/v1/runs/r/migrate', '{"reason":"r","to":{}}', 400, 'Unknown field "to". Allowed: reason, by, via, dryRun.'],
    ['/api/v1/runs/r/retry', '{"reason":"r","all":1}', 400, 'all must be true or false, but it is 1.'],
    [
      '/api/v1/migrations',
      '{"reason":"r","definition":"d","cursor":"a.b"}',
      400,
      'cursor must be the "next" of an earlier answer, with the same other parameters.',
    ],
    ['/api/v1/events/a/e/replay', '{"reason":"r"}', 400, 'Unknown field "reason". This route has no fields.'],
    ['/api/v1/events/a/e/replay', '[]', 400, 'The body must be empty or an empty JSON object.'],
    ['/api/v1/turns/free', JSON.stringify({ key: 'a'.repeat(70_000) }), 413, 'The body must not exceed 64 KiB.'],
    ['/api/v1/endpoints', '{"url":"https://a.example"}', 400, `${patterns} missing.`],
    ['/api/v1/endpoints', '{"url":"https://a.example","patterns":[]}', 400, `${patterns} [].`],
    ['/api/v1/endpoints', '{"url":"https://a.example","patterns":"*"}', 400, `${patterns} "*".`],
    ['/api/v1/endpoints', '{"url":"https://a.example","patterns":["*",5]}', 400, `${patterns} ["*",5].`],
    ['/api/v1/endpoints', '{"url":5,"patterns":["*"]}', 400, badText('url', 2_000, '5')],
    [
      '/api/v1/endpoints',
      '{"url":"https://a.example","patterns":["*"],"rate":0}',
      400,
      'rate must be the most requests per second, from 0.01 (one in 100 seconds) to 1000; or null for the default, which is no limit, but it is 0.',
    ],
    [
      '/api/v1/endpoints',
      '{"url":"https://a.example","patterns":["*"],"headers":{"x-api-key":"a secret\\n"}}',
      400,
      'headers must be an object of at most 20 headers, such as {"x-api-key": "…"}; null removes one, but it is something else.',
    ],
  ])('are named with what is expected: POST %s %s', async (url, body, status, message) => {
    expect(await ask(post(url, body))).toMatchObject({ status, body: problem(status, 'invalid-request', message) });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'application/xml'])(
    'get 415 as %s',
    async (type) => {
      const headers = { 'content-type': type };
      expect(await ask({ method: 'POST', url: '/api/v1/endpoints', headers, body: '{}' })).toEqual({
        status: 415,
        body: problem(415, 'invalid-request', 'The body must be JSON, with Content-Type: application/json.'),
      });
    },
  );

  it('are named if there is no body', async () => {
    const message = 'The body must be a JSON object with definition and key and reason.';
    expect(await ask({ method: 'POST', url: '/api/v1/turns/free' })).toMatchObject({
      status: 400,
      body: problem(400, 'invalid-request', message),
    });
  });

  it.each([
    ['/api/v1/endpoints/%00', badText('endpoint', 100, String.raw`"\u0000"`)],
    ['/api/v1/endpoints/ep_1?force=1', 'Unknown query parameter "force". This route has no query parameters.'],
    ['/api/v1/endpoints/%zz', 'The URL is malformed.'],
  ])('are named with what is expected: DELETE %s', async (url, message) => {
    expect(await ask({ method: 'DELETE', url })).toMatchObject({
      status: 400,
      body: problem(400, 'invalid-request', message),
    });
  });
});

describe('conditions', () => {
  const listed = 'If-None-Match must be * or the ETags of earlier answers, separated by commas, each in double quotes.';
  it.each<[string, Asked, string]>([
    [
      'where nothing is compared',
      { url: '/api/v1/status', headers: { 'if-match': '"1"' } },
      'This route takes no If-Match.',
    ],
    [
      'of any state',
      { method: 'POST', url: '/api/v1/runs/r/pause', headers: { ...json, 'if-match': '*' }, body: '{"reason":"r"}' },
      'This route takes no If-Match.',
    ],
    [
      'to create only',
      {
        method: 'POST',
        url: '/api/v1/runs/r/pause',
        headers: { ...json, 'if-none-match': '*' },
        body: '{"reason":"r"}',
      },
      'This route takes no If-None-Match.',
    ],
    ...['abc', '"a', '"a" "b"', ',', '', '"a",*'].map((given): [string, Asked, string] => [
      `If-None-Match: ${given}`,
      { url: '/api/v1/endpoints/ep_1', headers: { 'if-none-match': given } },
      listed,
    ]),
    [
      'of great length',
      { url: '/api/v1/endpoints/ep_1', headers: { 'if-none-match': `${'"a",'.repeat(5_000)} b` } },
      listed,
    ],
  ])('are refused %s', async (_what, asked, detail) => {
    expect(await ask(asked)).toEqual({ status: 400, body: problem(400, 'invalid-request', detail) });
  });
});

describe('times', () => {
  /** What is read again with this time. */
  async function rereadSince(since: unknown) {
    const asked: unknown[] = [];
    const asking = openApi({
      database,
      reread(request) {
        asked.push(request.since);
        return Promise.resolve({ looked: 0, readings: [], next: null, upTo: 0 });
      },
    });
    const answer = await asking(post('/api/v1/events/reread', JSON.stringify({ since, apply: false })));
    return { ...answer, asked };
  }

  it.each([
    ['2026-11-25T01:00:00Z', '2026-11-25T01:00:00.000Z'],
    ['2026-11-25T08:00:00+07:00', '2026-11-25T01:00:00.000Z'],
    // Of an offset beyond 15:59:59, PostgreSQL says that it is out of range.
    ['2026-11-25T00:00:00+23:35', '2026-11-24T00:25:00.000Z'],
    ['2026-11-25T00:00:00-23:59', '2026-11-25T23:59:00.000Z'],
    ['2026-11-25T01:00:00.123456789Z', '2026-11-25T01:00:00.123Z'],
    ['9999-12-31T23:59:59+23:59', '9999-12-31T00:00:59.000Z'],
  ])('are taken with any offset: %s', async (since, taken) => {
    expect(await rereadSince(since)).toMatchObject({ status: 200, asked: [taken] });
  });

  it.each([
    ['0000-01-01T00:00:00Z', '"0000-01-01T00:00:00Z"'],
    ['1969-12-31T23:59:59Z', '"1969-12-31T23:59:59Z"'],
    ['9999-12-31T23:59:59-23:59', '"9999-12-31T23:59:59-23:59"'],
    ['2026-02-30T00:00:00Z', '"2026-02-30T00:00:00Z"'],
    ['2026-11-25T00:00:00+24:00', '"2026-11-25T00:00:00+24:00"'],
    ['2026-11-25', '"2026-11-25"'],
    ['2026-11-25T00:00:00', '"2026-11-25T00:00:00"'],
    [1_764_000_000, '1764000000'],
    [['2026-11-25T01:00:00Z'], '["2026-11-25T01:00:00Z"]'],
  ])('are refused by name if nothing knows them: %j', async (since, shown) => {
    const detail = `since must be an RFC 3339 time such as 2026-11-25T01:00:00Z, but it is ${shown}.`;
    expect(await rereadSince(since)).toMatchObject({
      ...{ status: 400, asked: [] },
      body: problem(400, 'invalid-request', detail),
    });
  });
});

describe('routes', () => {
  it.each<[Asked, string]>([
    [{ url: '/healthz' }, 'There is no route GET /healthz.'],
    [{ url: '/api/v1/nothing?token=secret' }, 'There is no route GET /api/v1/nothing.'],
    [{ url: '/api/V1/status' }, 'There is no route GET /api/V1/status.'],
  ])('answer 404 for %o', async (asked, message) => {
    expect(await ask(asked)).toEqual({ status: 404, body: problem(404, 'no-route', message) });
  });

  it.each<[Asked, string]>([
    [{ method: 'POST', url: '/api/v1/events' }, 'GET, HEAD'],
    [{ method: 'PUT', url: '/api/v1/endpoints', headers: json, body: '{' }, 'GET, HEAD, POST'],
    [{ method: 'OPTIONS', url: '/api/v1/endpoints' }, 'GET, HEAD, POST'],
    [{ method: 'PUT', url: '/api/v1/endpoints/ep_1' }, 'GET, HEAD, PATCH, DELETE'],
    [{ url: '/api/v1/events/reread' }, 'POST'],
    [{ method: 'POST', url: '/metrics' }, 'GET, HEAD'],
  ])('answer 405 for %o', async (asked, allowed) => {
    const detail = `There is no ${asked.method ?? 'GET'} here. Allowed: ${allowed}.`;
    expect(await ask(asked)).toEqual({ status: 405, body: problem(405, 'method-not-allowed', detail) });
  });

  it.each<[string, Asked]>([
    ['a valid request', { url: '/api/v1/status' }],
    ['an invalid parameter', { url: '/api/v1/runs?limit=501' }],
    ['an unknown route', { url: '/api/v1/nothing' }],
    ['a wrong method', { method: 'PUT', url: '/api/v1/status' }],
    ['an invalid body', post('/api/v1/endpoints', '{')],
    ['metrics', { url: '/metrics' }],
  ])('ask for the token before anything else: %s', async (_what, asked) => {
    const tokens = ['', 'token-of-the-tests', 'Bearer ', 'Bearer wrong', 'Bearer token-of-the-tests2'];
    const answers = await Promise.all(
      tokens.map((authorization) => ask({ ...asked, headers: { ...asked.headers, authorization } })),
    );
    expect(answers).toEqual(tokens.map(() => ({ status: 401, body: problem(401, 'unauthorized') })));
  });

  it('say what is wrong with an endpoint', async () => {
    const add = () => Promise.reject(new KaitError('KAIT_ENDPOINT_URL_INVALID', 'no such URL'));
    const asking = openApi({ database, endpoints: { ...noEndpoints, add } });
    expect(await asking(post('/api/v1/endpoints', '{"url":"a","patterns":["*"]}'))).toEqual({
      status: 400,
      body: problem(400, 'KAIT_ENDPOINT_URL_INVALID', 'no such URL'),
    });
  });

  it('say nothing about an internal error but that the log has the reason', async () => {
    const about = () => Promise.reject(new Error('password authentication failed for kait'));
    expect(await openApi({ database, about })({ url: '/api/v1/status' })).toEqual({
      status: 500,
      body: problem(500, 'request-failed', 'The request failed. See the log of Kait for the reason.'),
    });
  });
});
