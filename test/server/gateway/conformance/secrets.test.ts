import { describe, expect, it } from 'vitest';
import { fetchedKey, type TestCredentials, nowMs, verifyInbound } from '../gateways.ts';
import { acceptedSecrets } from './mutations.ts';
import { credentialsOf, keyOf } from './sample-keys.ts';
import { isAccepted, onePerScheme, signedSamples, type SignedSample } from './signed-samples.ts';

const samples = onePerScheme(await signedSamples()).filter(({ schemes }) => schemes[0]!.scheme !== 'none');
const titled = (each: SignedSample) => [each.title, each] as const;
const shared = samples.filter(({ preset }) => preset.declared.sampleSecret !== null);
const fetching = samples.filter(({ preset }) => preset.needs === 'nothing');
const keyrings = samples.filter(({ preset }) => preset.needs === 'keyring');

const own = ({ preset, schemes }: SignedSample) => keyOf(schemes, preset.declared.sampleSecret ?? '').verifier;
const other = ({ preset, schemes }: SignedSample) =>
  keyOf(schemes, preset.declared.sampleSecret ?? '', 'other').verifier;

/** The sample's credentials with other secrets or public keys where its scheme looks for them. */
function holding({ preset, schemes, sample, credentials }: SignedSample, ...verifiers: string[]): TestCredentials {
  return credentialsOf(preset, schemes, sample, credentials.settings, ...verifiers);
}

describe.each(samples.map(titled))('the keys of %s', (_title, sample) => {
  const accepts = (...verifiers: string[]) =>
    isAccepted(sample, { request: sample.request, credentials: holding(sample, ...verifiers) });

  it('do not verify if they are others of the same kind', async () => {
    expect(await accepts(own(sample))).toBe(true);
    expect(await accepts(other(sample))).toBe(false);
  });

  it('are not keys if they are empty, blank or nonsense', async () => {
    expect(await accepts('')).toBe(false);
    expect(await accepts(' ')).toBe(false);
    expect(await accepts('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toBe(false);
    expect(await accepts('{"kty":"oct","k":"AAAA"}')).toBe(false);
  });
});

describe.each(samples.filter((each) => !keyrings.includes(each)).map(titled))('a rotation at %s', (_title, sample) => {
  const accepts = (...verifiers: string[]) =>
    isAccepted(sample, { request: sample.request, credentials: holding(sample, ...verifiers) });

  it('accepts the old key and the new one', async () => {
    expect(await accepts(other(sample), own(sample))).toBe(true);
    expect(await accepts(own(sample), other(sample))).toBe(true);
    expect(await accepts('', 'nonsense', own(sample))).toBe(true);
    expect(await accepts(other(sample), other(sample))).toBe(false);
  });
});

describe.each(shared.map(titled))('the secret of %s', (_title, sample) => {
  it('is rejected if it differs in one character', async () => {
    expect(await acceptedSecrets(sample)).toEqual([]);
  });
});

describe.each(keyrings.map(titled))('the keyring of %s', (_title, sample) => {
  const verification = (keyring: [string, string][]) =>
    verifyInbound(sample.preset, sample.request, { ...sample.credentials, keyring: new Map(keyring) }, nowMs);
  const [id] = sample.credentials.keyring.keys();

  it('is asked only for the key that the request names', async () => {
    expect(
      await verification([
        ['another', other(sample)],
        [id!, own(sample)],
      ]),
    ).toEqual({ ok: true });
    expect(await verification([['another', own(sample)]])).toEqual({ ok: false, reason: 'unknown-key' });
    expect(
      await verification([
        ['another', own(sample)],
        [id!, other(sample)],
      ]),
    ).toEqual({ ok: false, reason: 'wrong-signature' });
    expect(await verification([[id!, '']])).toEqual({ ok: false, reason: 'unknown-key' });
    expect(await verification([])).toEqual({ ok: false, reason: 'no-secret' });
  });

  it('is not replaced by secrets without an id', async () => {
    const credentials = { ...sample.credentials, secrets: [own(sample)], keyring: new Map<string, string>() };

    expect(await verifyInbound(sample.preset, sample.request, credentials, nowMs)).toEqual({
      ok: false,
      reason: 'no-secret',
    });
  });
});

describe.each(fetching.map(titled))('the fetched key of %s', (_title, sample) => {
  const verification = (fetchKey: TestCredentials['fetchKey']) =>
    verifyInbound(sample.preset, sample.request, { ...sample.credentials, secrets: [], fetchKey }, nowMs);

  it('verifies as the source’s own does', async () => {
    expect(await verification(() => Promise.resolve(fetchedKey(own(sample))))).toEqual({ ok: true });
    expect(await verification(() => Promise.resolve(fetchedKey(other(sample))))).toEqual({
      ok: false,
      reason: 'wrong-signature',
    });
  });

  it('rejects the request for now if it is unavailable', async () => {
    expect(await verification(undefined)).toEqual({ ok: false, reason: 'key-unavailable' });
    expect(await verification(() => Promise.reject(new Error('down')))).toEqual({
      ok: false,
      reason: 'key-unavailable',
    });
  });
});

it.each(samples.filter(({ preset }) => preset.needs === 'secrets').map(titled))(
  'rejects %s if the source has no secret',
  async (_title, { preset, request, credentials }) => {
    expect(await verifyInbound(preset, request, { ...credentials, secrets: [] }, nowMs)).toEqual({
      ok: false,
      reason: 'no-secret',
    });
    expect(await verifyInbound(preset, request, { ...credentials, secrets: ['', ''] }, nowMs)).toEqual({
      ok: false,
      reason: 'no-secret',
    });
  },
);
