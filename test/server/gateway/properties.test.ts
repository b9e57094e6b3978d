import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinId } from '../../../server/gateway/event-value.ts';
import { type InboundRequest, createRequestView } from '../../../server/gateway/request-view.ts';
import { rejectionReasons } from '../../../server/gateway/schemes/scheme.ts';
import { signRequest } from '../../../server/gateway/verify.ts';
import { coveredPieces } from './conformance/pieces.ts';
import { credentialsOf, keyOf } from './conformance/sample-keys.ts';
import { onePerScheme, signedSamples, type SignedSample } from './conformance/signed-samples.ts';
import { nowMs, readInbound, shop, verifyInbound } from './gateways.ts';
import { requestsFor } from './preset-arbitraries.ts';

const samples = onePerScheme(await signedSamples());
const signing = samples.filter(({ preset }) => preset.needs !== 'path-secret');
const titled = (each: SignedSample) => [each.title, each] as const;
const receivedAt = new Date(nowMs);

/** Matches the characters that PostgreSQL does not accept: NUL, and halves of surrogate pairs. */
const unfit = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

describe.each(signing.map(titled))('the preset of %s', (_title, sample) => {
  const { preset, credentials } = sample;

  it('verifies nothing that nobody signed, and gives a known reason', async () => {
    await fc.assert(
      fc.asyncProperty(requestsFor(preset), fc.option(fc.double()), async (request, atMs) => {
        const verification = await verifyInbound(preset, request, credentials, atMs);

        expect(verification).toMatchObject({ ok: false, reason: expect.toBeOneOf([...rejectionReasons]) });
      }),
      { numRuns: 15 },
    );
  });

  it('verifies everything that it has signed itself, and not with another key', async () => {
    const pieces = coveredPieces(sample).filter(({ name }) => name !== 'method'); // Samples are always sent by POST.
    const changes = fc.array(fc.tuple(fc.nat(), fc.string({ unit: 'grapheme', maxLength: 20 })), { maxLength: 1 });
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const attempts = changed.flatMap(
          ([index, text]) => pieces.at(index % Math.max(1, pieces.length))?.with(inJson(text)) ?? [],
        );
        const { request, credentials: own } = attempts[0] ?? sample;
        const signed = await signedAgain(sample, request, own.settings);
        fc.pre(signed !== undefined);
        const other = keyOf(sample.schemes, preset.declared.sampleSecret ?? '', 'other').verifier;
        const foreign = credentialsOf(preset, sample.schemes, sample.sample, own.settings, other);

        expect(await verifyInbound(preset, signed, own, nowMs)).toEqual({ ok: true });
        expect((await verifyInbound(preset, signed, foreign, nowMs)).ok).toBe(false);
      }),
      { numRuns: 6 },
    );
  });
});

describe.each([...new Map(samples.map(({ preset }) => [preset.name, preset]))])('%s', (_name, preset) => {
  it('reads anything without throwing, into events that PostgreSQL accepts', () => {
    fc.assert(
      fc.property(requestsFor(preset), (request) => {
        const events = readInbound(preset, shop, request, receivedAt);
        const envelopes = events.map(({ event }) => ({ ...event, data: null }));

        expect(events.length).toBeGreaterThan(0);
        expect(JSON.stringify(envelopes)).not.toMatch(unfit);
        expect(events.every(({ event }) => event.id.length > 0 && event.id.length <= 256)).toBe(true);
        expect(events.every(({ event }) => /^\d{4}-.{19}$/.test(event.occurredAt))).toBe(true);
        expect(events.every(({ event }) => Number.isSafeInteger(event.payment?.amount ?? 0))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('answers anything without throwing, within the bounds of its answers', async () => {
    const credentials = { secrets: ['sample-secret'], keyring: new Map(), settings: { publicKey: 'k' } };
    await fc.assert(
      fc.asyncProperty(requestsFor(preset), async (request) => {
        const view = createRequestView(request, preset.body, credentials.settings);
        const handshake = await preset.handshake(view, credentials, nowMs);

        expect(Math.floor(preset.acknowledge(view).status / 100)).toBe(2);
        expect(Math.floor(preset.reject(view).status / 100)).toBe(4);
        expect(handshake?.status ?? 200).toBeOneOf([200, 401]);
      }),
      { numRuns: 15 },
    );
  });
});

it('never joins two lists of parts into one id', () => {
  const parts = fc.tuple(fc.string(), fc.string(), fc.string());
  const tricky = fc.tuple(...[0, 1, 2].map(() => fc.stringMatching(/^[:%3A5]{0,3}$/)));
  fc.assert(
    fc.property(fc.oneof(parts, tricky), fc.oneof(parts, tricky), (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));

      expect(joinId(one)).not.toBe(joinId(other));
    }),
    { numRuns: 2_000 },
  );
});

/** The text as written between quotes in JSON. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Undefined if the request lacks something that the signature covers, so that no gateway could sign it. */
async function signedAgain(
  { signer, keys }: SignedSample,
  { method, url, headers, body }: InboundRequest,
  settings: Readonly<Record<string, string>>,
): Promise<InboundRequest | undefined> {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const sample = { headers: texts, body: body.toString('utf8'), url };
  const signed = await signRequest(signer, sample, { ...keys.signing, settings }, nowMs).catch(() => undefined);
  return signed && { method, url, headers: signed.headers, body: signed.body };
}
