import { type TestCredentials } from '../gateways.ts';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CompiledPreset } from '../../../../server/gateway/presets.ts';
import type { SigningKey } from '../../../../server/gateway/schemes/scheme.ts';
import { compileSelector, parseSelector } from '../../../../server/gateway/selector.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import type { SchemeOptions } from '../../../../server/gateway/schemes/schemes.ts';
import type { Sample } from '../../../../server/gateway/verify.ts';

/** The key that signs a sample, and the credentials that verify it. */
export interface SampleKeys {
  signing: SigningKey;
  credentials: TestCredentials;
}

/** The keys of the preset's samples: its sample secret, or a key pair for its first scheme. */
export function sampleKeys(preset: CompiledPreset, schemes: readonly SchemeOptions[], sample: Sample): SampleKeys {
  const settings = sampleSettings(preset);
  const { secret, verifier } = keyOf(schemes, preset.declared.sampleSecret ?? '');
  return { signing: { secret, settings }, credentials: credentialsOf(preset, schemes, sample, settings, verifier) };
}

/** Credentials with the verifiers where the schemes look for them. */
export function credentialsOf(
  preset: CompiledPreset,
  schemes: readonly SchemeOptions[],
  sample: Sample,
  settings: Readonly<Record<string, string>>,
  ...verifiers: string[]
): TestCredentials {
  const keyId = schemes
    .map((scheme) => ('keyId' in scheme ? scheme.keyId : undefined))
    .find((each) => each !== undefined);
  if (keyId === undefined) return { secrets: verifiers, keyring: new Map(), settings };
  const request = { method: 'POST', ...sample, body: Buffer.from(sample.body) };
  const read = compileSelector(parseSelector(keyId, ['header', 'query', 'json', 'form']));
  const id = read(createRequestView(request, preset.body, settings))!;
  return { secrets: [], keyring: new Map(verifiers.map((each) => [id, each])), settings };
}

/** The preset's sample settings, and the source's public URL. */
function sampleSettings({ name, declared: preset }: CompiledPreset): Record<string, string> {
  const declared = Object.entries(preset.settings).map(([setting, { sample }]) => [setting, sample] as const);
  return { ...Object.fromEntries(declared), publicUrl: `https://hooks.example.id/in/${name}` };
}

/** A signing key and its verifier: the sample's own, or `other` of the same kind. */
export function keyOf([scheme]: readonly SchemeOptions[], sampleSecret: string, which: 'own' | 'other' = 'own') {
  if (scheme?.scheme === 'asymmetric') return pairOf(scheme.algorithm, which, scheme.key);
  if (scheme?.scheme === 'jwt') return pairOf(scheme.algorithms[0] ?? 'ES256', which);
  const secret = which === 'own' ? sampleSecret : otherSecret(sampleSecret);
  return { secret, verifier: secret };
}

/** A secret of the same form. */
function otherSecret(secret: string): string {
  const last = secret.search(/[0-9A-Za-z](?=[^0-9A-Za-z]*$)/);
  return `${secret.slice(0, last)}${secret[last] === '0' ? '1' : '0'}${secret.slice(last + 1)}`;
}

const made = new Map<string, { privateKey: KeyObject; publicKey: KeyObject }>();

/** Generated once, because that takes longer than everything done with an RSA key. */
function pairOf(
  algorithm: string,
  which: string,
  form: { form: 'pem' | 'raw'; prefix?: string | undefined } = { form: 'pem' },
) {
  const name = `${algorithm}/${which}`;
  const pair = made.get(name) ?? generate(algorithm);
  made.set(name, pair);
  const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { x } = pair.publicKey.export({ format: 'jwk' });
  const verifier =
    form.form === 'raw'
      ? `${form.prefix ?? ''}${Buffer.from(x!, 'base64url').toString('base64')}`
      : pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { secret, verifier };
}

function generate(algorithm: string) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' });
  if (/^ed/i.test(algorithm)) return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 1024 }); // Short, since it is made anew for each run and trusted by nobody.
}
