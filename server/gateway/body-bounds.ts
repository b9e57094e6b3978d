import { isUtf8 } from 'node:buffer';
import { charsetOf, withoutUtf16 } from './charset.ts';
import { isType, mayBeJson, type BodyOptions } from './read-body.ts';

/*
 * What may be read of a body before its signature is known. Only the presets that sign fields instead of bytes read anything. The
 * bounds keep that below 5 ms for 1 MiB; genuine bodies of these gateways have some 4 kB, 100 values and 60 fields.
 */

/** Members of objects and items of lists, unless the preset knows better. Objects with keys of their own take 1 µs each. */
const mostValues = 4_000;
/** As PHP's `max_input_vars`: most receivers of forms read no more either. */
const mostFields = 1_000;
/** Percent signs in a form. Each takes as long as five plain characters. */
const mostPercents = 32 * 1024;
/** As deep as events may be. */
const mostDepth = 64;
/** Backslashes in JSON. An escape takes as long as twenty plain characters. */
const mostBackslashes = 32 * 1024;
/** Bytes of JSON outside of texts, white space included. Each takes as long as twenty in a long text. */
const mostOutside = 256 * 1024;
/** Characters of numbers. A long one takes twenty times as long as text. */
const mostDigits = 64 * 1024;
/** Bytes of a text that is not UTF-8, or of XML, which take five times as long. */
const mostSlowBytes = 64 * 1024;

/** Whether reading the body would take long. Takes 2 ms for 1 MiB at most, whatever is in it. */
export function exceedsBounds(body: Buffer, contentType: string | undefined, options: BodyOptions): boolean {
  if (body.length <= mostFields) return false; // Too short to hold much.
  const charset = charsetOf(contentType);
  if (charset.unknown !== null) return false; // It is not read at all.
  const isSlow = charset.charset.startsWith('utf-16') || !isUtf8(body);
  if (isSlow && body.length > mostSlowBytes) return true;
  const bytes = withoutUtf16(body, charset.charset);
  if (isType('application/x-www-form-urlencoded', contentType)) {
    return (
      hasMoreThan(mostFields - 1, bytes, codes.ampersand) ||
      hasMoreThan(mostPercents, bytes, codes.percent) ||
      (mayBeJson(bytes, options) && isComplexJson(bytes, options))
    );
  }
  if (options.multipart === true && isType('multipart/form-data', contentType)) return false; // It has bounds of its own.
  return options.format === 'json' ? isComplexJson(bytes, options) : body.length > mostSlowBytes;
}

const codes = { quote: 0x22, percent: 0x25, ampersand: 0x26, backslash: 0x5c, plus: 0x2b, comma: 0x2c, nine: 0x39 };

/** Counts backslashes, and what stands outside of texts, without a judgment on whether it is JSON. */
function isComplexJson(bytes: Buffer, { unverifiedValues: most = mostValues }: BodyOptions): boolean {
  if (hasMoreThan(mostBackslashes, bytes, codes.backslash)) return true;
  let [values, texts, digits, depth, outside] = [0, 0, 0, 0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    outside += 1;
    if (byte === codes.quote) {
      texts += 1;
      at = endOfText(bytes, at + 1);
    } else if (byte === codes.comma) values += 1;
    else if (byte >= codes.plus && byte <= codes.nine) digits += 1;
    else if (byte === 0x7b || byte === 0x5b) {
      values += 1;
      depth += 1;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    // A member has two texts: its name and its value.
    if (values > most || texts > 2 * (most + 1) || depth > mostDepth) return true;
    if (digits > mostDigits || outside > mostOutside) return true;
  }
  return false;
}

function hasMoreThan(most: number, bytes: Buffer, value: number): boolean {
  let count = 0;
  for (let at = bytes.indexOf(value); at !== -1; at = bytes.indexOf(value, at + 1)) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}

/** From here on, searching takes less time than reading byte by byte. */
const longText = 32;

/** The index of the closing quotation mark, or the end of the body. `start` is the first character. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start;
  for (; at < bytes.length && bytes[at] !== codes.quote; at += 1) {
    if (at - start >= longText) return endOfLongText(bytes, at);
    if (bytes[at] === codes.backslash) at += 1;
  }
  return at;
}

/** `start` is not the second character of an escape. */
function endOfLongText(bytes: Buffer, start: number): number {
  let end = bytes.indexOf(codes.quote, start);
  while (end !== -1 && isEscaped(bytes, start, end)) end = bytes.indexOf(codes.quote, end + 1);
  return end === -1 ? bytes.length : end;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(bytes: Buffer, start: number, at: number): boolean {
  let before = at;
  while (before > start && bytes[before - 1] === codes.backslash) before -= 1;
  return (at - before) % 2 === 1;
}
