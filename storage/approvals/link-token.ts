import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Installation } from '../installation.ts';
import { readSignedToken, signedToken } from '../signed-token.ts';

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

const content = z.tuple([z.string(), z.int(), z.string(), z.int()]);

/** The same for the same link, so that a reminder brings the link of the first mail. It is stored nowhere. */
export function linkToken(installation: Installation, { request, round, person, expiresAt }: ApprovalLink): string {
  return signedToken(installation, 'approval-link', [request, round, person, expiresAt]);
}

/** Null unless Kait made the token for this installation, and it has not expired. Takes as long for every token of the same length. */
export function readLinkToken(installation: Installation, token: string, nowMs: number): ApprovalLink | null {
  const read = readSignedToken(installation, 'approval-link', token);
  if (read === undefined) return null;
  const [request, round, person, expiresAt] = content.parse(read);
  return nowMs < expiresAt * 1_000 ? { request, round, person, expiresAt } : null;
}

/** What is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
