import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../../language/json.ts';
import { parsePointer, redact, redactionPattern, replaceAt, valueAt } from '../../../server/gateway/json-pointer.ts';
it.each([
  ['/refunds/0/id', 1],
  ['/refunds/-1/id', 3],
  ['/refunds/-2/id', undefined],
  ['/none/-1', undefined],
  ['/named/-1', 'a member of that name'],
])('reads %s as %j', (pointer, expected) => {
  const document = { refunds: [{ id: 1 }, { id: 2 }, { id: 3 }], none: [], named: { '-1': 'a member of that name' } };

  expect(valueAt(document, parsePointer(pointer))).toBe(expected);
});

describe('a redaction', () => {
  beforeEach(() => {
    Object.defineProperty(Object.prototype, 'inherited', { value: 'kept', configurable: true });
  });
  afterEach(() => {
    Reflect.deleteProperty(Object.prototype, 'inherited');
  });

  const document = () => ({ a: { key: 1, b: [{ key: 2, x: 3 }] }, key: 4, 'c/d': { key: 5 } });

  it.each([
    ['/key', { a: { key: 1, b: [{ key: 2, x: 3 }] }, 'c/d': { key: 5 } }],
    ['/a/key', { a: { b: [{ key: 2, x: 3 }] }, key: 4, 'c/d': { key: 5 } }],
    ['/*/key', { a: { b: [{ key: 2, x: 3 }] }, key: 4, 'c/d': {} }],
    ['/**/key', { a: { b: [{ x: 3 }] }, 'c/d': {} }],
    ['/a/**/key', { a: { b: [{ x: 3 }] }, key: 4, 'c/d': { key: 5 } }],
    ['/a/b/*/key', { a: { key: 1, b: [{ x: 3 }] }, key: 4, 'c/d': { key: 5 } }],
    ['/a/b/0', { a: { key: 1, b: [null] }, key: 4, 'c/d': { key: 5 } }],
    ['/a/b/-1', { a: { key: 1, b: [null] }, key: 4, 'c/d': { key: 5 } }],
    ['/c~1d', { a: { key: 1, b: [{ key: 2, x: 3 }] }, key: 4 }],
    ['/none/key', document()],
    ['/a/b/length', document()],
  ])('of %s leaves the rest', (pointer, expected) => {
    const value = document();

    expect(redact(value, parsePointer(pointer))).toEqual(expected);
    expect(value).toEqual(document());
  });

  it('shares what it does not change with the original', () => {
    const value = document();
    const redacted = redact(value, parsePointer('/a/b/*/key')) as typeof value;

    expect(redacted['c/d']).toBe(value['c/d']);
    expect(redacted.a).not.toBe(value.a);
    expect(redact(value, parsePointer('/**/none'))).toBe(value);
  });

  it('takes every member of a large list in linear time', () => {
    const list = Array.from({ length: 50_000 }, (_item, index) => ({ key: index }));

    expect(redact(list, ['*', 'key'])).toEqual(list.map(() => ({})));
  });

  it.each([[''], ['key'], ['/a/*'], ['/**'], ['/a//b'], ['/~2']])('may not be written as %j', (pointer) => {
    expect(redactionPattern.test(pointer)).toBe(false);
  });

  it('removes a member called __proto__ without touching the prototype', () => {
    const value = JSON.parse('{"__proto__":{"key":1},"x":2}') as Record<string, number>;

    expect(JSON.stringify(redact(value, ['__proto__', 'key']))).toBe('{"__proto__":{},"x":2}');
  });

  it('does not reach what every object inherits', () => {
    redact({}, ['__proto__', 'inherited']);
    redact({}, ['constructor', 'prototype', 'inherited']);

    expect(({} as Record<string, unknown>).inherited).toBe('kept');
  });
});

describe('a replacement', () => {
  const document = () => JSON.parse('{"a":{"b":[1,{"c":2}]},"__proto__":{"d":3}}') as Json;

  it.each([
    ['', '"new"'],
    ['/a/b/1/c', '{"a":{"b":[1,{"c":"new"}]},"__proto__":{"d":3}}'],
    ['/a/b', '{"a":{"b":"new"},"__proto__":{"d":3}}'],
    ['/__proto__/d', '{"a":{"b":[1,{"c":2}]},"__proto__":{"d":"new"}}'],
    ['/a/none', '{"a":{"b":[1,{"c":2}]},"__proto__":{"d":3}}'],
    ['/a/b/2', '{"a":{"b":[1,{"c":2}]},"__proto__":{"d":3}}'],
    ['/toString', '{"a":{"b":[1,{"c":2}]},"__proto__":{"d":3}}'],
  ])('at %j changes a copy, and only what is there', (pointer, expected) => {
    const value = document();

    expect(JSON.stringify(replaceAt(value, parsePointer(pointer), 'new'))).toBe(expected);
    expect(value).toEqual(document());
  });
});
