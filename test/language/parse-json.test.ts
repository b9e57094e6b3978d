import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import { numbersKeptAsText, parseJson } from '../../language/parse-json.ts';

describe('parsing JSON', () => {
  it.each([
    ['820982911946154508', '820982911946154508'],
    ['-9007199254740993', '-9007199254740993'],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993.5', '9007199254740993.5'],
    ['1e400', '1e400'],
    ['-1E+400', '-1E+400'],
    ['12.5e300', '12.5e300'],
  ])('keeps %s, which is beyond 2^53, as text', (number, text) => {
    expect(parseJson(`{"id": ${number}, "list":[${number},"${number}"]}`)).toEqual({ id: text, list: [text, text] });
  });

  it.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9007199254740991', -9_007_199_254_740_991],
    ['1e15', 1_000_000_000_000_000],
    ['0.1234567890123456789', 0.123_456_789_012_345_68],
    ['1e-400', 0],
  ])('leaves %s a number', (text, number) => {
    expect(parseJson(`[${text}]`)).toEqual([number]);
  });

  it('treats equal keys and __proto__ as JSON.parse does', () => {
    const text = '{"a":1e400,"a":12345678901234567890,"__proto__":{"b":1e400}}';
    expect(JSON.stringify(parseJson(text))).toBe('{"a":"12345678901234567890","__proto__":{"b":"1e400"}}');
    expect(Object.getPrototypeOf(parseJson(text))).toBe(Object.prototype);
  });

  it('changes nothing in texts and keys that look like numbers', () => {
    const text = '{"1e400":"12345678901234567890","\\\\":"a\\"1e400","n":[true,null,1e400]}';
    expect(parseJson(text)).toEqual({ '1e400': '12345678901234567890', '\\': 'a"1e400', n: [true, null, '1e400'] });
  });

  it.each([
    ['x'.repeat(200)],
    [`${'x'.repeat(200)}\\"1e400,`],
    [`${'x'.repeat(200)}\\\\`],
    [`${'\\\\'.repeat(100)}\\"1e400`],
    ['x\\"'.repeat(100)],
  ])('finds the end of the long text %s', (inside) => {
    const text = `{"${inside}":["${inside}",1e400]}`;
    expect(parseJson(text)).toEqual({ [JSON.parse(`"${inside}"`) as string]: [JSON.parse(`"${inside}"`), '1e400'] });
  });

  it.each(['', '{', '01', '1e', '"\\"', '[12345678901234567890', 'NaN'])('rejects %j as JSON.parse does', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('gives what JSON.parse gives, with texts for the large numbers', () => {
    const large = (_key: string, value: unknown) =>
      typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? JSON.stringify(value) : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text, large)));
      }),
    );
  });

  it('keeps the digits of any integer, and everything around it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }), fc.jsonValue(), (large, value) => {
        const around = JSON.stringify([value, 'x']);
        const parsed = parseJson(`{"around":${around},"id":${large}}`) as { around: Json; id: Json };
        expect(parsed.id).toBe(String(large));
        expect(JSON.stringify(parsed.around)).toBe(JSON.stringify(parseJson(around)));
      }),
    );
  });

  it.each([
    ['digits', '9'.repeat(1_048_576)],
    ['escapes', `["${'\\u0041'.repeat(170_000)}",1e400]`],
    ['backslashes', `["${'\\\\'.repeat(500_000)}",1e400]`],
    ['small numbers', `[${'1,'.repeat(500_000)}1e400]`],
    ['large numbers', `[${'1e400,'.repeat(170_000)}1]`],
  ])('takes a mebibyte of %s', (_what, text) => {
    expect(JSON.stringify(parseJson(text)).length).toBeGreaterThan(150_000);
  });
});

describe('the numbers that are kept as text', () => {
  it.each([
    ['{"id":12345678901234567890,"a/b":[1,{"c~":1e400}],"text":"12345678901234567890"}', ['/id', '/a~1b/1/c~0']],
    ['12345678901234567890', ['']],
    ['{"id":1,"hash":"1234567890123456789"}', []],
    ['no JSON 12345678901234567890', []],
  ])('in %s are listed', (text, pointers) => {
    expect(numbersKeptAsText(text)).toEqual(pointers);
  });
});
