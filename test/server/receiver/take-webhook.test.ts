import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import type { Source } from '../../../server/gateway/sources.ts';
import type { Inbox } from '../../../server/inbox.ts';
import type { NewEvent } from '../../../server/new-event.ts';
import { createMetrics } from '../../../server/metrics.ts';
import type { InboundRequest } from '../../../server/gateway/request-view.ts';
import { keptHeaders, takeWebhook } from '../../../server/receiver/take-webhook.ts';
import { onePerScheme, signedSamples, type SignedSample } from '../gateway/conformance/signed-samples.ts';
import { nowMs } from '../gateway/gateways.ts';

const jsonSamples = onePerScheme(await signedSamples()).filter(({ preset, request, credentials }) => {
  const isJson = request.headers['content-type'] === 'application/json' && preset.body.format === 'json';
  return isJson && credentials.fetchKey === undefined;
});

afterEach(() => {
  vi.restoreAllMocks();
});

it.each(jsonSamples.map((sample) => [sample.title, sample] as const))(
  'parses the body of %s once, from its verification to its acknowledgement',
  async (_title, sample) => {
    const body = sample.request.body.toString('utf8');
    const parse = vi.spyOn(JSON, 'parse');
    const { status, stored } = await take(sample);
    const parsed = parse.mock.calls.filter(([text]) => text === body);
    expect({ ok: Math.floor(status / 100), stored: stored.length > 0, parsed: parsed.length }).toEqual({
      ok: 2,
      stored: true,
      parsed: 1,
    });
  },
);

async function take({ preset, request, credentials }: SignedSample) {
  const stored: NewEvent[] = [];
  const { settings } = credentials;
  const source: Source = {
    ...{ name: 'shop', preset, credentials, settings, pathSecrets: null },
    ...{ paths: [], allowFrom: null, rateLimit: null, addressRateLimit: null },
    ...{
      keepBodiesMs: null,
      keepEventsMs: null,
      keepHeaders: [],
      confirm: false,
      test: true,
      reconcileEveryMs: null,
      secretFaults: [],
    },
    completes: false,
  };
  const inbox: Pick<Inbox, 'storeAll'> = {
    storeAll: (webhook) => {
      stored.push(...webhook);
      return Promise.resolve(webhook.map((_entry, index) => ({ duplicate: false, rowId: index, claimed: true })));
    },
  };
  const answer = await takeWebhook(
    source,
    request,
    { keepDuring: () => undefined },
    {
      inbox,
      isWanted: () => true,
      countVerified: () => null,
      metrics: createMetrics(() => Promise.resolve(0)),
      log: pino({ level: 'silent' }),
      now: () => nowMs,
    },
  );
  return { status: answer.status, stored };
}

function request(headers: InboundRequest['headers']): InboundRequest {
  return { method: 'POST', url: '/in/stripe', headers, body: Buffer.alloc(0) };
}

it('keeps only the named headers', () => {
  const inbound = request({ 'stripe-signature': 't=1', authorization: 'Basic x', cookie: 'a=b', 'x-empty': '' });
  expect(keptHeaders(inbound, ['stripe-signature', 'x-empty', 'x-absent'])).toEqual({
    'stripe-signature': 't=1',
    'x-empty': '',
  });
});

it('returns null if no header is named or none of them is present', () => {
  expect(keptHeaders(request({ cookie: 'a=b' }), [])).toBeNull();
  expect(keptHeaders(request({ cookie: 'a=b' }), ['stripe-signature', 'constructor'])).toBeNull();
});

it('joins the values of a repeated header', () => {
  expect(keptHeaders(request({ 'x-mollie-signature': ['sha256=a', 'sha256=b'] }), ['x-mollie-signature'])).toEqual({
    'x-mollie-signature': 'sha256=a, sha256=b',
  });
});
