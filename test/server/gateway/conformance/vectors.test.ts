import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { missOf, parseVectors, type Vector } from '../../../../cli/commands/vectors.ts';
import { shippedPresets } from '../gateways.ts';

const presets = await shippedPresets();
const file = new URL('../vectors.json', import.meta.url);
const vectors = parseVectors(readFileSync(file, 'utf8'), 'vectors.json');

/** Presets without vectors in the file. Theirs are computed here by the formulas in the gateways' documentation. */
const withoutVectors = ['adyen_platform', 'mollie_classic'];

const transfer =
  '{"data":{"id":"3JG5","status":"booked"},"type":"balancePlatform.transfer.updated","timestamp":"2026-01-01T00:00:00+01:00"}';
const transferKey = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
/** Adyen, "Verify HMAC signatures": the key is hex, the signature base64, and the text the body. */
const transferSignature = createHmac('sha256', Buffer.from(transferKey, 'hex')).update(transfer).digest('base64');

function adyenPlatform(id: string, parts: { signature?: string; body?: string; secret?: string }): Vector {
  const { signature = transferSignature, body = transfer, secret = transferKey } = parts;
  const headers = { 'content-type': 'application/json', hmacsignature: signature };
  return vectorOf({ id: `adyen_platform-${id}`, preset: 'adyen_platform', headers, body, secret });
}

function mollieClassic(id: string, body: string): Vector {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return vectorOf({ id: `mollie_classic-${id}`, preset: 'mollie_classic', headers, body });
}

function vectorOf(parts: {
  id: string;
  preset: string;
  headers: Record<string, string>;
  body: string;
  secret?: string;
}): Vector {
  const { id, preset, headers, body, secret } = parts;
  const request = { method: 'POST', url: `https://hooks.example.id/in/${preset}`, headers, body };
  return { id, preset, reason: id, request, secret, expect: 'valid', lenient_ok: false, stricter_ok: false };
}

const forged = (vector: Vector): Vector => ({ ...vector, expect: 'invalid' });

const own: Vector[] = [
  adyenPlatform('ok', {}),
  forged(adyenPlatform('tampered', { body: transfer.replace('booked', 'failed') })),
  forged(adyenPlatform('reserialised', { body: JSON.stringify(JSON.parse(transfer), null, 2) })),
  forged(adyenPlatform('other-key', { secret: transferKey.replace('44', '45') })),
  forged(
    adyenPlatform('key-as-text', { signature: createHmac('sha256', transferKey).update(transfer).digest('base64') }),
  ),
  forged(adyenPlatform('hex', { signature: Buffer.from(transferSignature, 'base64').toString('hex') })),
  forged(adyenPlatform('missing', { signature: '' })),
  // Unsigned by design: every request is a notice, and the payment is fetched.
  mollieClassic('ok', 'id=tr_7UhSN1zuXS'),
  mollieClassic('unknown', 'id=tr_doesNotExist'),
];

describe('the vectors', () => {
  it('cover every preset, and belong to one each', () => {
    const tested = [...new Set(vectors.map(({ preset }) => preset))];

    expect([...tested, ...withoutVectors].sort()).toEqual([...presets.keys()].sort());
    expect([...new Set(own.map(({ preset }) => preset))]).toEqual(withoutVectors);
    expect(vectors.length).toBe(180);
  });

  it.each([...vectors, ...own].map((vector) => [vector.id, vector] as const))('agree about %s', async (_id, vector) => {
    expect(await missOf(vector, presets)).toBeNull();
  });
});
