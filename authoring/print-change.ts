import { canonicalJson, isObject, type Json, type JsonObject } from '../language/json.ts';
import { operatorOf } from '../language/operators/operators.ts';
import { printTemplate, type Printing } from './print-logic.ts';

/** Prints one of the two values; see `print-logic.ts`. */
export type Print = (value: Json, printing: Printing) => string;

/**
 * The change of a value, printing only the differing part twice: `event.payment.amount >= 1000000 → 800000`,
 * `floor(event.payment.amount * (0.05 → 0.04))`. Long texts are cut to the part around the first difference.
 */
export function printChange(before: Json, after: Json, print: Print = printTemplate): string {
  const { path, old, changed } = onlyDifference(before, after);
  const both = printBoth(old, changed, path.length === 0 ? print : printTemplate);
  if (path.length === 0) return both;
  const mark = {};
  const text = print(withMark(before, path, mark), { substitute: (part) => (part === mark ? `(${both})` : undefined) });
  if (!text.includes(both)) return printBoth(before, after, print); // The difference lies within plain JSON.
  return text.endsWith(`(${both})`) ? `${text.slice(0, -both.length - 2)}${both}` : text;
}

export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(one) === canonicalJson(other);
}

interface Difference {
  path: (string | number)[];
  old: Json;
  changed: Json;
}

/** The smallest part that contains every difference. */
function onlyDifference(old: Json, changed: Json): Difference {
  const whole: Difference = { path: [], old, changed };
  if (Array.isArray(old) && Array.isArray(changed)) {
    if (old.length !== changed.length) return whole;
    return within(
      old.map((item, index) => [index, item, changed[index] ?? null]),
      whole,
    );
  }
  if (!isObject(old) || !isObject(changed) || isPath(old)) return whole;
  const keys = Object.keys(old);
  if (!isSame(keys.toSorted(), Object.keys(changed).sort())) return whole;
  const pairs = keys.map((key): Pair => [key, old[key] ?? null, changed[key] ?? null]);
  const difference = within(pairs, whole);
  const isArguments = difference.path.length === 1 && Array.isArray(difference.old);
  return isArguments && operatorOf(old) !== undefined ? whole : difference;
}

type Pair = [key: string | number, old: Json, changed: Json];

function within(pairs: Pair[], whole: Difference): Difference {
  const [first, second] = pairs.filter(([, old, changed]) => !isSame(old, changed));
  if (first === undefined || second !== undefined) return whole;
  const inner = onlyDifference(first[1], first[2]);
  return { ...inner, path: [first[0], ...inner.path] };
}

/** The path inside a `var` is not a value by itself. */
function isPath(value: JsonObject): boolean {
  return operatorOf(value)?.name === 'var';
}

function withMark(value: Json, [key, ...rest]: (string | number)[], mark: Json): Json {
  if (key === undefined) return mark;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? withMark(item, rest, mark) : item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? withMark(member, rest, mark) : member]),
  );
}

function printBoth(old: Json, changed: Json, print: Print): string {
  const [shownOld, shownNew] = [print(old, {}), print(changed, {})];
  if (shownOld !== shownNew) return `${shownOld} → ${shownNew}`;
  const [wholeOld, wholeNew] = [print(old, { longest: Infinity }), print(changed, { longest: Infinity })];
  const start = Math.max(0, firstDifference(wholeOld, wholeNew) - 20);
  return `${excerpt(wholeOld, start)} → ${excerpt(wholeNew, start)}`;
}

function firstDifference(one: string, other: string): number {
  let position = 0;
  while (position < one.length && one[position] === other[position]) position += 1;
  return position;
}

function excerpt(text: string, start: number): string {
  const part = text.slice(start, start + 60);
  return `${start > 0 ? '…' : ''}${part}${start + part.length < text.length ? '…' : ''}`;
}
