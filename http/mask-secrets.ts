import { createSecretFinder, type FindSecrets } from './find-secrets.ts';

/** Removes secrets from what a remote server said, so that an echo does not carry them into history, the database or a log. */
export interface Mask {
  /** `cut`: the text may end in the middle of a secret, of which nothing stays either. */
  text(text: string, options?: { cut?: boolean }): string;
  /** A parsed JSON document: names of members, texts and numbers. Also a secret that lies across several of them in a row. */
  document(document: unknown): unknown;
}

/** What stands in a secret's place. */
const substitute = '[secret]';
/** Between the texts of a document while they are searched at once. No character: Unicode never assigns it. */
const separator = '\uFDD0';

/** Masks secrets in all the forms that `createSecretFinder` finds. Time and memory grow with the answer only. */
export function createMask(secrets: readonly string[]): Mask {
  const find = createSecretFinder(secrets);
  return {
    text: (text, options) => shown(text, find(text, options)),
    document: (document) => maskDocument(document, find),
  };
}

function maskDocument(document: unknown, find: FindSecrets): unknown {
  const texts = textsOf(document);
  const names = maskTexts(texts.names, find);
  const values = maskTexts(texts.values, find);
  if (names === texts.names && values === texts.values) return document;
  return replaced(document, { names: names[Symbol.iterator](), values: values[Symbol.iterator]() });
}

/** Searches all texts at once, since a search in each of ten thousand would take long. The same list if it finds nothing. */
function maskTexts(texts: readonly string[], find: FindSecrets): readonly string[] {
  const covered = find(texts.join(separator));
  if (!covered.includes(1)) return texts;
  let start = 0;
  return texts.map((text) => {
    const own = covered.subarray(start, start + text.length);
    start += text.length + separator.length;
    return shown(text, own);
  });
}

function shown(text: string, covered: Uint8Array): string {
  const parts: string[] = [];
  let end = 0; // Everything before is shown or masked.
  for (let from = covered.indexOf(1); from !== -1; from = covered.indexOf(1, end)) {
    parts.push(text.slice(end, from), substitute);
    const to = covered.indexOf(0, from);
    end = to === -1 ? text.length : to;
  }
  return end === 0 ? text : parts.join('') + text.slice(end);
}

/** Every name, and every text and number, in order. */
function textsOf(document: unknown): { names: string[]; values: string[] } {
  const names: string[] = [];
  const values: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number') values.push(String(value));
    else if (Array.isArray(value)) value.forEach(collect);
    else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        names.push(name);
        collect(member);
      }
    }
  };
  collect(document);
  return { names, values };
}

/** The document with other texts, in the order of {@link textsOf}. A number of a secret's digits becomes a text. */
function replaced(value: unknown, texts: { names: Iterator<string>; values: Iterator<string> }): unknown {
  const next = (from: Iterator<string>) => from.next().value as string; // There are as many as `textsOf` found.
  if (typeof value === 'string') return next(texts.values);
  if (typeof value === 'number') {
    const text = next(texts.values);
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map((item) => replaced(item, texts));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([, member]) => [next(texts.names), replaced(member, texts)]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
