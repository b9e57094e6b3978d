import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import { operatorNames } from '../../language/operators/operators.ts';
import { verbs } from '../../language/verbs.ts';
import { check } from './check-steps.ts';

const folder = new URL('../../definitions/examples/', import.meta.url);
/** Together they have every verb but a few. */
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !name.endsWith('.test.json'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

describe('whatever its text, checking a definition never throws', () => {
  it('on any text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom(...examples).chain(mutated));
    fc.assert(
      fc.property(text, (each) => {
        expect(check(each).findings.filter(({ line }) => !(line > 0))).toEqual([]);
      }),
      { numRuns: 80, seed: 11 },
    );
  });

  it('on JSON of any form, nor gives a definition that has an error', () => {
    fc.assert(fc.property(arbitraryJson, isConsistent), { numRuns: 500, seed: 12 });
  });

  it('on a definition of which one part is something else, nor gives one that has an error', () => {
    const broken = fc.constantFrom(...examples).chain((text) => replaced(parse(text) as Json));
    fc.assert(fc.property(broken, isConsistent), { numRuns: 150, seed: 13 });
  });
});

function isConsistent(value: unknown): void {
  const { definition, findings } = check(JSON.stringify(value));
  expect(definition === null).toBe(findings.some(({ severity }) => severity === 'error'));
}

/** The text with a part of it replaced by something else. */
function mutated(text: string): fc.Arbitrary<string> {
  const inserted = fc.constantFrom('', '"', '{', '}', ']', ',', 'null', '{{', '\\', '\u0000', '1e999');
  return fc
    .tuple(fc.nat(text.length), fc.nat(20), inserted)
    .map(([start, length, insert]) => text.slice(0, start) + insert + text.slice(start + length));
}

/** The value with one of the values in it, chosen evenly, replaced. */
function replaced(value: Json): fc.Arbitrary<Json> {
  const places = placesIn(value, []);
  return fc.tuple(fc.constantFrom(...places), arbitraryJson).map(([place, other]) => withValueAt(value, place, other));
}

function placesIn(value: Json, place: string[]): string[][] {
  if (value === null || typeof value !== 'object') return [place];
  return [place, ...Object.entries(value).flatMap(([key, member]) => placesIn(member, [...place, key]))];
}

function withValueAt(value: Json, [key, ...rest]: string[], other: Json): Json {
  if (key === undefined || value === null || typeof value !== 'object') return other;
  const members = Object.entries(value).map(([name, member]): [string, Json] => {
    return [name, name === key ? withValueAt(member, rest, other) : member];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

const keys = fc.constantFrom(
  ...verbs,
  ...operatorNames,
  ...[
    'name',
    'on',
    'event',
    'steps',
    'id',
    'with',
    'if',
    'then',
    'else',
    'until',
    'catch',
    'errors',
    'finally',
    'default',
  ],
  ...['in', 'as', 'collect', 'join', 'concurrency', 'onItemError', 'max', 'timeout', 'onTimeout', 'onReject', 'match'],
  ...[
    'where',
    'undo',
    'retry',
    'except',
    'deadline',
    'headers',
    'secret',
    'body',
    'expect',
    'vars',
    'output',
    'onFail',
  ],
  ...['__proto__', 'constructor'],
);
const leaves = fc.constantFrom<Json>(
  ...[null, true, 0, -1, 1.5, '', '1s', 'a', 'run', 'fail', 'continue', 'first', 'orders.create', 'payment.succeeded'],
  ...['{{steps.a.b}}', '{{vars.a}}', '{{item.a}}', '{{', 'steps.a', '__proto__', 'https://a.example'],
);
const { value: arbitraryJson } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaves,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
  ),
}));
