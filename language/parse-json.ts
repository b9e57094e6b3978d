import { isObject, type Json } from './json.ts';

/**
 * Parses JSON as `JSON.parse` does, except that a number beyond 2^53 becomes a text of the same characters: a double would change its
 * digits, and two ids could become one. `1e400` becomes "1e400". Fractions stay numbers, rounded to a double. Throws a
 * `SyntaxError`. Takes linear time.
 */
export function parseJson(text: string): Json {
  const native = JSON.parse(text) as Json; // What parses is JSON.
  const quoted = mayHoldLargeNumber.test(text) ? withLargeNumbersQuoted(text) : null;
  return quoted === null ? native : (JSON.parse(quoted) as Json);
}

/** The JSON pointers of the numbers that {@link parseJson} keeps as text, in their order. Empty if the text is not JSON. */
export function numbersKeptAsText(text: string): string[] {
  if (!mayHoldLargeNumber.test(text)) return [];
  try {
    return differences(JSON.parse(text) as Json, parseJson(text));
  } catch {
    return [];
  }
}

/** 2^53 has 16 digits. */
const mayHoldLargeNumber = /\d{16}|\d[eE]/;

/** Expects valid JSON. Null if there is no such number. A loop, because a regular expression would need a stack as large as the longest text. */
function withLargeNumbersQuoted(text: string): string | null {
  const pieces: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      at = endOfText(text, at);
    } else if (isInNumber(character)) {
      const end = endOfNumber(text, at);
      const digits = text.slice(at, end);
      if (!(Math.abs(Number(digits)) <= Number.MAX_SAFE_INTEGER)) {
        pieces.push(text.slice(copied, at), '"', digits, '"');
        copied = end;
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return copied === 0 ? null : [...pieces, text.slice(copied)].join('');
}

/** The index after the closing quotation mark. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (isInNumber(text.charAt(at)) || /^[.eE]$/.test(text.charAt(at))) at += 1;
  return at;
}

function isInNumber(character: string): boolean {
  return (character >= '0' && character <= '9') || character === '-' || character === '+';
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
