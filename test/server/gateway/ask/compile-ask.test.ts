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

it('has nothing against a source that asks nothing, or what the preset can ask', () => {
  expect(problems({}, { secrets: [] })).toEqual([]);
  expect(problems({ confirm }, { confirm: true, apiKey: 'API_KEY' })).toEqual([]);
  expect(problems({ list: { kind: 'open', api, request } }, { reconcile: {}, apiKey: 'API_KEY' })).toEqual([]);
});

it('says what the preset cannot ask', () => {
  expect(problems({}, { confirm: true, reconcile: {} })).toEqual([
    'confirm: the preset cannot ask Test gateway whether an event is true',
    'reconcile: the preset cannot ask Test gateway for missing events',
  ]);
});

it('wants a key, also for a gateway whose webhooks are notices', () => {
  const wanted = 'apiKey: Kait has to ask Test gateway: expected the variable of an API key';
  expect(problems({ confirm }, { confirm: true })).toEqual([wanted]);
  expect(problems({ confirm, apiKeyIsSecret: true }, { confirm: true })).toEqual([]);
  expect(problems({ confirm, apiKeyIsSecret: true }, { confirm: true, secrets: [] })).toEqual([wanted]);
  expect(problems({ fetch: { api, request } }, { secrets: [] })).toEqual([wanted]);
  expect(problems({ fetch: { api, request } }, { secrets: [], apiKey: 'MOLLIE_API_KEY' })).toEqual([]);
});

it('never falls back to the live API for a sandbox', () => {
  expect(problems({ confirm }, { confirm: true, apiKey: 'API_KEY', environment: 'sandbox' })).toEqual([
    'apiUrl: the preset has no API address of Test gateway for sandbox: expected one',
  ]);
  expect(
    problems({ confirm }, { confirm: true, apiKey: 'API_KEY', environment: 'sandbox', apiUrl: 'https://x.example' }),
  ).toEqual([]);
});

it.each([
  [{ any: [{ scheme: 'none' }] }, false],
  [{ any: [{ scheme: 'none' }, { scheme: 'token', from: 'header:x' }] }, false],
  [{ all: [{ scheme: 'none' }] }, false],
  [{ all: [{ scheme: 'none' }, { scheme: 'token', from: 'header:x' }] }, true],
])('takes a preset that verifies by %j and fetches nothing: only where something is verified', (verify, fine) => {
  const needs = 'nothing is signed, so Kait must ask the gateway: expected \\"fetch\\" without \\"match\\"';
  const problem = () => presetWith({ verify });
  if (fine) expect(problem).not.toThrow();
  else expect(problem).toThrow(needs);
  expect(() => presetWith({ verify, fetch: { api, request } })).not.toThrow();
  const someNotices = () => presetWith({ verify, fetch: { api, request, match: { 'json:/type': ['payment'] } } });
  if (fine) expect(someNotices).not.toThrow();
  else expect(someNotices).toThrow(needs);
});
