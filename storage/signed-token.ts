import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Json } from '../language/json.ts';
import type { Installation } from './installation.ts';

/** What a token in a URL or a cookie is for. None can take the place of another kind. */
type TokenKind = 'approval-link' | 'callback' | 'session' | 'oidc-login';

/** Longer ones are not looked at. A person's id has at most 200 characters. */
const longest = 1_800;

/** The same for the same content. It can be read by whoever has it, but only Kait can make it. */
export function signedToken(installation: Installation, kind: TokenKind, content: Json): string {
  const text = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${text}.${signatureOf(installation, kind, text)}`;
}

/** Undefined unless Kait made the token for this installation. Takes as long for every token of the same length. */
export function readSignedToken(installation: Installation, kind: TokenKind, token: string): Json | undefined {
  if (token.length > longest) return undefined;
  const [text = '', signature = '', ...more] = token.split('.');
  const expected = Buffer.from(signatureOf(installation, kind, text));
  const given = Buffer.from(signature);
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Json; // Kait wrote it.
}

/** The installation's name is part of it, because a copy of the database has the same key. */
function signatureOf({ id, sealKey }: Installation, kind: TokenKind, text: string): string {
  const key = createHmac('sha256', sealKey).update(`${kind}s`).digest();
  return createHmac('sha256', key)
    .update(JSON.stringify([kind, id, text]))
    .digest('base64url');
}
