import { createFinder, type OnFound, windowLength } from './find-forms.ts';
import { foldEscapes, lowerCase, withoutUnfinished } from './fold-escapes.ts';
import { secretForms } from './secret-forms.ts';

/** 1 at each index of a text at which there is a secret. */
export type FindSecrets = (text: string, options?: { cut?: boolean }) => Uint8Array;

/** Fewer letters and digits could be words and numbers that happen to follow each other, above all if there is no digit. */
const isTelling = /^(?:(?=.*\d).{10}|.{16})/;
/** A shorter beginning of a secret tells nothing. */
const leastBeginning = 4;
/** What could hold a secret, and where its encoding may begin: of `/token/c2stbGl2`, only the end is base64. */
const encodings = [
  { encoding: 'base64', alphabet: alphabetOf(/[A-Za-z0-9+/_-]/), offsets: [0, 1, 2, 3] },
  { encoding: 'hex', alphabet: alphabetOf(/[0-9A-Fa-f]/), offsets: [0, 1] },
] as const;
const shortestRun = 16;
/** Between decoded runs. */
const between = '\n';

/**
 * Returns the search for secrets in all the forms of `secretForms`: as they are; escaped; with anything but letters and digits in between,
 * such as line breaks, colons or NUL; and all of that once more within base64 or hex, of which the whole run counts then. `cut`: the text
 * may end in the middle of a form, whose beginning counts too. Time and memory grow with the text, and not with the number of forms.
 */
export function createSecretFinder(secrets: readonly string[]): FindSecrets {
  const forms = secretForms(secrets).map((form) => ({ plain: lowerCase(form), ...foldEscapes(form) }));
  const search = createSearch(forms);
  return (text, { cut = false } = {}) => {
    const covered = new Uint8Array(text.length);
    const { unescaped, sourceOf } = searchViews(text, search, covered);
    for (const found of encodedRuns(unescaped, search)) covered.fill(1, sourceOf(found.from), sourceOf(found.to));
    if (cut) covered.fill(1, endOf(text, forms));
    return covered;
  };
}

interface Form {
  /** In lower case. */
  plain: string;
  /** Without escapes, too, which a secret may contain itself. */
  folded: string;
}

/** One for each view of a text. */
interface Search {
  plain: (text: string, onFound: OnFound) => void;
  folded: (text: string, onFound: OnFound) => void;
  letters: (text: string, onFound: OnFound) => void;
  /** Forms that count only where they stand alone, such as the password `pw12` of a pair. */
  alone: (text: string, onFound: OnFound) => void;
}

function createSearch(forms: readonly Form[]): Search {
  const isLong = (form: string) => form.length >= windowLength; // Others could be words or numbers of an ordinary answer.
  const plain = forms.map((form) => form.plain);
  const folded = forms.map((form) => form.folded);
  const letters = folded.map((form) => lettersOf(form).letters).filter((form) => isTelling.test(form));
  const short = [...new Set([...plain, ...folded])].filter((form) => form !== '' && !isLong(form));
  return {
    plain: createFinder(plain.filter(isLong)),
    folded: createFinder(folded.filter(isLong)),
    letters: createFinder([...new Set(letters)]),
    alone: (text, onFound) => short.forEach((form) => findAlone(text, form, onFound)),
  };
}

/** Between characters that are neither letters nor digits. */
function findAlone(text: string, form: string, onFound: OnFound): void {
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    const to = at + form.length;
    if (isEdge(text[at - 1]) && isEdge(text[to])) onFound(at, to);
  }
}

function isEdge(character: string | undefined): boolean {
  return character === undefined || !/[a-z0-9]/.test(character);
}

/** Searches a text itself, without escapes, and its letters and digits alone. */
function searchViews(
  text: string,
  search: Search,
  covered: Uint8Array,
  { decoded = false } = {},
): { unescaped: string; sourceOf: (index: number) => number } {
  const plain = lowerCase(text);
  const { folded, unescaped, sourceOf } = foldEscapes(text);
  const { letters, positions } = lettersOf(folded);
  const cover: OnFound = (from, to) => covered.fill(1, from, to);
  const coverFolded: OnFound = (from, to) => cover(sourceOf(from), sourceOf(to));
  search.folded(folded, coverFolded);
  search.letters(letters, (from, to) => coverFolded(positions[from] ?? 0, (positions[to - 1] ?? 0) + 1));
  // What looks like an escape may be none: a secret after a percent sign.
  if (folded !== plain) search.plain(plain, cover);
  if (decoded) return { unescaped, sourceOf }; // In random bytes, short forms would turn up.
  search.alone(folded, coverFolded);
  if (folded !== plain) search.alone(plain, cover);
  return { unescaped, sourceOf };
}

/** The letters and digits of a folded text, and where each of them stands in it. */
function lettersOf(folded: string): { letters: string; positions: Int32Array } {
  const codes = Buffer.alloc(folded.length);
  const positions = new Int32Array(folded.length);
  let length = 0;
  for (let at = 0; at < folded.length; at += 1) {
    const code = folded.charCodeAt(at);
    if (!((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39))) continue;
    codes[length] = code;
    positions[length] = at;
    length += 1;
  }
  return { letters: codes.toString('latin1', 0, length), positions };
}

interface Run {
  from: number;
  to: number;
}

/** The runs of base64 or hex that stand for a secret. */
function encodedRuns(text: string, search: Search): Run[] {
  return encodings.flatMap(({ encoding, alphabet, offsets }) => {
    const runs = runsOf(text, alphabet);
    return offsets.flatMap((offset) => {
      const decoded = runs.map(({ from, to }) =>
        Buffer.from(text.slice(from + offset, to), encoding).toString('latin1'),
      );
      return runsWithSecret(runs, decoded, search);
    });
  });
}

/** By the codes of ASCII: whether a character belongs to it. */
function alphabetOf(character: RegExp): readonly boolean[] {
  return Array.from({ length: 128 }, (_, code) => character.test(String.fromCharCode(code)));
}

/** A loop, because a regular expression needs a stack as large as the longest run. */
function runsOf(text: string, alphabet: readonly boolean[]): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (alphabet[text.charCodeAt(at)] === true) continue; // Not so after the end, where there is no code.
    if (at - from >= shortestRun) runs.push({ from, to: at });
    from = at + 1;
  }
  return runs;
}

/** Searches all runs at once, since there may be thousands, and since lines of base64 belong together. */
function runsWithSecret(runs: readonly Run[], decoded: readonly string[], search: Search): Run[] {
  const text = decoded.join(between);
  const covered = new Uint8Array(text.length);
  searchViews(text, search, covered, { decoded: true });
  if (!covered.includes(1)) return [];
  let start = 0;
  return runs.filter((_, number) => {
    const end = start + (decoded[number]?.length ?? 0);
    const isFound = covered.subarray(start, end).includes(1);
    start = end + between.length;
    return isFound;
  });
}

/** Where a text that was cut ends with the beginning of a secret; its length if it does not. */
function endOf(text: string, forms: readonly Form[]): number {
  const { folded: whole, sourceOf } = foldEscapes(withoutUnfinished(text));
  const beginnings = forms.map(({ folded: form }) => {
    let length = Math.min(form.length, whole.length);
    while (length >= leastBeginning && !whole.endsWith(form.slice(0, length))) length -= 1;
    return length >= leastBeginning ? sourceOf(whole.length - length) : text.length;
  });
  return Math.min(text.length, ...beginnings);
}
