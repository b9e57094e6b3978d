import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Credentials } from './credentials.ts';
import type { Answer } from './answer.ts';
import { matchSchema, compileMatch, type Match } from './match.ts';
import type { RequestView } from './request-view.ts';
import { decodeKey, keySchema } from './schemes/hmac.ts';
import { compileSignedText } from './signed-text.ts';
import { signedTextSchema } from './place-schema.ts';
import { compileText } from './template.ts';

export const handshakeSchema = z
  .strictObject({
    match: matchSchema
      .refine((match) => Object.keys(match).length > 0, 'expected at least one place')
      .describe('Which requests these are: {"header:x-test-notification": ["true"]}.'),
    answer: z.string().default('').describe('What is answered; {proof} is the signature, {cfg:publicKey} a setting.'),
    proof: z
      .strictObject({
        algorithm: z.enum(['sha1', 'sha256', 'sha512']),
        key: keySchema.optional(),
        signed: signedTextSchema.describe('What is signed with the source’s first secret: {query:bt_challenge}.'),
      })
      .optional()
      .describe('A proof that the source has the secret: an HMAC in hex.'),
  })
  .describe('A request by which the gateway tries the address. It is answered with 200; no event is made of it.');
export type HandshakeOptions = z.output<typeof handshakeSchema>;

/** The answer to a handshake. Null: the request is none. Such requests are not signed, so nothing but the answer comes of them. */
export type Handshake = (view: RequestView, credentials: Credentials) => Answer | null;

export function compileHandshakes(options: readonly HandshakeOptions[]): Handshake {
  const handshakes = options.map(compileHandshake);
  return (view, credentials) => {
    for (const handshake of handshakes) {
      const answer = handshake(view, credentials);
      if (answer !== null) return answer;
    }
    return null;
  };
}

/** The methods by which handshakes come, besides POST. */
export function handshakeMethods(options: readonly { match: Match }[]): string[] {
  return options.flatMap(({ match }) => match['method'] ?? []).filter((method) => typeof method === 'string');
}

function compileHandshake({ match, answer, proof }: HandshakeOptions): Handshake {
  const holds = compileMatch(match);
  const render = answer.split('{proof}').map((part) => compileText(part));
  const signed = proof && compileSignedText(proof.signed);
  return (view, { secrets: [secret = ''] }) => {
    if (!holds(view)) return null;
    const chunks = signed?.read(view, '');
    const key = decodeKey(secret, proof?.key);
    if (proof !== undefined && (chunks === undefined || key === undefined || secret === '')) return null;
    const hmac = proof && createHmac(proof.algorithm, key ?? '');
    for (const chunk of chunks ?? []) hmac?.update(chunk);
    const body = render.map((part) => part(view)).join(hmac?.digest('hex') ?? '');
    return { status: 200, body, contentType: 'text/plain; charset=utf-8' };
  };
}
