import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signedHeaders } from '../../../activities/outbound/sign.ts';

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

  it('throws on an id with a full stop and on another kind of key', () => {
    expect(() => signedHeaders({ ...golden, id: 'msg.1' }, [hmacKey])).toThrow('full stop');
    expect(() => signedHeaders(golden, ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toThrow('whsec_ or whsk_');
  });
});
