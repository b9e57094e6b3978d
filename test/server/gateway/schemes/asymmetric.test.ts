import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CompiledPreset } from '../../../../server/gateway/presets.ts';
import { signRequest } from '../../../../server/gateway/verify.ts';
import { fetchedKey, type TestCredentials, nowMs, presetWith, requestWith, verifyInbound } from '../gateways.ts';
import { sampleCertificate, sampleCertificateKey } from './sample-certificate.ts';

const signature = { from: 'header:x-sig', encoding: 'base64' };
const rsa = (parts: Record<string, unknown> = {}) =>
  presetWith({
    verify: { any: [{ scheme: 'asymmetric', algorithm: 'rsa-sha256', signature, signed: '{body}', ...parts }] },
  });
const fetching = rsa({
  key: { fetch: { from: 'header:x-cert-url', hosts: ['*.paypal.example', 'certs.wise.example'], path: '/v1/certs/' } },
});

const body = '{"amount": 1.0}';
const signedBy = (key: string) => sign('sha256', Buffer.from(body), key).toString('base64');
const request = (headers: Record<string, string> = {}) =>
  requestWith({ body, headers: { 'x-sig': signedBy(sampleCertificateKey), ...headers } });
const holding = (secrets: string[], fetchKey?: TestCredentials['fetchKey']): TestCredentials => ({
  secrets,
  keyring: new Map(),
  settings: {},
  fetchKey,
});
const rejectedFor = (reason: string) => ({ ok: false, reason });

describe('the address of a key', () => {
  const fetched: string[] = [];
  const verification = (url: string) => {
    fetched.length = 0;
    const fetchKey = (address: string) => {
      fetched.push(address);
      return Promise.resolve(fetchedKey(sampleCertificate));
    };
    return verifyInbound(fetching, request({ 'x-cert-url': url }), holding([], fetchKey), nowMs);
  };

  it.each([
    ['https://api.paypal.example/v1/certs/CERT-1', 'https://api.paypal.example/v1/certs/CERT-1'],
    ['https://a.b.paypal.example/v1/certs/x', 'https://a.b.paypal.example/v1/certs/x'],
    ['https://certs.wise.example:443/v1/certs/x', 'https://certs.wise.example/v1/certs/x'],
    ['HTTPS://API.PayPal.example/v1/certs/X', 'https://api.paypal.example/v1/certs/X'],
  ])('%s is trusted', async (url, asked) => {
    expect(await verification(url)).toEqual({ ok: true });
    expect(fetched).toEqual([asked]);
  });

  it.each([
    ['http://api.paypal.example/v1/certs/x'],
    ['ftp://api.paypal.example/v1/certs/x'],
    ['file:///v1/certs/x'],
    ['https://paypal.example/v1/certs/x'],
    ['https://evilpaypal.example/v1/certs/x'],
    ['https://api.paypal.example.evil.example/v1/certs/x'],
    ['https://api.paypal.example./v1/certs/x'],
    ['https://sub.certs.wise.example/v1/certs/x'],
    ['https://api.paypal.example:8443/v1/certs/x'],
    ['https://user@api.paypal.example/v1/certs/x'],
    ['https://user:password@api.paypal.example/v1/certs/x'],
    ['https://api.paypal.example@evil.example/v1/certs/x'],
    ['https://evil.example#.paypal.example/v1/certs/x'],
    ['https://evil.example\\.paypal.example/v1/certs/x'],
    ['https://api.paypal.example/v1/certs'],
    ['https://api.paypal.example/v2/certs/x'],
    ['https://api.paypal.example//v1/certs/x'],
    ['https://api.paypal.example/v1/certs/../../open-redirect'],
    ['https://api.paypal.example/v1/certs/%2e%2e/%2E%2e/open-redirect'],
    ['https://api.paypal.example/v1/certs/..%2fopen-redirect'],
    ['https://api.paypal.example/v1/certs/x%00'],
    ['https://api.paypal.example/v1/certs/x?to=evil.example'],
    ['https://127.0.0.1/v1/certs/x'],
    ['https://[::1]/v1/certs/x'],
    ['https://api.paypal.example/v1/certs/x#1'],
    ['https://api.paypal.example/v1/certs/x;a=1'],
    ['https://api.paypal.example/v1/certs//x'],
    ['https://api.paypal.example/v1/certs/x/'],
    [`https://api.paypal.example/v1/certs/${'x'.repeat(500)}`],
    ['/v1/certs/x'],
    ['nonsense'],
    [''],
  ])('%s is not trusted, and nothing is fetched', async (url) => {
    expect(await verification(url)).toEqual(rejectedFor('untrusted-key'));
    expect(fetched).toEqual([]);
  });

  it('must be in the request', async () => {
    expect(await verifyInbound(fetching, request(), holding([]), nowMs)).toEqual(rejectedFor('untrusted-key'));
  });

  it('is ignored if the source has a key of its own', async () => {
    const elsewhere = request({ 'x-cert-url': 'https://evil.example/v1/certs/x' });

    expect(await verifyInbound(fetching, elsewhere, holding([sampleCertificate]), nowMs)).toEqual({ ok: true });
  });
});

describe('a fetched key', () => {
  const at = { 'x-cert-url': 'https://api.paypal.example/v1/certs/x' };
  const verification = (fetchKey: TestCredentials['fetchKey']) =>
    verifyInbound(fetching, request(at), holding([], fetchKey), nowMs);

  it('that is unavailable leaves open whether the request is genuine', async () => {
    expect(await verification(undefined)).toEqual(rejectedFor('key-unavailable'));
    expect(await verification(() => Promise.reject(new Error('ECONNREFUSED')))).toEqual(rejectedFor('key-unavailable'));
  });

  it.each([['<html>'], [''], ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----']])(
    'verifies nothing if it is not a key: %j',
    async (text) => {
      expect((await verification(() => Promise.resolve(fetchedKey(text)))).ok).toBe(false);
    },
  );

  it('is asked for on behalf of the request’s sender', async () => {
    const senders: string[] = [];
    const fetchKey: TestCredentials['fetchKey'] = (_address, { sender }) => {
      senders.push(sender);
      return Promise.resolve(fetchedKey(sampleCertificate));
    };
    await verifyInbound(fetching, { ...request(at), sender: '173.0.81.1' }, holding([], fetchKey), nowMs);
    expect(senders).toEqual(['173.0.81.1']);
  });

  it('is not fetched for a request without a signature', async () => {
    const unsigned = requestWith({ body, headers: at });
    const fetchKey = () => Promise.reject(new Error('asked'));

    expect(await verifyInbound(fetching, unsigned, holding([], fetchKey), nowMs)).toEqual(
      rejectedFor('missing-signature'),
    );
  });
});

describe('a fetched key past its time', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const former = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const at = { 'x-cert-url': 'https://api.paypal.example/v1/certs/x' };
  /** What the verification of a genuine request is, and the keys that it has proven. */
  async function verificationBy(text: string, refetched: () => Promise<string>) {
    const proven: string[] = [];
    const key = { text, refetched: refetched(), noteVerified: (verifying: string) => proven.push(verifying) };
    key.refetched.catch(() => undefined);
    const verification = await verifyInbound(
      fetching,
      request(at),
      holding([], () => Promise.resolve(key)),
      nowMs,
    );
    return { verification, proven };
  }
  const down = () => Promise.reject(new Error('ECONNREFUSED'));

  it('verifies while the gateway is down or does not answer', async () => {
    const right = { verification: { ok: true }, proven: [sampleCertificate] };
    expect(await verificationBy(sampleCertificate, down)).toEqual(right);
    expect(await verificationBy(sampleCertificate, () => new Promise(() => undefined))).toEqual(right);
  });

  it('gives way to the one that has taken its place', async () => {
    expect(await verificationBy(former, () => Promise.resolve(sampleCertificate))).toEqual({
      verification: { ok: true },
      proven: [sampleCertificate],
    });
  });

  it('rejects what neither it nor its successor has signed, and nothing while the successor is unknown', async () => {
    expect(await verificationBy(former, () => Promise.resolve(former))).toEqual({
      verification: rejectedFor('wrong-signature'),
      proven: [],
    });
    expect(await verificationBy(former, down)).toEqual({ verification: rejectedFor('key-unavailable'), proven: [] });
  });
});

describe('a certificate', () => {
  const verificationAt = (iso: string | null) =>
    verifyInbound(rsa(), request(), holding([sampleCertificate]), iso === null ? null : Date.parse(iso));

  it('verifies only while it is valid', async () => {
    expect(await verificationAt('2025-11-30T23:59:59Z')).toEqual(rejectedFor('untrusted-key'));
    expect(await verificationAt('2025-12-01T00:00:00Z')).toEqual({ ok: true });
    expect(await verificationAt('2026-02-01T00:00:00Z')).toEqual({ ok: true });
    expect(await verificationAt('2026-02-01T00:00:01Z')).toEqual(rejectedFor('untrusted-key'));
    expect(await verificationAt(null)).toEqual({ ok: true });
  });
});

describe('a public key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const ed25519 = (key: Record<string, unknown>) => rsa({ algorithm: 'ed25519', key });
  const made = sign(null, Buffer.from(body), privateKey).toString('base64');
  const verification = (preset: CompiledPreset, ...secrets: string[]) =>
    verifyInbound(preset, request({ 'x-sig': made }), holding(secrets), nowMs);

  it('may be raw bytes, with a prefix, or PEM', async () => {
    expect(await verification(ed25519({ form: 'raw', prefix: 'whpk_' }), `whpk_${raw}`)).toEqual({ ok: true });
    expect(await verification(ed25519({ form: 'raw' }), raw)).toEqual({ ok: true });
    expect(await verification(ed25519({}), pem)).toEqual({ ok: true });
  });

  it('of another algorithm or length is ignored', async () => {
    const { publicKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

    expect(await verification(rsa(), pem)).toEqual(rejectedFor('no-secret'));
    expect(await verification(rsa(), ec.export({ type: 'spki', format: 'pem' }).toString())).toEqual(
      rejectedFor('no-secret'),
    );
    expect(await verification(ed25519({}), ec.export({ type: 'spki', format: 'pem' }).toString())).toEqual(
      rejectedFor('no-secret'),
    );
    expect(await verification(ed25519({ form: 'raw' }), raw.slice(4))).toEqual(rejectedFor('no-secret'));
    expect(await verification(ed25519({ form: 'raw' }), pem)).toEqual(rejectedFor('no-secret'));
  });

  it('verifies beside texts that are not keys', async () => {
    expect(await verification(ed25519({}), 'nonsense', sampleCertificate, pem)).toEqual({ ok: true });
  });
});

describe('what is verified of a forged request', () => {
  const keyOf = () =>
    generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ type: 'spki', format: 'pem' });
  const others = [keyOf(), keyOf(), keyOf()].map(String);
  const lastOfFour = [...others, sampleCertificate];
  const firstOfTwo = [sampleCertificate, ...others.slice(0, 1)];
  /** Whether the right signature is found behind as many wrong ones. */
  const finds = (large: string, wrong: number, keys: string[]) => {
    const right = sign('sha256', Buffer.from(large), sampleCertificateKey).toString('base64');
    const signatures = [...Array.from({ length: wrong }, () => signedBy(sampleCertificateKey)), right].join(',');
    const attempt = requestWith({ body: large, headers: { 'x-sig': signatures } });
    return verifyInbound(rsa(), attempt, holding(keys), nowMs);
  };
  const wrong = rejectedFor('wrong-signature');

  it.each([
    ['four signatures with each key', 1, 3, lastOfFour, { ok: true }],
    ['no fifth one', 1, 4, lastOfFour, wrong],
    ['above 256 KiB the first one with each key', 2 ** 18 + 1, 0, lastOfFour, { ok: true }],
    ['and the second with the first key', 2 ** 18 + 1, 1, firstOfTwo, { ok: true }],
    ['but no more', 2 ** 18 + 1, 1, lastOfFour, wrong],
    ['from 512 KiB on the first one with each key', 2 ** 19, 0, lastOfFour, { ok: true }],
    ['and nothing else', 2 ** 19, 1, firstOfTwo, wrong],
    ['of any size two with a single key', 2 ** 20, 1, [sampleCertificate], { ok: true }],
  ])('are %s', async (_what, bytes, before, keys, verification) => {
    expect(await finds('x'.repeat(bytes), before, keys)).toEqual(verification);
  });
});

describe('signing', () => {
  const sample = { headers: {}, body, url: '' };

  it('uses the private key, which only tests and gateways have', async () => {
    const signed = await signRequest(rsa(), sample, { secret: sampleCertificateKey, settings: {} }, nowMs);

    expect(signed.headers).toEqual({ 'x-sig': signedBy(sampleCertificateKey) });
    await expect(signRequest(rsa(), sample, { secret: sampleCertificate, settings: {} }, nowMs)).rejects.toThrow(
      'Only the gateway has the private key',
    );
  });
});
