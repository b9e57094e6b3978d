import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Installation } from '../installation.ts';

/** Where the pages behind links are. No source can have a path below it: see `source-schema.ts`. */
export const linkPath = '/approve/';

/** What a link in a mail lets its holder do: answer one question as one person, until the question's time limit. */
export interface ApprovalLink {
  /** The id of the row in `approval_requests`, which stands for the run and the step. */
  request: string;
  /** See `round` there. */
  round: number;
  /** See `personKey`. */
  person: string;
  /** Unix seconds. */
  expiresAt: number;
}

/** Longer ones are not looked at. A person's id has at most 200 characters. */
const longest = 1_800;
const content = z.tuple([z.string(), z.int(), z.string(), z.int()]);

/** The same for the same link, so that a reminder brings the link of the first mail. It is stored nowhere. */
export function linkToken(installation: Installation, { request, round, person, expiresAt }: ApprovalLink): string {
  const text = Buffer.from(JSON.stringify([request, round, person, expiresAt])).toString('base64url');
  return `${text}.${signatureOf(installation, text)}`;
}

/** Null unless Kait made the token for this installation, and it has not expired. Takes as long for every token of the same length. */
export function readLinkToken(installation: Installation, token: string, nowMs: number): ApprovalLink | null {
  if (token.length > longest) return null;
  const [text = '', signature = '', ...more] = token.split('.');
  const expected = Buffer.from(signatureOf(installation, text));
  const given = Buffer.from(signature);
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const [request, round, person, expiresAt] = content.parse(
    JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
  ); // Kait wrote it.
  return nowMs < expiresAt * 1_000 ? { request, round, person, expiresAt } : null;
}

/** What is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The installation's name is part of it, because a copy of the database has the same key. */
function signatureOf({ id, sealKey }: Installation, text: string): string {
  const key = createHmac('sha256', sealKey).update('approval links').digest();
  return createHmac('sha256', key)
    .update(JSON.stringify(['approval-link', id, text]))
    .digest('base64url');
}
