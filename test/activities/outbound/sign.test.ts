import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signatureHeaders, signedHeaders } from '../../../activities/outbound/sign.ts';

const golden = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1614265330,
  body: '{"test": 2432232314}',
};
const hmacKey = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ed25519Key = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const hmacSignature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const ed25519Signature = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

describe('the Standard Webhooks signature', () => {
  afterEach(() => vi.useRealTimers());

  it('is the published one for HMAC-SHA256', () => {
    expect(signedHeaders(golden, [hmacKey])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': hmacSignature,
    });
  });

  it('is the published one for Ed25519', () => {
    expect(signedHeaders(golden, [ed25519Key])['webhook-signature']).toBe(ed25519Signature);
  });

  it('has one part for each key, separated by a space', () => {
    expect(signedHeaders(golden, [hmacKey, ed25519Key])['webhook-signature']).toBe(
      `${hmacSignature} ${ed25519Signature}`,
    );
  });

  it('passes the official verifiers, with text beyond ASCII too', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1614265330_000 }); // They refuse what is older than five minutes.
    const body = '{"name":"Żółć 🦊"}';
    const headers = signedHeaders({ ...golden, body }, [hmacKey]);
    expect(new StandardWebhook(hmacKey).verify(body, headers)).toEqual({ name: 'Żółć 🦊' });
    expect(new SvixWebhook(hmacKey).verify(body, headers)).toEqual({ name: 'Żółć 🦊' });
    expect(() => new StandardWebhook(hmacKey).verify(`${body} `, headers)).toThrow('No matching signature found');
  });

  it('covers the exact bytes, even if they are not UTF-8', () => {
    const bytes = Buffer.from('{"test": 2432232314}');
    expect(signedHeaders({ ...golden, body: bytes }, [hmacKey])['webhook-signature']).toBe(hmacSignature);
    expect(signedHeaders({ ...golden, body: bytes }, [ed25519Key])['webhook-signature']).toBe(ed25519Signature);
    const latin1 = Buffer.from('{"name":"Jos\u00e9"}', 'latin1');
    // openssl dgst -sha256 -mac HMAC, over the same bytes.
    expect(signedHeaders({ ...golden, body: latin1 }, [hmacKey])['webhook-signature']).toBe(
      'v1,6QIOhnw497a3Jxo1vlqOlSMmKxyUF5tw3l8meGlosek=',
    );
  });

  it('throws on an id with a full stop, and without a key', () => {
    expect(() => signedHeaders({ ...golden, id: 'msg.1' }, [hmacKey])).toThrow('full stop');
    expect(() => signedHeaders(golden, [])).toThrow('needs a signing key');
  });

  it('takes a key that is written in another way as it is, which verifiers call raw', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1614265330_000 });
    const headers = signedHeaders(golden, ['a secret of the receiver']);
    expect(new StandardWebhook('a secret of the receiver', { format: 'raw' }).verify(golden.body, headers)).toEqual({
      test: 2432232314,
    });
  });
});

describe('the signature that an endpoint wants', () => {
  afterEach(() => vi.useRealTimers());
  const both = [ed25519Key, hmacKey];

  it.each([
    [['v1'], hmacSignature],
    [['v1a'], ed25519Signature],
    [['v1', 'v1a'], `${ed25519Signature} ${hmacSignature}`],
  ] as const)('has the versions %j of Standard Webhooks', (standard, signature) => {
    expect(signatureHeaders({ standard: [...standard] }, golden, both)['webhook-signature']).toBe(signature);
  });

  it('is never left out, whatever keys there are', () => {
    expect(() => signatureHeaders({ standard: ['v1a'] }, golden, [hmacKey])).toThrow('needs a signing key');
    expect(() => signatureHeaders({ hmac: { header: 'x-signature' } }, golden, [ed25519Key])).toThrow(
      'needs a signing key',
    );
  });

  it('passes the official verifiers with the old and the new key while a key is replaced', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1614265330_000 });
    const old = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
    const headers = signatureHeaders({ standard: ['v1', 'v1a'] }, golden, [hmacKey, ed25519Key, old]);
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(3);
    expect(new StandardWebhook(hmacKey).verify(golden.body, headers)).toEqual({ test: 2432232314 });
    expect(new StandardWebhook(old).verify(golden.body, headers)).toEqual({ test: 2432232314 });
    expect(new SvixWebhook(hmacKey).verify(golden.body, headers)).toEqual({ test: 2432232314 });
    expect(new SvixWebhook(old).verify(golden.body, headers)).toEqual({ test: 2432232314 });
  });

  // printf '%s' '{"test": 2432232314}' | openssl dgst -sha256 -hmac 'It is a secret'; with `1614265330.` in front where it is stamped.
  const secret = 'It is a secret';
  it.each([
    [{}, { 'x-signature': 'f4f7ebe457908892b30a06c25d64f131c9160f207a8f9e6189f61bb28ff1b4dd' }],
    [{ algorithm: 'sha1' }, { 'x-signature': 'f2f753e105a5b0947f4c363963627cb88a76da70' }],
    [
      { algorithm: 'sha512', encoding: 'base64' },
      { 'x-signature': 'y/JV/WLC+QkgxVfz3c3U/7A4bcqa25rEdFFgtLJ7guS+O1uMjmSEX/3OFNmIso3NK9Xm+ydrLcj4E65PZ6dycQ==' },
    ],
    [
      { prefix: 'sha256=' },
      { 'x-signature': 'sha256=f4f7ebe457908892b30a06c25d64f131c9160f207a8f9e6189f61bb28ff1b4dd' },
    ],
    [
      { timestampHeader: 'X-Timestamp' },
      {
        'x-signature': 'edce1cdcbc0c7ecff3495464d2f48af9e6ef02924cd4571e4ad3905bb6fb5608',
        'x-timestamp': '1614265330',
      },
    ],
    [
      { inOne: true },
      { 'x-signature': 't=1614265330,v1=edce1cdcbc0c7ecff3495464d2f48af9e6ef02924cd4571e4ad3905bb6fb5608' },
    ],
  ] as const)('can be an HMAC of the receiver’s own design: %j', (design, expected) => {
    const signature = { hmac: { header: 'X-Signature', ...design } };
    expect(signatureHeaders(signature, golden, [secret])).toEqual({
      'webhook-id': golden.id,
      ...expected,
    });
  });

  it('of the receiver’s own design is made with the newest key that is one for HMAC', () => {
    const headers = signatureHeaders({ hmac: { header: 'x-signature' } }, golden, [ed25519Key, secret, 'older']);
    expect(headers['x-signature']).toBe('f4f7ebe457908892b30a06c25d64f131c9160f207a8f9e6189f61bb28ff1b4dd');
  });

  it('passes Stripe’s verifier with the old and the new key, if it is in one header', () => {
    const headers = signatureHeaders({ hmac: { header: 'stripe-signature', inOne: true } }, golden, [secret, 'older']);
    const verify = (key: string) =>
      Stripe.webhooks.constructEvent(golden.body, headers['stripe-signature']!, key, 300, undefined, 1614265330_000);
    expect(verify(secret)).toEqual({ test: 2432232314 });
    expect(verify('older')).toEqual({ test: 2432232314 });
    expect(() => verify('another')).toThrow('No signatures found');
  });
});
