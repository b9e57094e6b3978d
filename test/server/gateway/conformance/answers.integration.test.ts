import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../../language/json.ts';
import type { ConfirmCase } from '../../../../server/gateway/ask/ask-schema.ts';
import { parsePointer } from '../../../../server/gateway/json-pointer.ts';
import { compileFirstMatch, type Match } from '../../../../server/gateway/match.ts';
import type { CompiledPreset } from '../../../../server/gateway/presets.ts';
import { createRequestView, headerText, type RequestView } from '../../../../server/gateway/request-view.ts';
import { events } from '../../../../storage/schema.ts';
import { startHttpReceiver, type HttpReceiver } from '../../../activities/http-receiver.ts';
import type { Database } from '../../../../storage/database.ts';
import { openTestDatabase } from '../../../services/open-test-database.ts';
import { openAskFixture, type AskFixture } from '../ask/ask-fixture.ts';
import { shippedPresets } from '../gateways.ts';
import { fetchedAnswers } from './fetched-answers.ts';
import { asSent, put, tellingAnswer } from './telling-answer.ts';
import { signedSamples, type SignedSample } from './signed-samples.ts';

/*
 * What each preset takes for an answer of its gateway. An answer that says nothing must never confirm an event, contradict it, or
 * make a notice count as made up.
 */

/** How a gateway answers: the status, the body as it is sent, and further headers. */
type Reply = [status: number, body: string, headers?: Record<string, string>];

const page = '<!DOCTYPE html><html><body><h1>Scheduled maintenance</h1></body></html>';

/** Answers that say nothing about anything, whichever gateway sends them. */
const silences: Record<string, Reply> = {
  'a maintenance page': [200, page, { 'content-type': 'text/html' }],
  'a maintenance page as JSON': [200, page, { 'content-type': 'application/json' }],
  'a page with 404': [404, page],
  'a page with 400': [400, page],
  'a page with 403': [403, page],
  'a page with 503': [503, page],
  nothing: [200, ''],
  'no content': [204, ''],
  'half of JSON': [200, '{"data":'],
  'plain text': [200, 'OK'],
  null: [200, 'null'],
  'a text in JSON': [200, '"error"'],
  'an empty object': [200, '{}'],
  'a redirect': [302, '', { location: 'https://status.example.com/' }],
  'a redirect for good': [308, '{}', { location: '/v2' }],
  'a rate limit': [429, '{"message":"Too many requests"}', { 'retry-after': '30' }],
  'a rate limit in the body': [200, '{"error_code":"RATE_LIMIT_EXCEEDED","message":"Slow down"}'],
  'a wrong key': [401, '{"message":"Unauthorized"}'],
  'a failure of the server': [500, '{"message":"Internal server error"}'],
  'Midtrans 500': [200, '{"status_code":"500","status_message":"Sorry, we encountered internal server error"}'],
  'Midtrans 401': [200, '{"status_code":"401","status_message":"Unknown Merchant server_key/id"}'],
  'iPaymu 401': [200, '{"Status":401,"Success":false,"Message":"unauthorized signature","Data":[]}'],
  'iPaymu 500': [200, '{"Status":500,"Success":false,"Message":"error","Data":null}'],
  'Duitku message': [200, '{"Message":"An error has occurred."}'],
  'Duitku code': [200, '{"statusCode":"EE","statusMessage":"General error"}'],
  'Tripay failure': [200, '{"success":false,"message":"Invalid API Key","data":null}'],
  'Paystack failure': [200, '{"status":false,"message":"Invalid key"}'],
  'Flutterwave error': [200, '{"status":"error","message":"Invalid authorization key","data":null}'],
  'Cashfree error': [200, '{"type":"api_error","code":"request_failed","message":"internal Server Error"}'],
  'BI-SNAP error': [200, '{"responseCode":"5002600","responseMessage":"General Error"}'],
  'BI-SNAP rate limit': [200, '{"responseCode":"4292600","responseMessage":"Too Many Requests"}'],
  'PayU error': [200, '{"status":0,"msg":"Invalid Hash."}'],
  'PayPal error': [
    200,
    '{"name":"INTERNAL_SERVICE_ERROR","message":"An internal service error occurred","debug_id":"1"}',
  ],
  'Mollie error': [200, '{"status":503,"title":"Service Unavailable","detail":"Try again"}'],
  'Mercado Pago error': [200, '{"status":500,"error":"internal_error","message":"try again","cause":[]}'],
  'Yii error': [
    200,
    '{"name":"Unauthorized","message":"Your request was made with invalid credentials.","code":0,"status":401}',
  ],
  'Stripe error': [200, '{"error":{"type":"api_error","message":"try again"}}'],
  'JSON:API errors': [200, '{"errors":[{"status":"500","title":"Internal Server Error"}]}'],
  'WordPress error': [200, '{"code":"internal_server_error","message":"try again","data":{"status":500}}'],
};
const emptyList: Reply = [200, '[]'];

let database: Database;
let gateway: HttpReceiver;
let kait: AskFixture;
const signal = new AbortController().signal;

const presets = await shippedPresets();
const askable = [...presets.values()].filter(({ declared }) => declared.confirm ?? declared.fetch ?? declared.list);

beforeAll(async () => {
  database = await openTestDatabase();
  gateway = await startHttpReceiver();
  const sources = Object.fromEntries(askable.map((preset) => [sourceOf(preset), entryOf(preset)]));
  kait = openAskFixture({ database, presets, sources, apiUrl: gateway.origin });
});
afterAll(async () => {
  await kait.close();
  await gateway.close();
  await database.close();
});
beforeEach(() => database.orm.delete(events));

/** A name of a source has no underscore. */
const sourceOf = ({ name }: CompiledPreset) => name.replaceAll('_', '-');

function entryOf({ name, declared, needs }: CompiledPreset): object {
  return {
    gateway: name,
    settings: settingsOf(declared),
    ...(needs === 'path-secret' ? { pathSecret: 'S' } : { secrets: ['S'] }),
    ...(declared.confirm === undefined ? {} : { confirm: true }),
    ...(declared.list === undefined ? {} : { reconcile: { every: '1h', lookBack: '24h' } }),
  };
}

function settingsOf({ settings }: CompiledPreset['declared']): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, { sample }]) => [name, sample]));
}

/** Answers every question so, and requests for a token with one. */
function reply([status, body, headers = {}]: Reply): void {
  gateway.answer((response, { path }) => {
    if (path.endsWith('/oauth2/token')) response.writeHead(200).end('{"access_token":"t","expires_in":3600}');
    else response.writeHead(status, headers).end(body);
  });
}

/** The kinds of outcome other than `expected`, by the answers that caused them. */
async function otherOutcomes(
  ask: () => Promise<{ kind: string }>,
  replies: Record<string, Reply>,
  expected: string,
): Promise<Record<string, string>> {
  const others: Record<string, string> = {};
  for (const [name, each] of Object.entries(replies)) {
    reply(each);
    const { kind } = await ask();
    if (kind !== expected) others[name] = kind;
  }
  return others;
}

describe.each(
  (await signedSamples())
    .filter(({ preset }) => preset.declared.confirm !== undefined)
    .map((sample) => [sample.title, sample] as const),
)('confirming %s', (_title, sample) => {
  const { preset, request } = sample;
  const view = viewOf(sample);
  const chosen = compileFirstMatch(preset.declared.confirm!.cases)(view);

  it.runIf(chosen?.request !== undefined)('takes the word of an answer, and of nothing else', async () => {
    const contentType = headerText(request, 'content-type');
    const [eventId = ''] = await kait.receive(sourceOf(preset), request.body.toString(), contentType);
    const ask = () => kait.client.confirm({ source: sourceOf(preset), eventId, signal });
    const told = tellingAnswer(chosen!, view);

    expect(await otherOutcomes(ask, { 'the gateway agrees': ok(asSent(told, chosen!)) }, 'confirmed')).toEqual({});
    expect(await otherOutcomes(ask, { ...silences, 'an empty list': emptyList }, 'unavailable')).toEqual({});
    expect(await otherOutcomes(ask, incompleteAnswers(chosen!, told), 'unavailable')).toEqual({});
    expect(await otherOutcomes(ask, denials(chosen!), 'differs')).toEqual({});
  });
});

it('tries every preset that fetches after notices', () => {
  const fetching = askable
    .filter(({ declared: { fetch } }) => fetch !== undefined && fetch.into === undefined)
    .map(({ name }) => name);

  expect(fetching.sort()).toEqual(Object.keys(fetchedAnswers).sort());
});

it.each(Object.entries(fetchedAnswers))(
  'fetching for %s drops no notice because of an error',
  async (name, fetched) => {
    const { notice, contentType, answers } = fetched;
    const preset = presets.get(name)!;
    const [eventId = ''] = await kait.receive(sourceOf(preset), notice, contentType);
    const ask = () => kait.client.fetch({ source: sourceOf(preset), eventId, signal });
    const { answer, cases } = preset.declared.fetch!;
    const denied = { ...notFound, ...declaredDenial((answer ?? cases?.[0]?.answer)?.absent, []) };

    expect(await otherOutcomes(ask, { ...silences, 'an empty list': emptyList }, 'unavailable')).toEqual({});
    expect(await otherOutcomes(ask, denied, 'absent')).toEqual({});
    expect(await otherOutcomes(ask, { 'the payment': ok(Object.values(answers)[0]!) }, 'fetched')).toEqual({});
  },
);

const listing = askable.flatMap(({ name, declared: { list } }) =>
  list?.kind === 'list' ? [[name, list.items === ''] as const] : [],
);

it.each(listing)('reconciling %s ends with no error', async (name, isBareList) => {
  const preset = presets.get(name)!;
  const ask = () => kait.client.reconcile({ source: sourceOf(preset), signal });

  expect(await otherOutcomes(ask, silences, 'unavailable')).toEqual({});
  expect(await otherOutcomes(ask, { 'an empty list': emptyList }, isBareList ? 'reconciled' : 'unavailable')).toEqual(
    {},
  );
});

it('asking Midtrans about a pending payment learns nothing from an error', async () => {
  const pending = {
    ...{ order_id: 'A-1', transaction_id: 'tx-1', transaction_status: 'pending', status_code: '201' },
    ...{ gross_amount: '1.00', payment_type: 'qris', transaction_time: '2026-01-01 06:00:00' },
  };
  await kait.receive('midtrans', JSON.stringify(pending));
  const ask = () => kait.client.reconcile({ source: 'midtrans', signal });
  const denied = { ...notFound, ...declaredDenial({ 'json:/status_code': ['404'] }, []) };

  expect(await otherOutcomes(ask, { ...silences, 'an empty list': emptyList }, 'unavailable')).toEqual({});
  expect(await otherOutcomes(ask, denied, 'reconciled')).toEqual({});
});

const notFound: Record<string, Reply> = {
  'HTTP 404': [404, '{"message":"Not found"}'],
  'HTTP 404 without a body': [404, ''],
  'HTTP 410': [410, '{}'],
};

function ok(body: Json): Reply {
  return [200, JSON.stringify(body)];
}

function viewOf({ preset, request }: SignedSample): RequestView {
  const view = createRequestView(request, preset.body, settingsOf(preset.declared));
  const { document } = view.body();
  return { ...view, item: () => (document === undefined ? undefined : preset.items(document)?.[0]) };
}

/** The telling answer without each value that is compared, and as an error of the form that the preset declares. */
function incompleteAnswers(asked: ConfirmCase, told: JsonObject): Record<string, Reply> {
  const { answer, at = '', find, same = [] } = asked;
  const thing = { at: parsePointer(at), isListed: find !== undefined };
  const changed = (selector: string, value: Json): Reply => {
    const copy = structuredClone(told);
    put(copy, selector, value, thing);
    return ok(asSent(copy, asked));
  };
  const compared = same.filter(({ confirmed }) => !confirmed.endsWith(' | opt') && confirmed !== find?.confirmed);
  const lacking = compared.map(({ confirmed }) => [`without ${confirmed}`, changed(confirmed, null)]);
  const errors = Object.keys(answer?.found ?? {}).map((each) => [`an error in ${each}`, changed(each, 'error')]);
  return Object.fromEntries([...lacking, ...errors]) as Record<string, Reply>;
}

/** Answers that say that there is no such thing. */
function denials({ answer, at = '' }: ConfirmCase): Record<string, Reply> {
  return { ...notFound, ...declaredDenial(answer?.absent, parsePointer(at)) };
}

function declaredDenial(absent: Match | undefined, at: string[]): Record<string, Reply> {
  if (absent === undefined) return {};
  const body: JsonObject = {};
  for (const [selector, [text]] of Object.entries(absent)) {
    if (typeof text === 'string') put(body, selector, text, { at, isListed: false });
  }
  return { 'what the preset declares': ok(body), 'the same with 400': [400, JSON.stringify(body)] };
}
