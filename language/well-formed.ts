/*
 * Text without half characters. A character beyond U+FFFF is a pair of UTF-16 code units, and UTF-8 has no form for half a pair:
 * PostgreSQL refuses it, and a failure that contains one would fail its workflow task forever.
 */

/** Replaces each surrogate without its other half with U+FFFD, so that the text survives UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** The beginning of the text: at most `longest` UTF-16 code units, and never half a pair. */
export function cutText(text: string, longest: number): string {
  return text.length > longest ? text.slice(0, startOfPair(text, longest)) : text;
}

/** The beginning of the text: as many whole characters as fit into `most` bytes of UTF-8. */
export function cutToBytes(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > most) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** The position itself, or the one before it if it is within a pair. */
export function startOfPair(text: string, position: number): number {
  return isWithinPair(text, position) ? position - 1 : position;
}

/** The position itself, or the one after it if it is within a pair. */
export function endOfPair(text: string, position: number): number {
  return isWithinPair(text, position) ? position + 1 : position;
}

function isWithinPair(text: string, position: number): boolean {
  return isHigh(text.charCodeAt(position - 1)) && isLow(text.charCodeAt(position));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
