import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { costOf, evaluationLimits, overLimit } from '../budget.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import { exact, exactNumberIn } from './arithmetic.ts';
import { endOfPair, startOfPair, wellFormed } from '../well-formed.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

/** Budget units for a hash, plus one for every 8 bytes. */
export const costOfHash = 16;

export const textOperators = {
  cat: { arity: [1, Infinity], apply: ({ name, args }) => boundedText(args.map((arg) => textOf(name, arg))) },
  substr: { arity: [2, 3], apply: substr },
  string: { arity: [1, 1], apply: ({ name, args: [value = null] }) => textOf(name, value) },
  number: { arity: [1, 1], apply: toNumber },
  lower: { arity: [1, 1], apply: (application) => onText(application, (text) => text.toLowerCase()) },
  upper: { arity: [1, 1], apply: (application) => onText(application, (text) => text.toUpperCase()) },
  trim: { arity: [1, 1], apply: (application) => onText(application, (text) => text.trim()) },
  sha256: { arity: [1, 1], apply: hash },
  join: { arity: [2, 2], apply: join },
  split: { arity: [2, 2], apply: split },
  padStart: { arity: [3, 3], apply: padStart },
} satisfies OperatorTable;

/** Joins parts of text. Throws before building a result that would be too long. */
export function boundedText(parts: string[]): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > evaluationLimits.textLength) throw textTooLong();
  return parts.join('');
}

function textTooLong(): ExpressionError {
  return overLimit(`a text gets longer than ${evaluationLimits.textLength} characters`);
}

/**
 * As in JsonLogic and PHP: a negative start counts from the end, a negative length drops as many characters from the end. Counts in
 * UTF-16 code units. A pair of them that lies across an end is left out, so that no half of a character remains.
 */
function substring(text: string, start: number, length = Infinity): string {
  const from = start < 0 ? Math.max(0, text.length + start) : start;
  const to = Math.min(text.length, length < 0 ? Math.max(from, text.length + length) : from + length);
  return text.slice(endOfPair(text, from), startOfPair(text, to));
}

function substr({ name, args: [text = null, start = null, length] }: Application): Json {
  if (typeof text !== 'string') throw wrongType(name, 'a text', text);
  for (const position of length === undefined ? [start] : [start, length]) {
    if (!Number.isSafeInteger(position)) throw wrongType(name, 'whole numbers as start and length', position);
  }
  return substring(text, start as number, length as number | undefined); // Both were just checked.
}

/**
 * The result may be longer than the text: an upper-case ß is SS. Uses Unicode's case mapping, independent of language. A new
 * Node.js may bring a newer Unicode, which every few years adds letter cases to an old script.
 */
function onText({ name, args: [text = null], budget }: Application, change: (text: string) => string): Json {
  if (typeof text !== 'string') throw wrongType(name, 'a text', text);
  budget.charge(text.length >> 5);
  return boundedText([change(text)]);
}

/** Hashes the UTF-8 bytes and returns hex. A lone surrogate counts as U+FFFD. */
function hash({ name, args: [text = null], budget }: Application): Json {
  if (typeof text !== 'string') throw wrongType(name, 'a text', text);
  const bytes = utf8ToBytes(text);
  budget.charge(costOfHash + (bytes.length >> 3));
  return bytesToHex(sha256(bytes));
}

/** A null among the parts is an error, as in `cat`: a text with a hole looks like a whole one. */
function join({ name, args: [list = null, separator = null], budget }: Application): Json {
  if (!Array.isArray(list)) throw wrongType(name, 'a list first', list);
  if (typeof separator !== 'string') throw wrongType(name, 'a text second', separator);
  budget.charge(list.length * (costOf(separator) + 1));
  const parts = list.map((item) => textOf(name, item));
  for (const part of parts) budget.charge(costOf(part));
  return boundedText(parts.flatMap((part, position) => (position === 0 ? [part] : [separator, part])));
}

/** An empty separator would split pairs of surrogates, and so would half of a pair. */
function split({ name, args: [text = null, separator = null], budget }: Application): Json {
  if (typeof text !== 'string') throw wrongType(name, 'a text first', text);
  if (typeof separator !== 'string' || separator === '' || wellFormed(separator) !== separator) {
    throw new ExpressionError(
      'KAIT_EXPRESSION_TYPE',
      `"${name}" expects a separator of at least one character second.`,
    );
  }
  const parts = text.split(separator, evaluationLimits.arrayLength + 1);
  if (parts.length > evaluationLimits.arrayLength) {
    throw overLimit(`a list gets longer than ${evaluationLimits.arrayLength} items`);
  }
  budget.charge(parts.length);
  return parts;
}

/** Counts in UTF-16 code units. A longer text stays as it is. */
function padStart({ name, args: [value = null, length = null, fill = null] }: Application): Json {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (typeof value !== 'string' && !isCount) throw wrongType(name, 'a text, or a whole number from 0, first', value);
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
    throw wrongType(name, 'a whole number from 0 as the length second', length);
  }
  if (typeof fill !== 'string' || fill.length !== 1 || wellFormed(fill) !== fill)
    throw wrongType(name, 'one character, such as "0", third', fill);
  if (length > evaluationLimits.textLength) throw textTooLong();
  return boundedText([String(value).padStart(length, fill)]);
}

function textOf(name: string, value: Json): string {
  if (value === null || typeof value === 'object') throw wrongType(name, 'texts, numbers and booleans', value);
  return String(value);
}

function toNumber({ name, args: [value = null] }: Application): Json {
  if (typeof value === 'number') return exact(name, value);
  if (typeof value !== 'string') throw wrongType(name, 'a number or a text that spells one', value);
  const number = exactNumberIn(name, value);
  if (number === undefined) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects a text that spells a decimal number.`);
  }
  return number;
}
