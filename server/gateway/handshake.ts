import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Answer, compileText } from './answer.ts';
import type { Credentials, IsChallenge } from './schemes/scheme.ts';
import { compileMatch, compileTexts, matchSchema, type Match } from './match.ts';
import { checkedText } from './selector.ts';
import type { RequestView } from './request-view.ts';
import { asymmetricSchema, compileAsymmetric } from './schemes/asymmetric.ts';
import { decodeKey, keySchema } from './schemes/hmac.ts';
import { compileSignedText, signedTextSchema } from './signed-text.ts';
/** Braces in an answer that are not selectors. */
const own = /\{(proof|token)\}/;

const proofSchema = z
  .strictObject({
    algorithm: z.enum(['sha1', 'sha256', 'sha512']),
    key: keySchema.optional(),
    signed: signedTextSchema.describe(
      'What is signed with the source’s first secret: {query:bt_challenge}. One selector that `match` has texts or patterns for: a webhook over such a text is rejected.',
    ),
  })
  .describe('Proves that the source knows the secret: {proof} is an HMAC in hex.');

const grantSchema = z
  .strictObject({
    to: asymmetricSchema.describe('How the gateway signs its request. The setting `publicKey` holds its key.'),
    expiresSeconds: z.int().min(60).max(86_400),
    reject: z.string().describe('The body of the 401 for a wrong signature.'),
  })
  .describe('Issues a token for the gateway’s webhooks: {token} is a JSON Web Token of the source.');

export const handshakeSchema = z
  .strictObject({
    match: matchSchema
      .refine((match) => Object.keys(match).length > 0, 'expected at least one selector')
      .describe('The requests that are handshakes: {"header:x-test-notification": ["true"]}.'),
    answer: checkedText((text) => compileText(text.split(own).join('')))
      .default('')
      .describe('The body of the answer. Selectors in braces are filled in.'),
    contentType: z.string().min(1).default('text/plain; charset=utf-8'),
    proof: proofSchema.optional(),
    grant: grantSchema.optional(),
  })
  .refine(({ proof, match }) => proof === undefined || challengesFor(proof.signed, match) !== undefined, {
    path: ['proof', 'signed'],
    message:
      'anybody can have a challenge signed: expected one selector in braces that `match` restricts by texts or patterns, so that no webhook is accepted over such a text',
  })
  .describe('A request that tests the address. It is answered with 200 and makes no event.');
export type HandshakeOptions = z.output<typeof handshakeSchema>;

/**
 * The answer to a handshake. Null: the request is not a handshake. Most handshakes are unsigned, so they have no effect beyond
 * the answer. `nowMs` null: there is no clock, and a granted token is valid from 1970 on.
 */
export type Handshake = (view: RequestView, credentials: Credentials, nowMs: number | null) => Promise<Answer | null>;

export function compileHandshakes(options: readonly HandshakeOptions[]): Handshake {
  const handshakes = options.map(compileHandshake);
  return async (request, credentials, nowMs) => {
    const view = request.unverified();
    for (const handshake of handshakes) {
      const answer = await handshake(view, credentials, nowMs);
      if (answer !== null) return answer;
    }
    return null;
  };
}

/** Recognizes the texts that these handshakes sign for anybody. */
export function compileChallenges(options: readonly HandshakeOptions[]): IsChallenge {
  const tests = options.flatMap(({ proof, match }) => {
    const texts = proof === undefined ? undefined : challengesFor(proof.signed, match);
    return texts === undefined ? [] : [compileTexts(texts)];
  });
  return (chunks) => {
    const isShort = chunks.reduce((length, chunk) => length + chunk.length, 0) <= mostChallenge;
    return tests.length > 0 && isShort && tests.some((holds) => holds(chunks.map(String).join('')));
  };
}

/** Characters. Patterns match no longer texts. */
const mostChallenge = 4_096;

/** The texts that a proof may sign. Undefined if they are not restricted. */
function challengesFor(signed: string, match: Match): Match[string] | undefined {
  const [, selector = ''] = /^\{([^{}]*)\}$/.exec(signed) ?? [];
  const texts = Object.hasOwn(match, selector.trim()) ? match[selector.trim()] : undefined;
  return texts?.includes(null) === true ? undefined : texts;
}

/** The methods of handshakes, besides POST. */
export function handshakeMethods(options: readonly { match: Match }[]): string[] {
  return options.flatMap(({ match }) => match.method ?? []).filter((method) => typeof method === 'string');
}

function compileHandshake(options: HandshakeOptions): Handshake {
  const { answer, contentType } = options;
  const holds = compileMatch(options.match);
  const prove = options.proof && compileProof(options.proof);
  const grant = options.grant && compileGrant(options.grant);
  const parts = answer.split(own).map((part, index) => (index % 2 === 0 ? compileText(part) : part));
  return async (view, credentials, nowMs) => {
    if (!holds(view)) return null;
    const proof = prove?.(view, credentials);
    const token = await grant?.(view, credentials, nowMs);
    if (prove !== undefined && proof === undefined) return null;
    if (grant !== undefined && token === undefined) {
      return { status: 401, body: options.grant?.reject ?? '', contentType };
    }
    const made: Record<string, string | undefined> = { proof, token };
    const body = parts.map((part) => (typeof part === 'string' ? made[part] : part(view))).join('');
    return { status: 200, body, contentType };
  };
}

function compileProof({ algorithm, key, signed }: z.output<typeof proofSchema>) {
  const { read } = compileSignedText(signed);
  return (view: RequestView, { secrets: [secret = ''] }: Credentials): string | undefined => {
    const chunks = read(view, '');
    const bytes = decodeKey(secret, key);
    if (chunks === undefined || bytes === undefined || secret === '') return undefined;
    const hmac = createHmac(algorithm, bytes);
    for (const chunk of chunks) hmac.update(chunk);
    return hmac.digest('hex');
  };
}

/** The token's key is derived from the source's secret for this purpose only. */
function compileGrant({ to, expiresSeconds }: z.output<typeof grantSchema>) {
  const scheme = compileAsymmetric(to);
  return async (view: RequestView, credentials: Credentials, nowMs: number | null): Promise<string | undefined> => {
    const [secret = ''] = credentials.secrets;
    const publicKey = view.settings.publicKey ?? '';
    const verification = await scheme.verify(view, { ...credentials, secrets: [publicKey] }, nowMs);
    if (!verification.ok || secret === '') return undefined;
    const issuedAt = Math.floor((nowMs ?? 0) / 1000);
    const { SignJWT } = await import('jose'); // Loaded when used: one gateway asks for a token.
    return new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('kait')
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + expiresSeconds)
      .sign(createHmac('sha256', secret).update('kait: access token').digest());
  };
}
