const maxLength = 200;

/**
 * A receiver's answer as one short line for `last_error`: at most 200 characters, and no control characters, of which the
 * database refuses NUL and a terminal obeys the others.
 */
export function excerptOf(body: Buffer): string {
  const line = body
    .toString('utf8')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(line); // By code points: half a surrogate pair is no valid text.
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength).join('')}…`;
}
