import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPresets } from '../../../server/gateway/load-presets.ts';
import { readEvents } from '../../../server/gateway/read-events.ts';
import { secretsOnly } from '../../../server/gateway/credentials.ts';
import { joinId } from '../../../server/gateway/alternatives.ts';
import { refusalReasons } from '../../../server/gateway/schemes/scheme.ts';
import { signRequest } from '../../../server/gateway/sign-request.ts';
import { verifyRequest } from '../../../server/gateway/verify.ts';
import { nowMs, presetsFolder, requestWith, shop } from './gateways.ts';

const presets = [...(await loadPresets(presetsFolder)).values()];
const receivedAt = new Date(nowMs);

const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
const json = fc.json({ maxDepth: 6 }).map((each) => Buffer.from(each));
/** Bodies with the members that presets look for, holding anything. */
const nearMiss = fc
  .dictionary(
    fc.constantFrom(
      'id',
      'type',
      'event',
      'status',
      'data',
      'order_id',
      'status_code',
      'gross_amount',
      'signature_key',
      'created',
      'currency',
      'amount',
      '__proto__',
    ),
    fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.double(), fc.constant(null), fc.jsonValue()),
  )
  .map((each) => Buffer.from(JSON.stringify(each)));
const body = fc.oneof(bytes, json, nearMiss);
const headerValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.string(), { maxLength: 4 }),
  fc.tuple(fc.integer(), fc.stringMatching(/^[0-9a-f]{64}$/)).map(([time, digest]) => `t=${time},v1=${digest}`),
);
const headers = fc.record(
  {
    'stripe-signature': headerValue,
    'x-callback-token': headerValue,
    'webhook-id': headerValue,
    'content-type': fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'x'),
  },
  { requiredKeys: [] },
);

describe.each(presets.map((preset) => [preset.name, preset] as const))('%s', (_name, preset) => {
  const secret = preset.preset.sampleSecret ?? 'none';

  it('verifies nothing that nobody signed, and says why in a known word', async () => {
    await fc.assert(
      fc.asyncProperty(headers, body, fc.option(fc.double()), async (sentHeaders, content, now) => {
        const request = requestWith({ headers: sentHeaders, body: content });
        const verdict = await verifyRequest(preset, request, secretsOnly(secret), now);

        expect(verdict).toMatchObject({ ok: false, reason: expect.toBeOneOf([...refusalReasons]) });
      }),
      { numRuns: 500 },
    );
  });

  it('reads anything without throwing, into events that PostgreSQL takes', () => {
    fc.assert(
      fc.property(headers, body, (sentHeaders, content) => {
        const events = readEvents(preset, shop, requestWith({ headers: sentHeaders, body: content }), receivedAt);
        const envelopes = events.map(({ event }) => ({ ...event, data: null }));

        expect(events.length).toBeGreaterThan(0);
        expect(JSON.stringify(envelopes)).not.toMatch(/\\u(?:0000|d[89a-f][0-9a-f]{2})/i);
        expect(events.every(({ event }) => event.id.length > 0 && event.id.length <= 256)).toBe(true);
        expect(events.every(({ event }) => /^\d{4}-.{19}$/.test(event.occurredAt))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('verifies whatever it has signed itself, and not under another secret', async () => {
    const members = fc.record({
      order_id: fc.string({ unit: 'grapheme' }),
      status_code: fc.string(),
      gross_amount: fc.string(),
    });
    const secrets = fc.stringMatching(/^[!-~]{1,40}$/).filter((each) => !each.includes(','));
    await fc.assert(
      fc.asyncProperty(members, secrets, secrets, async (value, right, wrong) => {
        fc.pre(right !== wrong);
        const signed = await signRequest(
          preset,
          { headers: {}, body: JSON.stringify(value), url: '' },
          { secret: right, settings: {} },
          nowMs,
        );
        const request = requestWith(signed);

        expect(await verifyRequest(preset, request, secretsOnly(wrong, right), nowMs)).toEqual({ ok: true });
        expect((await verifyRequest(preset, request, secretsOnly(wrong), nowMs)).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

it('joins no two lists of parts into one id', () => {
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
