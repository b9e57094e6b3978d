/**
 * A remote server's text as one short line for errors: at most `maxCharacters` of it, and no control characters. The database
 * does not accept NUL, and a terminal obeys the others.
 */
export function excerptOf(text: string, maxCharacters: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const characters = Array.from(line); // By code points: half a surrogate pair is not valid text.
  return characters.length <= maxCharacters ? line : `${characters.slice(0, maxCharacters).join('')}…`;
}
