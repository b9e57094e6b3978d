import { isObject, type Json } from './json.ts';

/**
 * Parses JSON as `JSON.parse` does, except that a number beyond 2^53 becomes a text of the same characters: a double would change its
 * digits, and two ids could become one. `1e400` becomes "1e400". Fractions stay numbers, rounded to a double. Throws a
 * `SyntaxError`. Takes linear time.
 */
export function parseJson(text: string): Json {
  const native = JSON.parse(text) as Json; // What parses is JSON.
  const quoted = withLargeNumbersQuoted(text);
  return quoted === null ? native : (JSON.parse(quoted) as Json);
}

/** The JSON pointers of the numbers that {@link parseJson} keeps as text, in their order. Empty if the text is not JSON. */
export function numbersKeptAsText(text: string): string[] {
  try {
    return differences(JSON.parse(text) as Json, parseJson(text));
  } catch {
    return [];
  }
}

/** 2^53 has 16 digits. Shorter numbers are only beyond it with an exponent. */
const longNumber = 16;

/**
 * Expects valid JSON. Null if there is no such number. A loop over character codes, because a regular expression needs a stack as
 * large as the longest text, and twenty times as long if somebody sends numbers of 15 digits.
 */
function withLargeNumbersQuoted(text: string): string | null {
  const pieces: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === codes.quote) {
      at = endOfText(text, at);
    } else if (isInNumber(code)) {
      const end = endOfNumber(text, at);
      if (isLarge(text, at, end)) {
        pieces.push(text.slice(copied, at), '"', text.slice(at, end), '"');
        copied = end;
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return copied === 0 ? null : [...pieces, text.slice(copied)].join('');
}

const codes = { quote: 0x22, backslash: 0x5c, plus: 0x2b, minus: 0x2d, point: 0x2e, zero: 0x30, nine: 0x39, e: 0x65 };
/** Makes a capital letter small. */
const smallLetter = 0x20;

/** The index after the closing quotation mark. */
function endOfText(text: string, start: number): number {
  const near = start + longText;
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== codes.quote; code = text.charCodeAt(at)) {
    at += code === codes.backslash ? 2 : 1;
    if (at > near) return endOfLongText(text, at);
  }
  return at + 1;
}

/** From here on, searching takes less time than reading character by character. */
const longText = 64;

/** `start` is not the second character of an escape. */
function endOfLongText(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (isEscaped(text, start, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, start: number, at: number): boolean {
  let before = at;
  while (before > start && text.charCodeAt(before - 1) === codes.backslash) before -= 1;
  return (at - before) % 2 === 1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); isInNumber(code) || code === codes.point || isExponent(code);) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return at;
}

function isInNumber(code: number): boolean {
  return (code >= codes.zero && code <= codes.nine) || code === codes.minus || code === codes.plus;
}

function isExponent(code: number): boolean {
  return (code | smallLetter) === codes.e;
}

function isLarge(text: string, start: number, end: number): boolean {
  if (end - start < longNumber && !hasExponent(text, start, end)) return false;
  return !(Math.abs(Number(text.slice(start, end))) <= Number.MAX_SAFE_INTEGER);
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (isExponent(text.charCodeAt(at))) return true;
  return false;
}

/** Where one value has a number and the other, which is equal otherwise, a text. A stack of its own, because values may be nested deeply. */
function differences(native: Json, kept: Json): string[] {
  const found: string[] = [];
  const open: [pointer: string, native: Json, kept: Json][] = [['', native, kept]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [pointer, one, other] = next;
    if (typeof one === 'number' && typeof other === 'string') found.push(pointer);
    const others = new Map(membersOf(other));
    for (const [name, member] of membersOf(one).reverse()) {
      open.push([`${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, member, others.get(name) ?? null]);
    }
  }
  return found;
}

function membersOf(value: Json): [name: string, member: Json][] {
  return Array.isArray(value) || isObject(value) ? Object.entries(value) : [];
}
