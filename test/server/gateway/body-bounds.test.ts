import { describe, expect, it } from 'vitest';
import { exceedsBounds } from '../../../server/gateway/body-bounds.ts';
import { bodySchema } from '../../../server/gateway/read-body.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import { verifyRequest } from '../../../server/gateway/verify.ts';
import { requestWith, secretsOnly, shippedPreset, verifyInbound } from './gateways.ts';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const filler = ' '.repeat(1_000);

function exceeds(body: string | Buffer, contentType: string | undefined, options: Record<string, unknown> = {}) {
  return exceedsBounds(Buffer.from(body), contentType, bodySchema.parse(options));
}

describe('before its signature is known, a body is read', () => {
  it.each([
    ['a list of 4,000 items', `[${'1,'.repeat(3_998)}1]${filler}`],
    ['an object of 4,000 members', `{${'"a":1,'.repeat(3_999)}"a":1}`],
    ['64 levels', `${'['.repeat(64)}${']'.repeat(64)}${filler}`],
    ['brackets and commas in a text', `["${'[{,'.repeat(10_000)}"]`],
    ['32,768 escapes', `"${'\\"'.repeat(32_768)}"`],
    ['numbers of 65,536 digits in all', `[${'1,'.repeat(3_000)}${'1'.repeat(62_536)}]`],
    ['256 KiB outside of texts', `[${' '.repeat(2 ** 18 - 2)}]`],
    ['8,002 texts', '""'.repeat(8_002)],
    ['a text of 8 MiB', `"${'x'.repeat(8 * 2 ** 20)}"`],
    ['text that is not UTF-8 in 64 KiB', Buffer.alloc(65_536, 0x80)],
  ])('with %s', (_what, body) => {
    expect(exceeds(body, json)).toBe(false);
  });

  it.each([
    ['1,000 fields', 'a=1&'.repeat(999)],
    ['a field of 1 MiB', `a=${'x'.repeat(2 ** 20)}`],
    ['32,768 escapes', `a=${'%01'.repeat(32_768)}`],
  ])('as a form with %s', (_what, body) => {
    expect(exceeds(body, form)).toBe(false);
  });
});

describe('before its signature is known, a body is not read', () => {
  it.each([
    ['4,001 items', `[${'1,'.repeat(4_000)}1]`],
    ['4,001 objects', '{}'.repeat(4_001)],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}${filler}`],
    ['an escaped quotation mark before its brackets', `["\\"",${'[],'.repeat(4_000)}1]`],
    ['an escaped backslash before its brackets', `["\\\\",${'[],'.repeat(4_000)}1]`],
    ['32,769 escapes', `"${'\\"'.repeat(32_769)}"`],
    ['numbers of 65,537 digits in all', `[${'1,'.repeat(3_000)}${'1'.repeat(62_537)}]`],
    ['more than 256 KiB outside of texts', `[${' '.repeat(2 ** 18 - 1)}]`],
    ['8,003 texts', '""'.repeat(8_003)],
    [
      'brackets after a long text that ends in an escaped backslash',
      `["${'x'.repeat(99)}\\\\",${'[],'.repeat(4_000)}1]`,
    ],
    ['brackets after a long text with an escaped quotation mark', `["${'x'.repeat(99)}\\"",${'[],'.repeat(4_000)}1]`],
    ['more than 64 KiB that is not UTF-8', Buffer.alloc(65_537, 0x80)],
    ['more than 64 KiB of UTF-16', Buffer.from(`\uFEFF"${'\u2222'.repeat(40_000)}"`, 'utf16le')],
  ])('with %s', (_what, body) => {
    expect(exceeds(body, json)).toBe(true);
  });

  it('as UTF-16 by its content type, which hides quotation marks from whoever reads bytes', () => {
    const hidden = Buffer.from(`"\u2222",${'[],'.repeat(4_000)}1]`, 'utf16le');
    expect(exceeds(hidden, `${json}; charset=utf-16le`)).toBe(true);
    expect(exceeds(Buffer.alloc(65_537, 0x20), `${json}; charset=utf-16le`)).toBe(true);
  });

  it.each([
    ['1,001 fields', 'a=1&'.repeat(1_001)],
    ['32,769 percent signs', `a=${'%'.repeat(32_769)}`],
    ['4,001 items, if it is JSON', `[${'1,'.repeat(4_000)}1]`],
    ['the beginning of JSON and 1,001 fields', `{${'&'.repeat(1_001)}`],
  ])('as a form with %s', (_what, body) => {
    expect(exceeds(body, form)).toBe(true);
  });

  it('with more values than its preset expects', () => {
    expect(exceeds(`[${'1,'.repeat(9_998)}1]`, json, { unverifiedValues: 10_000 })).toBe(false);
    expect(exceeds(`[${'1,'.repeat(10_000)}1]`, json, { unverifiedValues: 10_000 })).toBe(true);
  });
});

describe('a forged request', () => {
  const hex = 'a'.repeat(64);
  const many = `{${'"k":{"k":1},'.repeat(80_000)}"k":1}`;
  const fields = 'a=1&'.repeat(250_000);

  it.each([
    ['adyen', { 'content-type': json }, many],
    ['adyen', { 'content-type': form }, fields],
    ['midtrans', { 'content-type': json }, many],
    ['midtrans', { 'content-type': json }, `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
    ['ipaymu', { 'content-type': json, 'x-signature': hex }, many],
    ['ipaymu', { 'content-type': form, 'x-signature': hex }, fields],
    ['braintree', { 'content-type': form }, fields],
    ['duitku', { 'content-type': form }, fields],
    ['duitku_md5', { 'content-type': form }, fields],
    ['flip', { 'content-type': form }, fields],
    ['payu_in', { 'content-type': form }, fields],
  ])('to %s with %j is rejected unread if it is large: %.10s', async (name, headers, body) => {
    const preset = await shippedPreset(name);
    expect(await verifyInbound(preset, requestWith({ headers, body }), secretsOnly('aa'.repeat(32)), null)).toEqual({
      ok: false,
      reason: 'too-complex',
    });
  });

  it('to iPaymu is not written in its canonical form beyond 64 KiB', async () => {
    const ipaymu = await shippedPreset('ipaymu');
    const headers = { 'content-type': form, 'x-signature': hex };
    const verification = (bytes: number) =>
      verifyInbound(ipaymu, requestWith({ headers, body: 'a='.padEnd(bytes, 'é') }), secretsOnly('key'), null);

    expect(await verification(32 * 1024)).toEqual({ ok: false, reason: 'wrong-signature' });
    expect(await verification(65 * 1024)).toEqual({ ok: false, reason: 'incomplete' });
  });

  it.each(['stripe', 'paystack', 'paypal', 'plaid', 'xendit', 'wise', 'woocommerce'])(
    'to %s, which signs bytes or nothing of the body, does not have its body parsed',
    async (name) => {
      const preset = await shippedPreset(name);
      const request = requestWith({ headers: { 'content-type': json }, body: many });
      const view = createRequestView(request, preset.body, {});
      const unread = { ...view, body: () => expect.unreachable('the body was parsed') };
      const untouched = { ...unread, unverified: () => unread };

      expect(await preset.handshake(untouched, secretsOnly('key'), null)).toBeNull();
      expect(await verifyRequest(preset, untouched, secretsOnly('key'), null)).toMatchObject({ ok: false });
    },
  );
});
