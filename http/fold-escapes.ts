export interface FoldedText {
  /** One character for each escape; ASCII letters in lower case. */
  folded: string;
  /** Where the character at an index of `folded` starts in the text; the text's length at its end. */
  sourceOf: (index: number) => number;
}

/**
 * `\u002b`, `\x2b`, `\/`, `\n`, `%2B`, `&#43;`, `&#x2b;`, `&plus;`: one character each, also if they were escaped more than once.
 * Backslashes before other characters are no characters at all.
 */
const escapes =
  /\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2})|u\{0{0,4}([0-9a-f]{1,4})\}|([bfnrt])|(["'/]?))|%(?:25)*([0-9a-f]{2})|&(?:amp;)*(?:#0*(\d{1,5});?|#x0*([0-9a-f]{1,4});?|([a-z]{2,6});)/gi;

const named: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  plus: '+',
  sol: '/',
  equals: '=',
  colon: ':',
  lowbar: '_',
  num: '#',
  percnt: '%',
};

/** An escape, or a character in UTF-8, of which the rest is missing. */
const unfinished = /(?:\\+(?:[ux][0-9a-f]{0,3})?|%[0-9a-f]?|&[#\w]{0,8}|\uFFFD{1,3})$/i;

/** How often escapes are looked for in what escapes stood for: a backslash of JSON in a URL. */
const passes = 4;

/** A text without the escapes of JSON, URLs and HTML, so that a word looks the same in all of them. */
export function foldEscapes(text: string): FoldedText {
  let found = foldOnce(text);
  for (let pass = 1; pass < passes; pass += 1) {
    const again = foldOnce(found.folded);
    if (again.folded === found.folded) return found;
    found = composed(found, again);
  }
  return found;
}

function composed(first: FoldedText, second: FoldedText): FoldedText {
  return { folded: second.folded, sourceOf: (index) => first.sourceOf(second.sourceOf(index)) };
}

function foldOnce(text: string): FoldedText {
  const parts: string[] = [];
  const shifts: Shift[] = [{ at: 0, source: 0 }];
  let length = 0;
  let end = 0;
  for (const match of text.matchAll(escapes)) {
    const character = unescaped(match);
    if (character === undefined) continue;
    const before = text.slice(end, match.index);
    parts.push(before, character);
    length += before.length;
    end = match.index + match[0].length;
    shifts.push({ at: length, source: match.index });
    length += character.length;
    shifts.push({ at: length, source: end });
  }
  parts.push(text.slice(end));
  return { folded: lowerCase(parts.join('')), sourceOf: (index) => shifted(shifts, index) };
}

/** Of ASCII only, which changes no length. */
export function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A text that was cut, without an escape that the cut has split. */
export function withoutUnfinished(text: string): string {
  return text.replace(unfinished, '');
}

function unescaped(match: RegExpExecArray): string | undefined {
  const [, u, x, braced, blank, plain, percent, decimal, hex, name] = match;
  const code = u ?? x ?? braced ?? percent ?? hex;
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  if (decimal !== undefined) return String.fromCharCode(Number(decimal));
  if (name !== undefined) return named[name.toLowerCase()];
  return blank === undefined ? plain : ' ';
}

/** From index `at` of a folded text on, its characters come from index `source` of the text on. */
interface Shift {
  at: number;
  source: number;
}

/** By binary search: the last shift at or before the index counts. */
function shifted(shifts: readonly Shift[], index: number): number {
  let [low, high] = [0, shifts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((shifts[middle]?.at ?? Infinity) <= index) low = middle;
    else high = middle - 1;
  }
  const { at, source } = shifts[low] ?? { at: 0, source: 0 };
  return source + (index - at);
}
