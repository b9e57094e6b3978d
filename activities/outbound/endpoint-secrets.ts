import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { OauthClient } from '../../http/oauth-client-credentials.ts';
import type { TlsIdentity } from '../../http/tls-identity.ts';
import { openText, sealText, type SealedText, type SecretKeys } from '../../storage/secret-keys.ts';

/** Everything about an endpoint that nobody may read. Sealed as JSON in its row. */
export interface EndpointSecrets {
  /** The newest first. Each attempt is signed with all that are valid then. */
  signing: SigningKey[];
  /** The values of custom headers by their names in lower case. */
  headers: Record<string, string>;
  /** How Kait shows who it is. Null: by the signature alone. */
  auth: EndpointAuth | null;
  /** For mTLS. Null: none. */
  clientCertificate: TlsIdentity | null;
}

export interface SigningKey {
  /** `whsec_…` for v1 and HMAC, `whsk_…` for v1a. */
  key: string;
  /** RFC 3339: it signs until then. Null: until it is replaced. */
  until: string | null;
}

export type EndpointAuth =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }
  | ({ kind: 'oauth2' } & OauthClient);

/** A row's two columns. */
export interface SealedSecrets {
  secrets: Uint8Array;
  secretsKey: string;
}

/** Seals the secrets of one endpoint, to nobody else's use. */
export function sealSecrets(keys: SecretKeys, endpointId: string, secrets: EndpointSecrets): SealedSecrets {
  const { bytes, keyId } = sealText(keys, aboutEndpoint(endpointId), JSON.stringify(secrets));
  return { secrets: bytes, secretsKey: keyId };
}

/** Throws as `openText` does. */
export function openSecrets(keys: SecretKeys, endpointId: string, sealed: SealedSecrets): EndpointSecrets {
  const text: SealedText = { bytes: sealed.secrets, keyId: sealed.secretsKey };
  return JSON.parse(openText(keys, aboutEndpoint(endpointId), text)) as EndpointSecrets;
}

function aboutEndpoint(id: string): string {
  return `endpoint ${id}`;
}

/** The keys that sign at this time, the newest first. */
export function validKeys({ signing }: Pick<EndpointSecrets, 'signing'>, at: Date): string[] {
  return signing.filter(({ until }) => until === null || Date.parse(until) > at.getTime()).map(({ key }) => key);
}

/** Everything that nobody may read, such as in an answer that repeats its request. */
export function secretValues({ signing, headers, auth }: EndpointSecrets): string[] {
  const known = [...signing.map(({ key }) => key), ...Object.values(headers)];
  if (auth?.kind === 'basic') return [...known, auth.password];
  if (auth?.kind === 'bearer') return [...known, auth.token];
  return auth === null ? known : [...known, auth.clientSecret];
}

/** A key for HMAC-SHA256 (`v1`). 256 bits, as long as its digest. */
export function newHmacKey(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** A key for Ed25519 (`v1a`): the seed and the public key behind it. */
export function newEd25519Key(): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const open = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return `whsk_${Buffer.concat([seed, open]).toString('base64')}`;
}

/** What receivers verify `v1a` with: `whpk_…`. It is no secret. */
export function publicKeyOf(ed25519Key: string): string {
  const both = Buffer.from(ed25519Key.slice('whsk_'.length), 'base64');
  return `whpk_${both.subarray(32).toString('base64')}`;
}
