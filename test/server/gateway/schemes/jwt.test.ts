import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { nowMs, presetWith, requestWith, secretsOnly, verifyInbound } from '../gateways.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherPem = other.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const scheme = {
  scheme: 'jwt',
  from: 'header:x-token',
  algorithms: ['ES256'],
  maxAgeSeconds: 300,
  claims: { request_body_sha256: '{body | sha256hex}' },
};
const preset = presetWith({ verify: { any: [scheme] } });
const body = '{"a": 1.0}';
const bodyHash = createHash('sha256').update(body).digest('hex');
const nowSeconds = nowMs / 1000;

/** A token with the right claims, except for those given. */
function tokenWith(
  claims: Record<string, unknown> = {},
  header: { alg: string; [name: string]: unknown } = { alg: 'ES256' },
) {
  return new SignJWT({ request_body_sha256: bodyHash, iat: nowSeconds, ...claims })
    .setProtectedHeader(header)
    .sign(privateKey);
}

function verificationOf(
  token: string,
  {
    secrets = [pem],
    atMs = nowMs,
    content = body,
  }: { secrets?: string[]; atMs?: number | null; content?: string } = {},
) {
  const request = requestWith({ body: content, headers: { 'x-token': token } });
  return verifyInbound(preset, request, secretsOnly(...secrets), atMs);
}

const rejectedFor = (reason: string) => ({ ok: false, reason });
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  it('verifies with a key in PEM or JWK, among others', async () => {
    expect(await verificationOf(await tokenWith())).toEqual({ ok: true });
    expect(await verificationOf(await tokenWith(), { secrets: [jwk] })).toEqual({ ok: true });
    expect(await verificationOf(await tokenWith(), { secrets: ['nonsense', '{', otherPem, pem] })).toEqual({
      ok: true,
    });
    expect(await verificationOf(await tokenWith(), { secrets: [otherPem] })).toEqual(rejectedFor('wrong-signature'));
  });

  it('binds the bytes of the body', async () => {
    expect(await verificationOf(await tokenWith(), { content: '{"a": 1}' })).toEqual(rejectedFor('wrong-signature'));
    expect(await verificationOf(await tokenWith({ request_body_sha256: bodyHash.toUpperCase() }))).toEqual(
      rejectedFor('wrong-signature'),
    );
  });

  it.each([[undefined], [null], [''], [1], [[bodyHash]], [{ toString: bodyHash }]])(
    'is rejected if the claim is not a text: %j',
    async (claim) => {
      expect(await verificationOf(await tokenWith({ request_body_sha256: claim }))).toEqual(
        rejectedFor('wrong-signature'),
      );
    },
  );

  it('must agree with the request in every claim', async () => {
    const claims = { ...scheme.claims, path: '{path}' };
    const two = presetWith({ verify: { any: [{ ...scheme, claims }] } });
    const verification = async (path: unknown, hash = bodyHash) => {
      const token = await tokenWith({ path, request_body_sha256: hash });
      return verifyInbound(two, requestWith({ body, headers: { 'x-token': token } }), secretsOnly(pem), nowMs);
    };

    expect(await verification('/in/test')).toEqual({ ok: true });
    expect(await verification('/in/other')).toEqual(rejectedFor('wrong-signature'));
    expect(await verification('/in/test', 'x')).toEqual(rejectedFor('wrong-signature'));
    expect(await verification(undefined)).toEqual(rejectedFor('wrong-signature'));
  });

  it('is rejected if a claim is only inherited', async () => {
    const inheriting = presetWith({ verify: { any: [{ ...scheme, claims: { constructor: '{body}' } }] } });
    const request = requestWith({ body: '', headers: { 'x-token': await tokenWith() } });

    expect((await verifyInbound(inheriting, request, secretsOnly(pem), nowMs)).ok).toBe(false);
  });
});

describe('the age of a token', () => {
  it('is judged by iat, on both sides', async () => {
    expect(await verificationOf(await tokenWith({ iat: nowSeconds - 300 }))).toEqual({ ok: true });
    expect(await verificationOf(await tokenWith({ iat: nowSeconds - 301 }))).toEqual(rejectedFor('stale-timestamp'));
    expect(await verificationOf(await tokenWith({ iat: nowSeconds + 300 }))).toEqual({ ok: true });
    expect(await verificationOf(await tokenWith({ iat: nowSeconds + 301 }))).toEqual(rejectedFor('future-timestamp'));
    expect(await verificationOf(await tokenWith({ iat: 1 }), { atMs: null })).toEqual({ ok: true });
  });

  it('must be known, even without a clock', async () => {
    expect(await verificationOf(await tokenWith({ iat: undefined }))).toEqual(rejectedFor('malformed-timestamp'));
    expect(await verificationOf(await tokenWith({ iat: undefined }), { atMs: null })).toEqual(
      rejectedFor('malformed-timestamp'),
    );
  });

  it('ends with exp and begins with nbf, if the token has them', async () => {
    expect(await verificationOf(await tokenWith({ exp: nowSeconds - 1 }))).toEqual(rejectedFor('stale-timestamp'));
    expect(await verificationOf(await tokenWith({ nbf: nowSeconds + 60 }))).toEqual(rejectedFor('malformed-timestamp'));
  });

  it('does not matter if the signature is wrong', async () => {
    expect(await verificationOf(await tokenWith({ iat: 1, request_body_sha256: 'x' }))).toEqual(
      rejectedFor('wrong-signature'),
    );
  });
});

describe('a forged token', () => {
  const claims = encoded({ request_body_sha256: bodyHash, iat: nowSeconds });

  it('is rejected if it declares no signature', async () => {
    expect(await verificationOf(`${encoded({ alg: 'none' })}.${claims}.`)).toEqual(
      rejectedFor('unsupported-algorithm'),
    );
    expect(await verificationOf(`${encoded({ alg: 'None' })}.${claims}.AAAA`)).toEqual(
      rejectedFor('unsupported-algorithm'),
    );
  });

  it.each([
    ['PEM', pem],
    ['JWK', jwk],
  ])('is rejected if the public key, as %s, was the secret of an HMAC', async (_form, key) => {
    const text = `${encoded({ alg: 'HS256' })}.${claims}`;
    const token = `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;

    expect(await verificationOf(token, { secrets: [key] })).toEqual(rejectedFor('unsupported-algorithm'));
  });

  it('is rejected if it brings its own key', async () => {
    const header = { alg: 'ES256', jwk: other.publicKey.export({ format: 'jwk' }), jku: 'https://evil.example/keys' };
    const token = await new SignJWT({ request_body_sha256: bodyHash, iat: nowSeconds })
      .setProtectedHeader(header)
      .sign(other.privateKey);

    expect(await verificationOf(token)).toEqual(rejectedFor('wrong-signature'));
  });

  it('is rejected if it requires an extension', async () => {
    const text = `${encoded({ alg: 'ES256', crit: ['x'], x: 1 })}.${claims}`;

    expect((await verificationOf(`${text}.${'A'.repeat(86)}`)).ok).toBe(false);
  });

  it('is rejected in any other spelling of its base64url', async () => {
    const token = await tokenWith();
    const alphabet = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    const twins = alphabet.filter((each) => each !== token.at(-1));
    const texts = [
      ...twins.map((each) => token.slice(0, -1) + each),
      `${token}=`,
      `${token} `,
      ` ${token}`,
      token.replace('.', '.\n'),
    ];
    const verifications = await Promise.all(texts.map((text) => verificationOf(text)));

    expect(verifications.filter(({ ok }) => ok)).toEqual([]);
  });

  it.each([['.'], ['..'], ['...'], ['a.b.c'], ['a.b.c.d.e'], ['a'.repeat(16_000)], ['null.null.null'], ['\0.\0.\0']])(
    'is rejected if it is not one: %.20j',
    async (token) => {
      expect((await verificationOf(token)).ok).toBe(false);
    },
  );
});

it.each([['HS256'], ['none'], ['RS1']])('a preset cannot allow the algorithm %s', (algorithm) => {
  expect(() => presetWith({ verify: { any: [{ ...scheme, algorithms: [algorithm] }] } })).toThrow('algorithms');
});
