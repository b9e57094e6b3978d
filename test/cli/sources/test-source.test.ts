import { afterEach, expect, it, vi } from 'vitest';
import { testSource } from '../../../cli/sources/test-source.ts';
import { readWebhook } from '../../../server/gateway/ask/read-webhook.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import type { Source } from '../../../server/gateway/sources.ts';
import { signedSamples, type SignedSample } from '../../server/gateway/conformance/signed-samples.ts';
import { nowMs, samplesFolder, verifyInbound } from '../../server/gateway/gateways.ts';

const url = 'https://hooks.example.id/in/shop';

afterEach(() => {
  vi.unstubAllGlobals();
});

function sourceOf({ preset, credentials }: SignedSample): Source {
  return {
    ...{ name: 'shop', preset, credentials, settings: { ...credentials.settings, publicUrl: url } },
    ...{ paths: [], pathSecrets: null, allowFrom: null, rateLimit: null, addressRateLimit: null },
    ...{
      keepBodiesMs: null,
      keepEventsMs: null,
      keepHeaders: [],
      secretFaults: [],
      confirm: false,
      reconcileEveryMs: null,
      test: true,
      completes: false,
    },
  };
}

/** The request that a test of the source sends. */
async function sentBy(source: Source, sample: string) {
  const answer = vi.fn<typeof fetch>(() => Promise.resolve(new Response('', { status: 200 })));
  vi.stubGlobal('fetch', answer);
  await testSource(source, { samplesFolders: [samplesFolder], url, sample, nowMs });
  const [target, { headers, body } = {}] = answer.mock.calls[0] ?? [];
  const { pathname, search } = target as URL;
  const path = `${pathname}${search}`;
  return {
    method: 'POST',
    url: path,
    headers: headers as Record<string, string>,
    body: Buffer.from(body as Uint8Array<ArrayBuffer>),
  };
}

const signable = (await signedSamples()).filter(
  ({ preset }) => preset.declared.sampleSecret !== null && preset.needs !== 'path-secret',
);
const samples = [...new Map(signable.map((each) => [each.title.replace(/ by its .*/, ''), each]))];

/** What becomes of the sample: the types of the events that are stored if it is sent and verified. */
async function outcomeOf(title: string, signed: SignedSample): Promise<string[]> {
  const source = sourceOf(signed);
  const request = await sentBy(source, title.slice(title.indexOf('/') + 1)).catch(refusalOf);
  if (typeof request === 'string') return [request];
  const credentials = { ...signed.credentials, settings: { ...source.settings } };
  const verification = await verifyInbound(signed.preset, request, credentials, nowMs);
  if (!verification.ok) return [verification.reason];
  const view = createRequestView(request, signed.preset.body, source.settings);
  return readWebhook(source, view, new Date(nowMs)).map(({ event }) => event.type);
}

function refusalOf(error: unknown): string {
  expect(String(error)).toContain('cannot be made harmless. Send one as it is');
  return 'not sent';
}

const outcomes = new Map<string, string[]>();
// One after the other, because they share the stub.
for (const [title, signed] of samples) outcomes.set(title, await outcomeOf(title, signed));

it.each([...outcomes])('a test of a source with the sample %s starts nothing', (_title, types) => {
  expect(types.filter((type) => type !== 'not sent' && !type.includes(':'))).toEqual([]);
});

it('finds a harmless sample for each gateway', () => {
  const gatewayOf = (title: string) => title.split('/')[0];
  const tested = new Set([...outcomes].filter(([, [type]]) => type !== 'not sent').map(([title]) => gatewayOf(title)));
  const gateways = new Set([...outcomes.keys()].map(gatewayOf));

  expect([...gateways].filter((name) => !tested.has(name))).toEqual([]);
});
