/** A regular expression as a tree. Only what can be matched in one pass over the text. */
export type PatternNode =
  | { kind: 'set'; has: (code: number) => boolean }
  | { kind: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'sequence'; parts: PatternNode[] }
  | { kind: 'choice'; options: PatternNode[] }
  | { kind: 'repeat'; part: PatternNode; least: number; most: number };

/** What is wrong with a pattern, as the end of a sentence that begins with "the pattern". */
export class PatternProblem extends Error {}

type Has = (code: number) => boolean;

const digit: Has = (code) => code >= 48 && code <= 57;
const wordCharacter: Has = (code) =>
  digit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
const space: Has = (code) => /\s/u.test(String.fromCodePoint(code));
const newLine: Has = (code) => code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
const not =
  (has: Has): Has =>
  (code) =>
    !has(code);

const classes: Record<string, Has> = {
  d: digit,
  D: not(digit),
  w: wordCharacter,
  W: not(wordCharacter),
  s: space,
  S: not(space),
};
const controls: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
const mostRepetitions = 1_000;
const deepestGroup = 32;

/** Whether `\b` sees a part of a word there. */
export const isWordCharacter = wordCharacter;

/**
 * Parses a pattern of JSON Schema: ECMA 262 with the flag `u`, without look-around, references to groups, and `\p`. Throws a
 * {@link PatternProblem}.
 */
export function parsePattern(source: string): PatternNode {
  const reader = createReader(source);
  const node = choice(reader, 0);
  if (reader.peek() !== undefined) throw new PatternProblem('has a ")" too many');
  return node;
}

interface Reader {
  peek(): string | undefined;
  /** Takes the next character if it is this one. */
  takes(character: string): boolean;
  next(): string;
  /** Takes what the expression matches here. */
  match(expression: RegExp): RegExpExecArray | null;
}

function createReader(source: string): Reader {
  const characters = Array.from(source);
  let at = 0;
  const reader: Reader = {
    peek: () => characters[at],
    takes(character) {
      if (characters[at] !== character) return false;
      at += 1;
      return true;
    },
    next() {
      const character = characters[at];
      if (character === undefined) throw new PatternProblem('ends too early');
      at += 1;
      return character;
    },
    match(expression) {
      const found = expression.exec(characters.slice(at, at + 16).join(''));
      if (found !== null) at += found[0].length; // None of them matches a character beyond the first plane.
      return found;
    },
  };
  return reader;
}

function choice(reader: Reader, depth: number): PatternNode {
  if (depth > deepestGroup) throw new PatternProblem(`has groups more than ${deepestGroup} deep`);
  const options = [sequence(reader, depth)];
  while (reader.takes('|')) options.push(sequence(reader, depth));
  return { kind: 'choice', options };
}

function sequence(reader: Reader, depth: number): PatternNode {
  const parts: PatternNode[] = [];
  for (let next = reader.peek(); next !== undefined && next !== '|' && next !== ')'; next = reader.peek()) {
    parts.push(quantified(atom(reader, depth), reader));
  }
  return { kind: 'sequence', parts };
}

function quantified(part: PatternNode, reader: Reader): PatternNode {
  const found = reader.match(/^(?:[*+?]|\{(\d{1,4})(,(\d{0,4}))?\})/);
  if (found === null) return part;
  if (part.kind !== 'set' && part.kind !== 'sequence' && part.kind !== 'choice') {
    throw new PatternProblem(`has "${found[0]}" after something that cannot be repeated`);
  }
  reader.takes('?'); // Whether it takes few or many changes nothing in whether it matches.
  if (reader.match(/^(?:[*+?]|\{\d)/) !== null) throw new PatternProblem('has two quantifiers in a row');
  const [text, from, open, to] = found;
  const least = from === undefined ? (text === '+' ? 1 : 0) : Number(from);
  const most =
    from === undefined ? (text === '?' ? 1 : Infinity) : open === undefined ? least : to ? Number(to) : Infinity;
  if (least > mostRepetitions || (most !== Infinity && most > mostRepetitions)) {
    throw new PatternProblem(`repeats something more than ${mostRepetitions} times`);
  }
  if (least > most) throw new PatternProblem(`has "${text}", whose numbers are in the wrong order`);
  return { kind: 'repeat', part, least, most };
}

function atom(reader: Reader, depth: number): PatternNode {
  const character = reader.next();
  if (character === '(') return group(reader, depth);
  if (character === '[') return { kind: 'set', has: characterClass(reader) };
  if (character === '.') return { kind: 'set', has: not(newLine) };
  if (character === '^') return { kind: 'start' };
  if (character === '$') return { kind: 'end' };
  if (character === '\\') {
    if (reader.takes('b')) return { kind: 'boundary' };
    if (reader.takes('B')) return { kind: 'inside' };
    return { kind: 'set', has: hasOf(escaped(reader)) };
  }
  if ('*+?{}]'.includes(character)) throw new PatternProblem(`has a "${character}" that needs a backslash`);
  return { kind: 'set', has: hasOf(codeOf(character)) };
}

function group(reader: Reader, depth: number): PatternNode {
  if (reader.takes('?') && !reader.takes(':')) {
    throw new PatternProblem('looks around or names a group, which is not supported; use (…) or (?:…)');
  }
  const inner = choice(reader, depth + 1);
  if (!reader.takes(')')) throw new PatternProblem('has a "(" too many');
  return { kind: 'sequence', parts: [inner] };
}

function characterClass(reader: Reader): Has {
  const negated = reader.takes('^');
  const members: Has[] = [];
  while (!reader.takes(']')) {
    const from = classMember(reader);
    if (reader.peek() !== '-') {
      members.push(hasOf(from));
      continue;
    }
    reader.next();
    if (reader.peek() === ']') {
      members.push(hasOf(from), hasOf(45));
      continue;
    }
    members.push(range(from, classMember(reader)));
  }
  const has: Has = (code) => members.some((member) => member(code));
  return negated ? not(has) : has;
}

function classMember(reader: Reader): number | Has {
  const character = reader.next();
  if (character !== '\\') return codeOf(character);
  return reader.takes('b') ? 8 : escaped(reader, '-');
}

function range(from: number | Has, to: number | Has): Has {
  if (typeof from !== 'number' || typeof to !== 'number')
    throw new PatternProblem('has a class such as \\d in a range');
  if (from > to) throw new PatternProblem('has a range whose ends are in the wrong order');
  return (code) => code >= from && code <= to;
}

function escaped(reader: Reader, also = ''): number | Has {
  const code = reader.match(/^(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\})/);
  if (code !== null) {
    const value = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16);
    if (value > 0x10_ff_ff) throw new PatternProblem(`has "\\${code[0]}", which is no character`);
    return value;
  }
  const character = reader.next();
  const known = Object.hasOwn(classes, character) ? classes[character] : undefined;
  if (known !== undefined) return known;
  const control = Object.hasOwn(controls, character) ? controls[character] : undefined;
  if (control !== undefined && !(character === '0' && /\d/.test(reader.peek() ?? ''))) return control;
  if ('^$\\.*+?()[]{}|/'.includes(character) || also.includes(character)) return codeOf(character);
  throw new PatternProblem(`has "\\${character}", which is not supported`);
}

function hasOf(what: number | Has): Has {
  return typeof what === 'number' ? (code) => code === what : what;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
