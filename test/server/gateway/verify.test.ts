import { createHash } from 'node:crypto';
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import type { CompiledPreset } from '../../../server/gateway/presets.ts';
import { signRequest } from '../../../server/gateway/verify.ts';
import { nowMs, presetWith, requestWith, secretsOnly, shippedPreset, verifyInbound } from './gateways.ts';

const secret = 'whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH';
const nowSeconds = nowMs / 1000;
const body = '{\n  "id": "evt_1",\n  "type": "ping",\n  "amount": 1.0,\n  "name": "Jos\\u00e9"\n}';
const stripe = await shippedPreset('stripe');
const midtrans = await shippedPreset('midtrans');
const xendit = await shippedPreset('xendit');

function v1(content: string | Buffer, seconds = nowSeconds, key = secret): string {
  return createHmac('sha256', key).update(`${seconds}.`).update(content).digest('hex');
}

function verifyStripe(header: string | string[], content: string | Buffer = body, now: number | null = nowMs) {
  const request = requestWith({ headers: { 'stripe-signature': header }, body: content });
  return verifyInbound(stripe, request, secretsOnly(secret), now);
}

function rejectedFor(reason: string) {
  return { ok: false, reason };
}

describe('a Stripe signature', () => {
  const good = `t=${nowSeconds},v1=${v1(body)}`;

  it('is accepted from Stripe’s own library, and that library accepts ours', async () => {
    const library = new Stripe('sk_test_unused');
    const header = library.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: nowSeconds });
    const signed = await signRequest(stripe, { headers: {}, body, url: '' }, { secret, settings: {} }, nowMs);
    const event = library.webhooks.constructEvent(
      signed.body,
      signed.headers['stripe-signature']!,
      secret,
      300,
      undefined,
      nowSeconds,
    );

    expect(await verifyStripe(header)).toEqual({ ok: true });
    expect(event.id).toBe('evt_1');
  });

  it('is accepted in upper-case hex and with blanks between the pairs', async () => {
    expect(await verifyStripe(`t=${nowSeconds},v1=${v1(body).toUpperCase()}`)).toEqual({ ok: true });
    expect(await verifyStripe(`t=${nowSeconds}, v1=${v1(body)}`)).toEqual({ ok: true });
  });

  it('is accepted among wrong ones, up to the sixteenth', async () => {
    const wrong = Array.from({ length: 20 }, () => `v1=${'0'.repeat(64)}`);

    expect(await verifyStripe([`t=${nowSeconds}`, ...wrong.slice(0, 15), `v1=${v1(body)}`].join(','))).toEqual({
      ok: true,
    });
    expect(await verifyStripe([`t=${nowSeconds}`, ...wrong.slice(0, 16), `v1=${v1(body)}`].join(','))).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it('is checked with its own time if the header is repeated', async () => {
    const older = `t=${nowSeconds - 60},v1=${v1(body, nowSeconds - 60)}`;
    const forged = `t=${nowSeconds},v1=${'0'.repeat(64)}`;

    expect(await verifyStripe([forged, older])).toEqual({ ok: true });
    expect(await verifyStripe(`${forged}, ${older}`)).toEqual({ ok: true });
    expect(await verifyStripe([older, forged])).toEqual({ ok: true });
    expect(await verifyStripe([forged, `t=${nowSeconds},v1=${v1(body, nowSeconds - 60)}`])).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it('is accepted in the fourth of several headers, but not in the fifth', async () => {
    const forged = Array.from({ length: 4 }, () => `t=${nowSeconds},v1=${'0'.repeat(64)}`);

    expect(await verifyStripe([...forged.slice(1), good])).toEqual({ ok: true });
    expect(await verifyStripe([...forged, good])).toEqual(rejectedFor('wrong-signature'));
  });

  it('counts the wrong ones of all headers together', async () => {
    const wrong = Array.from({ length: 15 }, () => `v1=${'0'.repeat(64)}`);
    const first = [`t=${nowSeconds}`, ...wrong].join(',');

    expect(await verifyStripe([first, good])).toEqual({ ok: true });
    expect(await verifyStripe([first, `t=${nowSeconds},v1=${'0'.repeat(64)},v1=${v1(body)}`])).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it.each([
    ['missing-signature', ''],
    ['malformed-signature', 'nonsense'],
    ['malformed-signature', `v1=${v1(body)}`],
    ['malformed-signature', `t=${nowSeconds}`],
    ['malformed-signature', `t=${nowSeconds},v1=`],
    ['wrong-signature', `t=${nowSeconds},v1=${v1(body).slice(2)}`],
    ['wrong-signature', `t=${nowSeconds},v1=${v1(body)}00`],
    ['malformed-signature', `t=${nowSeconds},v1=${v1(body)}zz`],
    ['malformed-signature', `t=${nowSeconds},v0=${v1(body)}`],
    ['malformed-signature', `${good}${' '.repeat(5_000)}`],
    ['wrong-signature', `t=${nowSeconds + 1},v1=${v1(body)}`],
    ['malformed-timestamp', `t=today,v1=${createHmac('sha256', secret).update(`today.${body}`).digest('hex')}`],
  ])('is rejected for %s: %s', async (reason, header) => {
    expect(await verifyStripe(header)).toEqual(rejectedFor(reason));
  });

  it('is rejected at an age of 301 seconds, not of 300', async () => {
    const at = (seconds: number) => `t=${seconds},v1=${v1(body, seconds)}`;

    expect(await verifyStripe(at(nowSeconds - 300))).toEqual({ ok: true });
    expect(await verifyStripe(at(nowSeconds - 301))).toEqual(rejectedFor('stale-timestamp'));
    expect(await verifyStripe(at(nowSeconds - 301), body, null)).toEqual({ ok: true });
    expect(await verifyStripe(at(nowSeconds + 86_400))).toEqual({ ok: true });
  });

  it('judges the age after the signature, so that a forger learns nothing about the clock', async () => {
    expect(await verifyStripe(`t=1,v1=${'0'.repeat(64)}`)).toEqual(rejectedFor('wrong-signature'));
  });

  it.each([
    ['white space', body.replace('\n', '')],
    ['a number written otherwise', body.replace('1.0', '1')],
    ['an escape written otherwise', body.replace('\\u00e9', 'é')],
    ['another order of keys', '{\n  "type": "ping",\n  "id": "evt_1",\n  "amount": 1.0,\n  "name": "Jos\\u00e9"\n}'],
    ['a byte order mark', `\uFEFF${body}`],
    ['nothing at all', ''],
  ])('covers the bytes: it is rejected over a body with %s', async (_what, content) => {
    expect(await verifyStripe(good, content)).toEqual(rejectedFor('wrong-signature'));
  });

  it('covers bytes that are not UTF-8', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const header = `t=${nowSeconds},v1=${v1(bytes)}`;

    expect(await verifyStripe(header, bytes)).toEqual({ ok: true });
    expect(await verifyStripe(header, Buffer.from([0x7b, 0xff, 0xff, 0x7d]))).toEqual(rejectedFor('wrong-signature'));
    expect(await verifyStripe(header, bytes.toString('utf8'))).toEqual(rejectedFor('wrong-signature'));
  });

  it('is not found in a property that every object inherits', async () => {
    expect(
      await verifyInbound(
        presetWith({ verify: { any: [{ scheme: 'token', from: 'header:constructor' }] } }),
        requestWith({}),
        secretsOnly(secret),
        nowMs,
      ),
    ).toEqual(rejectedFor('missing-token'));
  });
});

describe('a Midtrans signature', () => {
  const sent = {
    order_id: '1111',
    status_code: '200',
    gross_amount: '100000.00',
    // Midtrans' documented example.
    signature_key:
      'edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231',
  };
  const verifyMidtrans = (content: string) =>
    verifyInbound(
      midtrans,
      requestWith({ body: content }),
      secretsOnly('askvnoibnosifnboseofinbofinfgbiufglnbfg'),
      nowMs,
    );

  it('is accepted in any layout', async () => {
    expect(await verifyMidtrans(JSON.stringify(sent))).toEqual({ ok: true });
    expect(await verifyMidtrans(JSON.stringify({ extra: [1.0], ...sent }, null, 4))).toEqual({ ok: true });
    expect(await verifyMidtrans(JSON.stringify({ ...sent, signature_key: sent.signature_key.toUpperCase() }))).toEqual({
      ok: true,
    });
  });

  it.each([
    ['incomplete', { ...sent, order_id: undefined }],
    ['incomplete', { ...sent, order_id: null }],
    ['incomplete', { ...sent, order_id: ['1111'] }],
    ['incomplete', { ...sent, order_id: '\uD800' }],
    ['wrong-signature', { ...sent, order_id: 2 ** 53 }],
    ['wrong-signature', { ...sent, gross_amount: 100000.0 }],
    ['wrong-signature', { ...sent, order_id: '1112' }],
    ['missing-signature', { ...sent, signature_key: undefined }],
    ['missing-signature', { ...sent, signature_key: {} }],
    ['malformed-signature', { ...sent, signature_key: sent.signature_key.slice(1) }],
    ['missing-signature', [sent]],
    ['missing-signature', 'text'],
  ])('is rejected for %s: %j', async (reason, content) => {
    expect(await verifyMidtrans(JSON.stringify(content))).toEqual(rejectedFor(reason));
  });

  it('covers every digit of a number beyond 2^53', async () => {
    const key = 'askvnoibnosifnboseofinbofinfgbiufglnbfg';
    const signature = createHash('sha512').update(`9007199254740993200100000.00${key}`).digest('hex');
    const told = (id: string) =>
      `{"order_id":${id},"status_code":"200","gross_amount":"100000.00","signature_key":"${signature}"}`;
    expect(await verifyMidtrans(told('9007199254740993'))).toEqual({ ok: true });
    expect(await verifyMidtrans(told('9007199254740992'))).toEqual(rejectedFor('wrong-signature'));
  });

  it('is rejected over a body that cannot be read', async () => {
    expect(await verifyMidtrans('{')).toEqual(rejectedFor('missing-signature'));
    expect(await verifyMidtrans('['.repeat(500_000))).toEqual(rejectedFor('too-complex'));
    expect(
      await verifyMidtrans(`${JSON.stringify(sent).slice(0, -1)},"x":${'['.repeat(70)}${']'.repeat(70)}}`),
    ).toEqual(rejectedFor('missing-signature'));
  });
});

describe('a Xendit token', () => {
  const verifyXendit = (token: string | string[]) =>
    verifyInbound(
      xendit,
      requestWith({ headers: { 'x-callback-token': token } }),
      secretsOnly('XnDiTcAlLbAcKtOkEn123'),
      nowMs,
    );

  it('is accepted alone and repeated', async () => {
    expect(await verifyXendit('XnDiTcAlLbAcKtOkEn123')).toEqual({ ok: true });
    expect(await verifyXendit(['other', 'XnDiTcAlLbAcKtOkEn123'])).toEqual({ ok: true });
    expect(await verifyXendit('other, XnDiTcAlLbAcKtOkEn123')).toEqual({ ok: true });
  });

  it.each([
    ['missing-token', ''],
    ['missing-token', []],
    ['wrong-token', ' '],
    ['wrong-token', 'xnditcallbacktoken123'],
    ['wrong-token', 'XnDiTcAlLbAcKtOkEn12'],
    ['wrong-token', 'XnDiTcAlLbAcKtOkEn1234'],
    ['wrong-token', 'XnDiTcAlLbAcKtOkEn123\0'],
  ])('is rejected for %s: %j', async (reason, token) => {
    expect(await verifyXendit(token)).toEqual(rejectedFor(reason));
  });
});

describe('a scheme of another gateway', () => {
  const hmacPreset = (options: Record<string, unknown>) =>
    presetWith({ verify: { any: [{ scheme: 'hmac', algorithm: 'sha256', signed: '{body}', ...options }] } });

  // Standard Webhooks: its specification's own example.
  const standard = hmacPreset({
    key: { encoding: 'base64', prefix: 'whsec_' },
    signature: { from: 'header:webhook-signature', encoding: 'base64', prefix: 'v1,', separator: ' ' },
    signed: '{header:webhook-id}.{header:webhook-timestamp}.{body}',
    timestamp: { from: 'header:webhook-timestamp', format: 'unix', toleranceSeconds: 300 },
  });
  const standardRequest = (headers: Record<string, string | string[]>) =>
    requestWith({
      headers: { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', ...headers },
      body: '{"test": 2432232314}',
    });
  const standardSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const standardSignature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const verifyStandard = (signature: string | string[], now = 1_614_265_330_000, key = standardSecret) =>
    verifyInbound(standard, standardRequest({ 'webhook-signature': signature }), secretsOnly(key), now);

  it('has a base64 key with a prefix and several signatures, separated by blanks or in repeated headers', async () => {
    expect(await verifyStandard(standardSignature)).toEqual({ ok: true });
    expect(await verifyStandard(`v1,${'A'.repeat(43)}= ${standardSignature} v1a,xyz`)).toEqual({ ok: true });
    expect(await verifyStandard([`v1,${'A'.repeat(43)}=`, standardSignature])).toEqual({ ok: true });
  });

  it('accepts only one spelling of a base64 signature', async () => {
    expect(await verifyStandard(standardSignature.replace('OE=', 'OF='))).toEqual(rejectedFor('malformed-signature'));
    expect(await verifyStandard(standardSignature.replace('=', ''))).toEqual(rejectedFor('malformed-signature'));
    expect(await verifyStandard(standardSignature.replace('+', '-'))).toEqual(rejectedFor('malformed-signature'));
    expect(await verifyStandard(standardSignature.toUpperCase())).toEqual(rejectedFor('malformed-signature'));
  });

  it('rejects times on both sides unless the preset accepts the future', async () => {
    expect(await verifyStandard(standardSignature, 1_614_265_030_000)).toEqual({ ok: true });
    expect(await verifyStandard(standardSignature, 1_614_265_029_000)).toEqual(rejectedFor('future-timestamp'));
    expect(await verifyStandard(standardSignature, 1_614_265_631_000)).toEqual(rejectedFor('stale-timestamp'));
  });

  it('accepts no secret without the key’s format', async () => {
    expect(await verifyStandard(standardSignature, 1_614_265_330_000, 'whsec_')).toEqual(
      rejectedFor('wrong-signature'),
    );
    expect(await verifyStandard(standardSignature, 1_614_265_330_000, 'whsec_not base64!')).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it('is not fooled by a signature with an empty key if the secret is only the prefix', async () => {
    const empty = createHmac('sha256', '').update('msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}');

    expect(await verifyStandard(`v1,${empty.digest('base64')}`, 1_614_265_330_000, 'whsec_')).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it('is not fooled by a signature with the part of a secret that does decode', async () => {
    const part = createHmac('sha256', Buffer.from('MfKQ9r8G', 'base64'));
    part.update('msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}');

    expect(await verifyStandard(`v1,${part.digest('base64')}`, 1_614_265_330_000, 'whsec_MfKQ!9r8G')).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it('signs with the key in hex', async () => {
    const hex = hmacPreset({ key: { encoding: 'hex' }, signature: { from: 'header:x-sig', encoding: 'hex' } });
    const digest = createHmac('sha256', Buffer.from('00ff10', 'hex')).update('x').digest('hex');
    const request = requestWith({ headers: { 'x-sig': digest }, body: 'x' });

    expect(await verifyInbound(hex, request, secretsOnly('00FF10'), nowMs)).toEqual({ ok: true });
    expect(await verifyInbound(hex, request, secretsOnly('00ff1'), nowMs)).toEqual(rejectedFor('wrong-signature'));
  });

  it('signs path, query, method and filtered texts', async () => {
    const preset = hmacPreset({
      signature: { from: 'query:sign', encoding: 'hex', prefix: 'sha256=' },
      signed: '{method | lower} {path} {query:id | upper} {header:x-none | opt}{header:x-body | sha256hex}',
    });
    const text = 'post /in/test AB 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    const digest = createHmac('sha256', 'k').update(text).digest('hex');
    const url = `https://hooks.example.id/in/test?id=ab&sign=sha256%3D${digest}#x`;

    expect(
      await verifyInbound(preset, requestWith({ url, headers: { 'x-body': 'x' } }), secretsOnly('k'), nowMs),
    ).toEqual({ ok: true });
    expect(await verifyInbound(preset, requestWith({ url }), secretsOnly('k'), nowMs)).toEqual(
      rejectedFor('incomplete'),
    );
  });

  it('finds the token in a field of a form, and signs it there', async () => {
    const preset = presetWith({ verify: { any: [{ scheme: 'token', from: 'form:token' }] } });
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const signed = await signRequest(
      preset,
      { headers, body: 'data=%7B%7D', url: '' },
      { secret: 'a&b', settings: {} },
      nowMs,
    );

    expect(signed.body.toString()).toBe('data=%7B%7D&token=a%26b');
    expect(await verifyInbound(preset, requestWith(signed), secretsOnly('a&b'), nowMs)).toEqual({ ok: true });
    expect(await verifyInbound(preset, requestWith({ ...signed, headers: {} }), secretsOnly('a&b'), nowMs)).toEqual(
      rejectedFor('missing-token'),
    );
  });
});

describe('several schemes', () => {
  const token = (from: string) => ({ scheme: 'token', from });
  const verificationOf = (preset: CompiledPreset, headers: Record<string, string>) =>
    verifyInbound(preset, requestWith({ headers }), secretsOnly('secret'), nowMs);

  it('need only one to accept, and otherwise reject for the one whose signature is there', async () => {
    const preset = presetWith({ verify: { any: [token('header:a'), token('header:b')] } });

    expect(await verificationOf(preset, { b: 'secret' })).toEqual({ ok: true });
    expect(await verificationOf(preset, { a: 'wrong', b: 'secret' })).toEqual({ ok: true });
    expect(await verificationOf(preset, { b: 'wrong' })).toEqual(rejectedFor('wrong-token'));
    expect(await verificationOf(preset, {})).toEqual(rejectedFor('missing-token'));
  });

  it('must all accept if the preset says so', async () => {
    const preset = presetWith({ verify: { all: [token('header:a'), token('header:b')] } });

    expect(await verificationOf(preset, { a: 'secret', b: 'secret' })).toEqual({ ok: true });
    expect(await verificationOf(preset, { a: 'secret' })).toEqual(rejectedFor('missing-token'));
    expect(await verificationOf(preset, { a: 'secret', b: 'wrong' })).toEqual(rejectedFor('wrong-token'));
    expect(
      (await signRequest(preset, { headers: {}, body: '', url: '' }, { secret: 'secret', settings: {} }, nowMs))
        .headers,
    ).toEqual({
      a: 'secret',
      b: 'secret',
    });
  });
});

describe('a signed field of a form that is not UTF-8', () => {
  const preset = presetWith({
    verify: {
      any: [
        {
          scheme: 'hmac',
          algorithm: 'sha256',
          signature: { from: 'header:x-sig', encoding: 'hex' },
          signed: '{form:name}|{form:note | opt}',
        },
      ],
    },
  });
  const digest = createHmac('sha256', 'k').update(Buffer.from('Jos\xe9|', 'latin1')).digest('hex');
  const verificationOf = (form: string, charset: string) => {
    const headers = { 'x-sig': digest, 'content-type': `application/x-www-form-urlencoded${charset}` };
    return verifyInbound(preset, requestWith({ headers, body: form }), secretsOnly('k'), nowMs);
  };

  it.each(['', '; charset=utf-8', '; charset=windows-1252', '; charset=KOI8-R'])(
    'is verified over its bytes with the unsigned content type%s',
    async (charset) => {
      expect(await verificationOf('name=Jos%E9', charset)).toEqual({ ok: true });
      expect(await verificationOf('name=Jos%E8', charset)).toEqual(rejectedFor('wrong-signature'));
    },
  );

  it.each(['name=Jos%E9&name=x', 'name=x&name=Jos%E9', 'name=Jos%E9&note=&note=', 'name=Jos%E9&note=x&note=y'])(
    'is ambiguous if a field that is read comes twice: %s',
    async (form) => {
      expect(await verificationOf(form, '')).toEqual(rejectedFor('ambiguous'));
    },
  );

  it('is rejected for its charset if that is unknown', async () => {
    expect(await verificationOf('name=Jos%E9', '; charset=x')).toEqual(rejectedFor('unknown-charset'));
  });
});
