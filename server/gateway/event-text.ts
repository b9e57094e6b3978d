import { createHash } from 'node:crypto';

/** UTF-16 code units of an identifier: workflow ids, search attributes and index entries have their limits. */
const identifierLimit = 256;
/** An address may have 254 characters (RFC 5321), a name as many as somebody typed. */
const displayLimit = 320;

// Control characters, and halves of surrogate pairs: PostgreSQL takes neither NUL nor those, whatever the escape.
const unfit = /[\p{Cc}\p{Surrogate}]/u;

/**
 * The text itself if it can be an identifier everywhere: at most 256 characters, none of them a control character or half of
 * a surrogate pair. Otherwise `sha256:` and a hash, since cutting or cleaning could make two identifiers one.
 */
export function identifier(text: string): string {
  if (text.length <= identifierLimit && !unfit.test(text)) return text;
  return `sha256:${sha256Hex(JSON.stringify(text))}`; // Escaped, two different halves stay different.
}

/** Whether a text can be an identifier as it stands. */
export function isIdentifier(text: string): boolean {
  return text !== '' && identifier(text) === text;
}

/** A text for people: what PostgreSQL does not take becomes U+FFFD, and what is too long is cut. */
export function displayText(text: string): string {
  return text.slice(0, displayLimit).replace(/[\p{Cc}\p{Surrogate}]/gu, '\uFFFD');
}

export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
