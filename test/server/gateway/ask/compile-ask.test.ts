import { expect, it } from 'vitest';
import { askProblems } from '../../../../server/gateway/ask/compile-ask.ts';
import { presetWith } from '../gateways.ts';

const api = { live: 'https://api.example.com' };
const request = { url: '{api}/{json:/id}' };
const same = [{ claimed: 'json:/status', confirmed: 'json:/status' }];
const confirm = { level: 'required', why: 'unsigned', api, cases: [{ request, same }] };

function problems(parts: object, entry: Partial<Parameters<typeof askProblems>[0]>): string[] {
  const usual: Parameters<typeof askProblems>[0] = { confirm: false, environment: 'live', secrets: ['KEY'] };
  return askProblems({ ...usual, ...entry }, presetWith({ ...parts }).declared).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

it('accepts a source that asks nothing, or only what the preset can ask', () => {
  expect(problems({}, { secrets: [] })).toEqual([]);
  expect(problems({ confirm }, { confirm: true, apiKey: 'API_KEY' })).toEqual([]);
  expect(problems({ list: { kind: 'open', api, request } }, { reconcile: {}, apiKey: 'API_KEY' })).toEqual([]);
});

it('reports what the preset cannot ask', () => {
  expect(problems({}, { confirm: true, reconcile: {} })).toEqual([
    'confirm: the preset cannot ask Test gateway whether an event is true',
    'reconcile: the preset cannot ask Test gateway for missing events',
  ]);
});

it('requires a key, even for a gateway whose webhooks are notices', () => {
  const wanted = 'apiKey: Kait has to ask Test gateway: expected the variable of an API key';
  expect(problems({ confirm }, { confirm: true })).toEqual([wanted]);
  expect(problems({ confirm, apiKeyIsSecret: true }, { confirm: true })).toEqual([]);
  expect(problems({ confirm, apiKeyIsSecret: true }, { confirm: true, secrets: [] })).toEqual([wanted]);
  expect(problems({ fetch: { api, request } }, { secrets: [] })).toEqual([wanted]);
  expect(problems({ fetch: { api, request } }, { secrets: [], apiKey: 'MOLLIE_API_KEY' })).toEqual([]);
});

it('wants no key for a preset that confirms by default, so that Kait starts without one', () => {
  expect(problems({ confirm }, { confirm: undefined })).toEqual([]);
  expect(problems({ confirm }, { confirm: undefined, environment: 'sandbox' })).toEqual([
    'apiUrl: the preset has no API address of Test gateway for sandbox: expected one',
  ]);
  const list = { kind: 'open', api, request };
  expect(problems({ confirm, list }, { confirm: undefined, reconcile: {} })).toEqual([
    'apiKey: Kait has to ask Test gateway: expected the variable of an API key',
  ]);
});

it('never falls back to the live API for a sandbox', () => {
  expect(problems({ confirm }, { confirm: true, apiKey: 'API_KEY', environment: 'sandbox' })).toEqual([
    'apiUrl: the preset has no API address of Test gateway for sandbox: expected one',
  ]);
  expect(
    problems({ confirm }, { confirm: true, apiKey: 'API_KEY', environment: 'sandbox', apiUrl: 'https://x.example' }),
  ).toEqual([]);
});

const fetchSome = { api, request, match: { 'json:/type': ['payment'] } };
const fetchInto = { api, into: '/fetched', request };

it.each([
  { any: [{ scheme: 'none' }] },
  { any: [{ scheme: 'none' }, { scheme: 'token', from: 'header:x' }] },
  { all: [{ scheme: 'none' }] },
])('accepts a preset that verifies by %j only if it fetches every event', (verify) => {
  const needs =
    'nothing is signed, so Kait must ask the gateway: expected \\"fetch\\" without \\"match\\" and \\"into\\"';
  expect(() => presetWith({ verify })).toThrow(needs);
  expect(() => presetWith({ verify, fetch: fetchSome })).toThrow(needs);
  expect(() => presetWith({ verify, fetch: fetchInto })).toThrow(needs);
  expect(() => presetWith({ verify, fetch: { api, request } })).not.toThrow();
});

it.each([{}, { fetch: fetchSome }, { fetch: { api, request } }])(
  'accepts a preset that verifies something, with %j',
  (parts) => {
    const verify = { all: [{ scheme: 'none' }, { scheme: 'token', from: 'header:x' }] };
    expect(() => presetWith({ verify, ...parts })).not.toThrow();
  },
);

it('lets a preset confirm what it adds an answer to, and not what it fetches', () => {
  expect(() => presetWith({ confirm, fetch: fetchInto })).not.toThrow();
  expect(() => presetWith({ confirm, fetch: { api, request } })).toThrow(
    'expected either \\"confirm\\" or \\"fetch\\"',
  );
});

it('wants a key and an address for answers that are added only if the source names a key', () => {
  expect(problems({ fetch: fetchInto }, { environment: 'sandbox' })).toEqual([]);
  expect(problems({ fetch: fetchInto }, { environment: 'sandbox', apiKey: 'API_KEY' })).toEqual([
    'apiUrl: the preset has no API address of Test gateway for sandbox: expected one',
  ]);
});

const id = 'json:/id';

it.each([
  [{ event: { id, type: ['header:x-type'] } }, '\\"header:x-type\\" is not in the stored body'],
  [{ event: { id, type: ['json:/a + form:b'] } }, '\\"json:/a + form:b\\" is not in the stored body'],
  [{ event: { id: 'body', type: [id] } }, '\\"body\\" is not in the stored body'],
  [{ types: [{ match: { 'query:t': ['a'] }, type: null }] }, '\\"query:t\\" is not in the stored body'],
  [{ event: { id: 'json:/id + item:/fetched/id', type: [id] } }, 'an id cannot be part of what is fetched into'],
  [{ types: [{ match: { 'json:/a': ['b'] }, type: null, id: 'json:/fetched' }] }, 'an id cannot be part'],
  [{ event: { id, type: [id], items: ['', '/a/*'] } }, 'with \\"into\\", expected one list'],
])('reads events with an answer in them from their stored body, so it rejects %j', (parts, mistake) => {
  expect(() => presetWith({ ...parts, fetch: fetchInto })).toThrow(mistake);
});

it('keeps what a header says about live with an event that waits for an answer', () => {
  const live = [{ match: { 'header:x-environment': ['Sandbox'] }, is: false }];
  expect(() => presetWith({ event: { id: 'json:/id', type: ['json:/type'], live }, fetch: fetchInto })).not.toThrow();
});

it('accepts amounts and types that are fetched', () => {
  const payments = [{ id: ['item:/fetched/id'], amount: { from: ['item:/fetched/amount'], unit: 'minor' } }];
  const event = { id: 'json:/id + json:/fetchedAt', type: ['json:/fetched/type'] };
  expect(() => presetWith({ event, payments, fetch: fetchInto })).not.toThrow();
});
