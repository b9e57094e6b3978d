import { expect, it } from 'vitest';
import { confirmSchema, fetchSchema, listSchema } from '../../../../server/gateway/ask/ask-schema.ts';

const api = { live: 'https://api.example.com' };
const same = [{ claimed: 'json:/status', confirmed: 'json:/status' }];
const ask = { request: { url: '{api}/{json:/id}' }, same };

function mistakesOf(schema: typeof confirmSchema | typeof fetchSchema | typeof listSchema, value: object): string[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const confirm = (change: object) =>
  mistakesOf(confirmSchema, {
    level: 'required',
    why: 'the status is not signed',
    api,
    cases: [{ ...ask, ...change }],
  });

it('accepts a question with the values that must agree, or a reason to skip it', () => {
  expect(confirm({})).toEqual([]);
  const skipping = { level: 'recommended', why: 'x', api, cases: [{ match: { 'json:/a': ['b'] }, skip: 'signed' }] };
  expect(mistakesOf(confirmSchema, skipping)).toEqual([]);
  expect(confirm({ skip: 'signed' })).toEqual([expect.stringContaining('expected "request" and "same"')]);
  expect(confirm({ same: undefined })).toEqual([expect.stringContaining('expected "request" and "same"')]);
});

it.each([
  [{ request: { url: '{api}/{jsn:/id}' } }, 'cases.0.request.url: unknown selector "jsn"'],
  [
    { request: { url: '{api}/', headers: { a: '{header:b}' } } },
    'cases.0.request.headers.a: unknown selector "header"',
  ],
  [{ request: { url: '{api}/', headers: { a: '{key' } } }, 'cases.0.request.headers.a: "{key" has an unmatched brace'],
  [{ request: { url: '{api}/', form: { a: 'b' } } }, 'cases.0.request: a GET request cannot have a body'],
  [
    { request: { method: 'POST', url: '{api}/', form: {}, json: {} } },
    'cases.0.request: expected either "form" or "json"',
  ],
  [{ request: { url: '{api}/', headers: { a: '{token}' } } }, 'cases.0.request.headers.a: there is no {token} without'],
  [{ request: { url: '{api}/?s={signed:md5}' } }, 'cases.0.request.url: there is no such signature'],
  [{ request: { url: '{api}/?s={since:unix}' } }, 'cases.0.request.url: only a list has {since:…}'],
  [{ same: [{ claimed: 'json:/a', confirmed: 'form:a' }] }, 'cases.0.same.0.confirmed: unknown selector "form"'],
])('finds the mistake in %j', (change, mistake) => {
  expect(confirm(change)).toEqual([expect.stringContaining(mistake)]);
});

it('requires an https address of the API', () => {
  const plain = { live: 'http://api.example.com' };
  expect(mistakesOf(fetchSchema, { api: plain, request: { url: '{api}/' } })).toEqual([
    'api.live: expected an address such as https://api.example.com',
  ]);
});

it('fetches by one question, or by one for each kind of notice', () => {
  const request = { url: '{api}/{form:id}' };
  const cases = [{ match: { 'form:id': ['a'] }, request }, { skip: 'unknown' }];
  const either = ': expected either "request" or "cases"';
  expect(mistakesOf(fetchSchema, { api, cases })).toEqual([]);
  expect(mistakesOf(fetchSchema, { api })).toEqual([either]);
  expect(mistakesOf(fetchSchema, { api, request, cases })).toEqual([either]);
  expect(mistakesOf(fetchSchema, { api, cases: [{}] })).toEqual(['cases.0: expected either "request" or "skip"']);
  expect(mistakesOf(fetchSchema, { api, cases: [{ request, skip: 'unknown' }] })).toEqual([
    'cases.0: expected either "request" or "skip"',
  ]);
  const withToken = { request: { url: '{api}/{form:id}', headers: { a: '{token}' } } };
  expect(mistakesOf(fetchSchema, { api, cases: [withToken] })).toEqual([
    'cases.0.request.headers.a: there is no {token} without "token"',
  ]);
});

it('accepts lists, with {since:…}, and questions about pending payments', () => {
  const list = { kind: 'list', api, request: { url: '{api}/events?since={since:unix}' }, items: '/data' };
  expect(mistakesOf(listSchema, list)).toEqual([]);
  expect(mistakesOf(listSchema, { kind: 'open', api, request: list.request })).toEqual([
    'request.url: only a list has {since:…}',
  ]);
  expect(mistakesOf(listSchema, { kind: 'open', api, request: { url: '{api}/{json:/id}' } })).toEqual([]);
});

it.each([
  ['/fetched', []],
  ['fetched', ['into: expected a pointer to a member of the event, such as /fetched']],
  ['/data/fetched', ['into: expected a pointer to a member of the event, such as /fetched']],
  ['/__proto__', ['into: expected a pointer to a member of the event, such as /fetched']],
])('adds an answer to a member of the event only: %s', (into, mistakes) => {
  expect(mistakesOf(fetchSchema, { api, into, cases: [{ request: ask.request }] })).toEqual(mistakes);
});

it('chooses the question of a fetch by what is stored', () => {
  const match = { 'header:x-topic': ['paid'] };
  expect(mistakesOf(fetchSchema, { api, cases: [{ match, request: ask.request }] })).toEqual([
    expect.stringContaining('cases.0.match.header:x-topic: '),
  ]);
});
