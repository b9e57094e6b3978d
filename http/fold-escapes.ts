/** A text without escapes, and where its characters come from. */
export interface FoldedText {
  /** One character for each escape; letters in lower case. */
  folded: string;
  /** The same in the letters' own case, which base64 needs. */
  unescaped: string;
  /** Where the character at an index of `folded` starts in the text; the text's length at its end. */
  sourceOf: (index: number) => number;
}

/**
 * `\u002b`, `\x2b`, `\053`, `\/`, `\n`, `%2B`, `%u002B`, `&#43;`, `&#x2b;`, `&plus;`: one character each, also if they were
 * escaped more than once. Backslashes before other characters are no characters at all. No part repeats without a limit, because a
 * regular expression needs a stack as large as what it repeats.
 */
const escapes =
  /\\{1,16}(?:u([0-9a-f]{4})|x([0-9a-f]{2})|u\{0{0,5}([0-9a-f]{1,6})\}|([0-3][0-7]{2})|([bfnrt])|(["'/]?))|%(?:25){0,16}(?:u([0-9a-f]{4})|([0-9a-f]{2}))|&(?:amp;){0,16}(?:#0{0,16}(\d{1,7});?|#x0{0,16}([0-9a-f]{1,6});?|([a-z]{2,6});)/gi;

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
/** No shorter than an unfinished escape: of more backslashes, none matters. */
const longestUnfinished = 16;

/** How often escapes are looked for in what escapes stood for: a backslash of JSON in a URL. */
const passes = 4;

/** A text without the escapes of JSON, URLs and HTML, so that a word looks the same in all of them. */
export function foldEscapes(text: string): FoldedText {
  let unescaped = text;
  let sourceOf = (index: number) => index;
  for (let pass = 0; pass < passes; pass += 1) {
    const again = foldOnce(unescaped);
    if (again === null) break;
    const before = sourceOf;
    unescaped = again.unescaped;
    sourceOf = (index) => before(again.sources[index] ?? 0); // Asked for no index outside of the text.
  }
  return { folded: lowerCase(unescaped), unescaped, sourceOf };
}

/** Null if it has no escapes. */
function foldOnce(text: string): { unescaped: string; sources: Int32Array } | null {
  const parts: string[] = [];
  const sources = new Int32Array(text.length + 1); // No escape is shorter than what it stands for.
  let length = 0;
  let end = 0;
  const keepUntil = (to: number) => {
    parts.push(text.slice(end, to));
    for (; end < to; end += 1, length += 1) sources[length] = end;
  };
  for (const match of text.matchAll(escapes)) {
    const character = characterIn(match);
    if (character === undefined) continue;
    keepUntil(match.index);
    parts.push(character);
    sources.fill(match.index, length, length + character.length);
    length += character.length;
    end = match.index + match[0].length;
  }
  if (end === 0) return null;
  keepUntil(text.length);
  sources[length] = text.length;
  return { unescaped: parts.join(''), sources };
}

/** Keeps the length, and does not depend on what is around a letter. */
export function lowerCase(text: string): string {
  return text.replaceAll('\u0130', 'i').replaceAll('\u03A3', '\u03C3').toLowerCase();
}

/** A text that was cut, without an escape that the cut has split. */
export function withoutUnfinished(text: string): string {
  return text.slice(0, -longestUnfinished) + text.slice(-longestUnfinished).replace(unfinished, '');
}

function characterIn(match: RegExpExecArray): string | undefined {
  const [, u, x, braced, octal, blank, plain, percentU, percent, decimal, hex, name] = match;
  const code = u ?? x ?? braced ?? percentU ?? percent ?? hex;
  if (code !== undefined) return characterOf(Number.parseInt(code, 16));
  if (octal !== undefined) return characterOf(Number.parseInt(octal, 8));
  if (decimal !== undefined) return characterOf(Number(decimal));
  if (name !== undefined) return named[name.toLowerCase()];
  return blank === undefined ? plain : ' ';
}

function characterOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
