import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CompiledPreset } from '../../../../server/gateway/presets.ts';
import { signRequest } from '../../../../server/gateway/verify.ts';
import { type TestCredentials, nowMs, presetWith, requestWith, verifyInbound } from '../gateways.ts';
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
      return Promise.resolve(sampleCertificate);
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
      expect((await verification(() => Promise.resolve(text))).ok).toBe(false);
    },
  );

  it('is not fetched for a request without a signature', async () => {
    const unsigned = requestWith({ body, headers: at });
    const fetchKey = () => Promise.reject(new Error('asked'));

    expect(await verifyInbound(fetching, unsigned, holding([], fetchKey), nowMs)).toEqual(
      rejectedFor('missing-signature'),
    );
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
