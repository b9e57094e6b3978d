import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { parsePreset } from '../../../server/gateway/presets.ts';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import {
  type TestCredentials,
  nowMs,
  presetWith,
  requestWith,
  secretsOnly,
  shippedPreset,
  smallestPreset,
  verifyInbound,
} from './gateways.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function answerOf(
  name: string,
  parts: Parameters<typeof requestWith>[0],
  credentials: Partial<TestCredentials> = {},
) {
  const preset = await shippedPreset(name);
  const own = { secrets: ['sample-secret'], keyring: new Map<string, string>(), settings: {}, ...credentials };
  return preset.handshake(createRequestView(requestWith(parts), preset.body, own.settings), own, nowMs);
}

describe('a challenge of Braintree', () => {
  const challenge = (text: string, method = 'GET') =>
    answerOf(
      'braintree',
      { method, url: `/in/braintree?bt_challenge=${encodeURIComponent(text)}` },
      { secrets: ['integration_private_key', 'older'], settings: { publicKey: 'integration_public_key' } },
    );
  // Braintree: HMAC-SHA1, whose key is the SHA-1 of the private key, over the challenge.
  const proofOf = (text: string) =>
    createHmac('sha1', createHash('sha1').update('integration_private_key').digest()).update(text).digest('hex');

  it.each([['20f9f8ed05f77439fe955c977e4c8a53'], ['0123456789abcdef0123']])(
    '%s is answered with a proof',
    async (text) => {
      expect(await challenge(text)).toEqual({
        status: 200,
        body: `integration_public_key|${proofOf(text)}`,
        contentType: 'text/plain; charset=utf-8',
      });
    },
  );

  it.each([
    ['0123456789abcdef012'],
    ['0123456789abcdef0123456789abcdef0'],
    ['0123456789ABCDEF0123'],
    ['0123456789abcdef012g'],
    ['0123456789abcdef0123\n'],
    ['0123456789abcdef0123|x'],
    ['PG5vdGlmaWNhdGlvbj48L25vdGlmaWNhdGlvbj4='],
    [''],
  ])('that could be a forged notification is not signed: %j', async (text) => {
    expect(await challenge(text)).toBeNull();
  });

  it.each(['20f9f8ed05f77439fe955c977e4c8a53', '0123456789abcdef0123'])(
    '%s is never the payload of a notification, although its proof would be the right signature',
    async (text) => {
      const braintree = await shippedPreset('braintree');
      const credentials = {
        ...secretsOnly('integration_private_key'),
        settings: { publicKey: 'integration_public_key' },
      };
      const signed = (payload: string, proof: string) => {
        const body = new URLSearchParams({ bt_payload: payload, bt_signature: `integration_public_key|${proof}` });
        return verifyInbound(braintree, requestWith({ headers: form, body: body.toString() }), credentials, nowMs);
      };

      expect(await signed(text, proofOf(text))).toEqual({ ok: false, reason: 'wrong-signature' });
      expect(await signed(`${text}0123456789abcdef`, proofOf(`${text}0123456789abcdef`))).toEqual({ ok: true });
    },
  );

  it('comes by GET only, which the preset accepts', async () => {
    expect(await challenge('0123456789abcdef0123', 'POST')).toBeNull();
    expect((await shippedPreset('braintree')).methods).toEqual(new Set(['POST', 'GET']));
  });

  it('is not answered by a source without a secret', async () => {
    const request = { method: 'GET', url: '/in/braintree?bt_challenge=0123456789abcdef0123' };

    expect(await answerOf('braintree', request, { secrets: [] })).toBeNull();
    expect(await answerOf('braintree', request, { secrets: [''] })).toBeNull();
  });
});

describe('a ping', () => {
  it('of WooCommerce is answered, unless it is signed or names a topic', async () => {
    const ping = { headers: form, body: 'webhook_id=7' };

    expect(await answerOf('woocommerce', ping)).toMatchObject({ status: 200, body: '' });
    expect(await answerOf('woocommerce', { ...ping, body: 'webhook_id=x' })).toBeNull();
    expect(await answerOf('woocommerce', { body: '{"webhook_id":"7"}' })).toBeNull();
    expect(await answerOf('woocommerce', { ...ping, headers: { ...form, 'x-wc-webhook-signature': 'x' } })).toBeNull();
    expect(
      await answerOf('woocommerce', { ...ping, headers: { ...form, 'x-wc-webhook-topic': 'order.created' } }),
    ).toBeNull();
  });

  it('of Wise is answered', async () => {
    expect(await answerOf('wise', { headers: { 'x-test-notification': 'true' } })).toMatchObject({ status: 200 });
    expect(await answerOf('wise', { headers: { 'x-test-notification': 'false' } })).toBeNull();
    expect(await answerOf('wise', {})).toBeNull();
  });
});

describe('a token for DOKU', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const settings = { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  const url = '/authorization/v1/access-token/b2b';
  const timestamp = '2026-01-01T07:00:00+07:00';
  const signature = sign('sha256', Buffer.from(`client-1|${timestamp}`), privateKey).toString('base64');
  const headers = {
    'content-type': 'application/json',
    'x-client-key': 'client-1',
    'x-timestamp': timestamp,
    'x-signature': signature,
  };
  const request = { url, headers, body: '{"grantType":"client_credentials"}' };

  it('is granted to a request that DOKU’s key signed', async () => {
    const answer = await answerOf('doku_snap', request, { settings });
    const granted = JSON.parse(answer!.body) as Record<string, string>;
    const key = createHmac('sha256', 'sample-secret').update('kait: access token').digest();
    const { payload } = await jwtVerify(granted.accessToken!, key, { currentDate: new Date(nowMs) });

    expect(answer).toMatchObject({ status: 200, contentType: expect.stringContaining('application/json') });
    expect(granted.responseCode).toBe('2007300');
    expect(payload).toEqual({ iss: 'kait', iat: nowMs / 1000, exp: nowMs / 1000 + 900 });
  });

  it.each([
    ['without a signature', { ...headers, 'x-signature': '' }],
    ['with another time', { ...headers, 'x-timestamp': '2026-01-01T07:00:01+07:00' }],
    ['for another client', { ...headers, 'x-client-key': 'client-2' }],
  ])('is not granted %s', async (_what, forged) => {
    const answer = await answerOf('doku_snap', { ...request, headers: forged }, { settings });

    expect(answer).toMatchObject({ status: 401, body: expect.stringContaining('4017300') });
    expect(answer!.body).not.toContain('accessToken');
  });

  it('is not granted if the source lacks DOKU’s key, or a secret of its own', async () => {
    expect(await answerOf('doku_snap', request, { settings: {} })).toMatchObject({ status: 401 });
    expect(await answerOf('doku_snap', request, { settings: { publicKey: '' } })).toMatchObject({ status: 401 });
    expect(await answerOf('doku_snap', request, { settings, secrets: [] })).toMatchObject({ status: 401 });
  });
});

describe('handshakes', () => {
  it('are tried in turn, and their answers filled in', async () => {
    const preset = presetWith({
      handshakes: [
        { match: { 'query:a': ['1'] }, answer: 'first {query:b}' },
        { match: { 'query:b': [{ pattern: '.+' }] }, answer: '{query:b}/{query:none}', contentType: 'text/x' },
      ],
    });
    const answer = (url: string) => {
      const view = createRequestView(requestWith({ url }), preset.body);
      return preset.handshake(view, { secrets: [], keyring: new Map() }, null);
    };

    expect(await answer('/?a=1&b=2')).toMatchObject({ body: 'first 2' });
    expect(await answer('/?b=%3Cb%3E')).toEqual({ status: 200, body: '<b>/', contentType: 'text/x' });
    expect(await answer('/')).toBeNull();
  });

  it.each([
    ['that match everything', { match: {} }, 'expected at least one selector'],
    [
      'whose answer has an unknown selector',
      { match: { method: ['GET'] }, answer: '{jsn:/a} {proof}' },
      'unknown selector "jsn"',
    ],
    [
      'whose proof signs an unknown selector',
      { match: { method: ['GET'] }, proof: { algorithm: 'sha256', signed: '{quer:a}' } },
      'unknown selector "quer" in "quer:a". Did you mean "query"?',
    ],
    [
      'whose proof signs whatever is asked',
      { match: { method: ['GET'] }, proof: { algorithm: 'sha256', signed: '{query:a}' } },
      'anybody can have a challenge signed',
    ],
    [
      'whose proof signs more than the challenge',
      { match: { 'query:a': ['1'] }, proof: { algorithm: 'sha256', signed: '{query:a}{query:b}' } },
      'anybody can have a challenge signed',
    ],
    [
      'whose proof may sign nothing',
      { match: { 'query:a': ['1', null] }, proof: { algorithm: 'sha256', signed: '{query:a}' } },
      'anybody can have a challenge signed',
    ],
  ])('%s are not accepted', (_what, handshake, message) => {
    const text = JSON.stringify({ ...smallestPreset, handshakes: [handshake] });

    expect(
      parsePreset('test_gateway.json', text)
        .mistakes.map((each) => each.message)
        .join(),
    ).toContain(message);
  });
});
