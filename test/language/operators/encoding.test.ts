import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Json } from '../../../language/json.ts';
import type { Scope } from '../../../language/scope.ts';

const evaluate = (logic: Json) => evaluateLogic(logic, {} as unknown as Scope); // Nothing is read.

describe('urlEncode', () => {
  it.each<[Json, string]>([
    ["-._~ !'()*", '-._~%20%21%27%28%29%2A'],
    ['a/b?c=d&e+f#g%', 'a%2Fb%3Fc%3Dd%26e%2Bf%23g%25'],
    ['Ä€😀', '%C3%84%E2%82%AC%F0%9F%98%80'],
    ['\ud83e', '%EF%BF%BD'],
    [12.5, '12.5'],
    [true, 'true'],
    ['', ''],
  ])('of %j is %s', (value, text) => {
    expect(evaluate({ urlEncode: [value] })).toBe(text);
  });

  it.each<[Json, string]>([
    [null, 'expects a text, a number or a boolean, got null'],
    [['a'], 'expects a text, a number or a boolean, got a list'],
    ['€'.repeat(20_000), 'a text gets longer than 100000 characters'],
  ])('fails for values without a text, and for long results', (value, message) => {
    expect(() => evaluate({ urlEncode: [value] })).toThrow(message);
  });

  it('gives a text from which any reader gets the value back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = evaluate({ urlEncode: [text] }) as string; // The operator gives nothing else.
        expect(encoded).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
  });
});

describe('base64', () => {
  it('is what Node makes of the same bytes, in both alphabets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const bytes = Buffer.from(text, 'utf8');
        expect(evaluate({ base64: [text] })).toBe(bytes.toString('base64'));
        expect(evaluate({ base64: [text, 'url'] })).toBe(bytes.toString('base64url'));
      }),
    );
  });

  it.each<[Json, string]>([
    [[12], '"base64" expects a text, got a number'],
    [['a', 'hex'], '"base64" expects "url" or nothing second, got a string'],
    [['a'.repeat(75_001)], 'a text gets longer than 100000 characters'],
  ])('fails for other values, other alphabets and long results', (args, message) => {
    expect(() => evaluate({ base64: args })).toThrow(message);
  });
});
