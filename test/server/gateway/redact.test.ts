import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePointer } from '../../../server/gateway/json-pointer.ts';
import { redact, redactionPattern } from '../../../server/gateway/redact.ts';

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
    ['/c~1d', { a: { key: 1, b: [{ key: 2, x: 3 }] }, key: 4 }],
    ['/none/key', document()],
    ['/a/b/length', document()],
  ])('of %s leaves the rest', (pointer, expected) => {
    const value = document();
    redact(value, parsePointer(pointer));

    expect(value).toEqual(expected);
  });

  it.each([[''], ['key'], ['/a/*'], ['/**'], ['/a//b'], ['/~2']])('may not be written as %j', (pointer) => {
    expect(redactionPattern.test(pointer)).toBe(false);
  });

  it('removes a member called __proto__ without touching the prototype', () => {
    const value = JSON.parse('{"__proto__":{"key":1},"x":2}') as Record<string, number>;
    redact(value, ['__proto__', 'key']);

    expect(JSON.stringify(value)).toBe('{"__proto__":{},"x":2}');
  });

  it('does not reach what every object inherits', () => {
    redact({}, ['__proto__', 'inherited']);
    redact({}, ['constructor', 'prototype', 'inherited']);

    expect(({} as Record<string, unknown>).inherited).toBe('kept');
  });
});
