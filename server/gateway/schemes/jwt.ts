import { timingSafeEqual } from 'node:crypto';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import { z } from 'zod';
import { judgeAge } from '../freshness.ts';
import { writeAt } from '../outbound-draft.ts';
import { compileSelector, parseSelector, selectorSchema } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import { signatureSelectors } from '../signature.ts';
import { compileSignedText, signedTextSchema } from '../signed-text.ts';
import { remembering } from './secrets.ts';
import { rejected, verified, type RejectionReason, type Scheme, type Verification } from './scheme.ts';

const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const;

export const jwtSchema = z
  .strictObject({
    scheme: z.literal('jwt'),
    from: selectorSchema(signatureSelectors).describe('The selector of the token: header:plaid-verification.'),
    algorithms: z
      .array(z.enum(algorithms))
      .min(1)
      .describe(
        'The accepted algorithms. Those with a shared secret are excluded, so that a public key cannot be used as one.',
      ),
    maxAgeSeconds: z.int().min(1).max(86_400).optional().describe('Greatest age by the claim `iat`.'),
    claims: z
      .record(z.string(), signedTextSchema)
      .refine((claims) => Object.keys(claims).length > 0, 'expected at least one claim that binds the request')
      .describe('Claims and their expected values: {"request_body_sha256": "{body | sha256hex}"}.'),
  })
  .describe('A JSON Web Token (RFC 7519) whose claims bind the request. Secrets are public keys: PEM, or JWK.');
export type JwtOptions = z.output<typeof jwtSchema>;

export function compileJwt(options: JwtOptions): Scheme {
  const read = compileSelector(parseSelector(options.from, signatureSelectors));
  const keysFor = new Map(
    options.algorithms.map((each) => [each as string, remembering((text) => importKey(text, each))]),
  );
  const claims = Object.entries(options.claims).map(([name, text]) => ({ name, ...compileSignedText(text) }));
  return {
    scope: 'request',
    async verify(view, { secrets, keyring }, nowMs) {
      const keys = [...secrets, ...keyring.values()].filter((secret) => secret !== '');
      if (keys.length === 0) return rejected('no-secret');
      const token = read(view);
      if (token === undefined || token === '') return rejected('missing-signature');
      if (token.length > tokenLimit || !isCanonical(token)) return rejected('malformed-signature');
      let reason: RejectionReason = 'wrong-signature';
      for (const key of keys) {
        const payload = await payloadOf(token, key, keysFor, nowMs);
        if (typeof payload === 'string') reason = moreTelling(reason, payload);
        else if (!claims.every((claim) => claimHolds(claim, payload, view))) return rejected('wrong-signature');
        else return judgeIssue(payload, options, view, nowMs);
      }
      return rejected(reason);
    },
    async sign(draft, view, { secret }, nowMs) {
      const [algorithm = 'ES256'] = options.algorithms;
      if (!secret.includes('PRIVATE KEY'))
        throw new Error('Only the gateway has the private key that signs its webhooks.');
      const payload = Object.fromEntries(
        claims.map(({ name, read: text }) => [name, text(view, '')?.map(String).join('')]),
      );
      const { importPKCS8, SignJWT } = await jose();
      const token = new SignJWT(payload).setProtectedHeader({ alg: algorithm }).setIssuedAt(Math.floor(nowMs / 1000));
      return writeAt(draft, options.from, await token.sign(await importPKCS8(secret, algorithm)));
    },
  };
}

/** Loaded when used: few gateways send tokens. */
const jose = () => import('jose');
type Jose = Awaited<ReturnType<typeof jose>>;

/** Characters. Tokens of gateways have some 500. */
const tokenLimit = 4_096;

/** Decoders ignore some bits of the last base64url character, and some ignore blanks, so several texts could be one token. */
function isCanonical(token: string): boolean {
  const parts = token.split('.', 4);
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

/** Called only for algorithms that the preset allows. */
type ImportKey = (text: string) => Promise<CryptoKey | Uint8Array>;

/** The payload of a token that the key has signed. Without a clock, the token is checked as of its own `iat`. */
async function payloadOf(
  token: string,
  keyText: string,
  keysFor: ReadonlyMap<string, ImportKey>,
  nowMs: number | null,
): Promise<JWTPayload | RejectionReason> {
  const { decodeJwt, errors, jwtVerify } = await jose();
  try {
    // jose has rejected other algorithms by now. An empty key verifies nothing.
    const getKey = ({ alg }: { alg: string }) => keysFor.get(alg)?.(keyText) ?? new Uint8Array();
    const { payload } = await jwtVerify(token, getKey, {
      algorithms: [...keysFor.keys()],
      currentDate: new Date(nowMs ?? (decodeJwt(token).iat ?? 0) * 1000),
    });
    return payload;
  } catch (error) {
    return reasonOf(error, errors);
  }
}

/** Follows the same rule as other timestamps, because jose would reject a gateway whose clock is a second ahead. */
function judgeIssue(
  { iat }: JWTPayload,
  { maxAgeSeconds }: JwtOptions,
  view: RequestView,
  nowMs: number | null,
): Verification {
  if (maxAgeSeconds === undefined) return verified;
  if (iat === undefined) return rejected('malformed-timestamp');
  return judgeAge(iat * 1000, { toleranceSeconds: maxAgeSeconds, future: false }, view, nowMs);
}

async function importKey(text: string, algorithm: string): Promise<CryptoKey | Uint8Array> {
  const { importJWK, importSPKI } = await jose();
  return text.trimStart().startsWith('{') ? importJWK(JSON.parse(text) as JWK, algorithm) : importSPKI(text, algorithm);
}

function reasonOf(error: unknown, errors: Jose['errors']): RejectionReason {
  if (error instanceof errors.JOSEAlgNotAllowed) return 'unsupported-algorithm';
  if (error instanceof errors.JWTExpired) return 'stale-timestamp';
  if (error instanceof errors.JWTClaimValidationFailed) return 'malformed-timestamp';
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'malformed-signature';
  return 'wrong-signature';
}

function moreTelling(former: RejectionReason, latter: RejectionReason): RejectionReason {
  return latter === 'wrong-signature' ? former : latter;
}

function claimHolds(
  { name, read }: { name: string; read: ReturnType<typeof compileSignedText>['read'] },
  payload: JWTPayload,
  view: RequestView,
): boolean {
  const claimed = Object.hasOwn(payload, name) ? payload[name] : undefined;
  const chunks = read(view, '');
  if (typeof claimed !== 'string' || chunks === undefined) return false;
  const [a, b] = [Buffer.from(claimed), Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))];
  return a.length === b.length && timingSafeEqual(a, b);
}
