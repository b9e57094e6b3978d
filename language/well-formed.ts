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

/** The beginning of the text: as many whole characters as fit into `most` bytes of JSON, quotes included. */
export function cutToJsonBytes(text: string, most: number): string {
  let bytes = 2;
  let end = 0;
  for (const character of text) {
    bytes += utf8Length(JSON.stringify(character)) - 2;
    if (bytes > most) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** Bytes of a value as JSON. */
export function jsonBytes(value: unknown): number {
  return utf8Length(JSON.stringify(value ?? null));
}

/** Bytes of a well-formed text as UTF-8, where Node's `Buffer` is missing. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800 || isHigh(unit) || isLow(unit))
      bytes += 2; // A pair takes four.
    else bytes += 3;
  }
  return bytes;
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
