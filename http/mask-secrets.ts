import { foldEscapes, lowerCase, withoutUnfinished } from './fold-escapes.ts';
import { secretForms, standsAlone } from './secret-forms.ts';

/** Removes secrets from what a remote server said, so that an echo does not carry them into history, the database or a log. */
export interface Mask {
  /** `cut`: the text may end in the middle of a secret, of which nothing stays either. */
  text(text: string, options?: { cut?: boolean }): string;
  /** A parsed JSON document: names of members, texts and numbers. */
  document(document: unknown): unknown;
}

/** What stands in a secret's place. */
const substitute = '[secret]';
/** A shorter beginning of a secret tells nothing. */
const leastBeginning = 4;
/** Between the texts of a document while they are searched at once. No character: Unicode never assigns it. */
const separator = '\uFDD0';

/** Masks secrets in all the forms of `secretForms`, however their characters are escaped. Its work grows with the answer only. */
export function createMask(secrets: readonly string[]): Mask {
  const forms = secretForms(secrets).map((form) => ({ plain: lowerCase(form), folded: foldEscapes(form).folded }));
  return {
    text: (text, { cut = false } = {}) => maskText(text, forms, cut),
    document: (document) => maskDocument(document, forms),
  };
}

/** `plain`: its letters in lower case. `folded`: without escapes, too, which a secret may contain itself. */
interface Form {
  plain: string;
  folded: string;
}

/** Searches all texts at once, since a search in each of ten thousand would take long. */
function maskDocument(document: unknown, forms: readonly Form[]): unknown {
  const texts = textsOf(document);
  const all = texts.join(separator);
  const masked = maskText(all, forms, false);
  if (masked === all) return document;
  const parts = masked.split(separator);
  const shown = parts.length === texts.length ? parts : texts.map((text) => maskText(text, forms, false));
  return replaced(document, shown[Symbol.iterator]());
}

/** Every name, text and number, in order. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]) : [];
}

/** The document with other texts, in the order of {@link textsOf}. A number of a secret's digits becomes a text. */
function replaced(value: unknown, texts: Iterator<string>): unknown {
  const next = () => texts.next().value as string; // There are as many as `textsOf` found.
  if (typeof value === 'string') return next();
  if (typeof value === 'number') {
    const shown = next();
    return shown === String(value) ? value : shown;
  }
  if (Array.isArray(value)) return value.map((item) => replaced(item, texts));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([, member]) => [next(), replaced(member, texts)]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

type Range = [from: number, to: number];

function maskText(text: string, forms: readonly Form[], cut: boolean): string {
  const { folded, sourceOf } = foldEscapes(text);
  const plain = lowerCase(text);
  const inFolded = forms.flatMap((form) => rangesOf(folded, form.folded));
  const ranges = [
    ...inFolded.map(([from, to]): Range => [sourceOf(from), sourceOf(to)]),
    // What looks like an escape may be none: a secret after a percent sign.
    ...forms.flatMap((form) => rangesOf(plain, form.plain)),
  ];
  if (cut) ranges.push([endOf(text, forms), text.length]);
  return withoutRanges(text, ranges);
}

/** Where a form is in a text. */
function rangesOf(text: string, form: string): Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    const to = at + form.length;
    if (!standsAlone(form) || (isEdge(text[at - 1]) && isEdge(text[to]))) ranges.push([at, to]);
  }
  return ranges;
}

function isEdge(character: string | undefined): boolean {
  return character === undefined || !/[a-z0-9]/.test(character);
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

function withoutRanges(text: string, ranges: Range[]): string {
  const parts: string[] = [];
  let end = 0; // Everything before is shown or masked.
  for (const [from, to] of ranges.sort(([one], [other]) => one - other)) {
    if (to <= end || from === to) continue;
    if (from >= end) parts.push(text.slice(end, from), substitute);
    end = to;
  }
  return parts.join('') + text.slice(end);
}
