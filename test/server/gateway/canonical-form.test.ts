import { describe, expect, it } from 'vitest';
import type { Json } from '../../../language/json.ts';
import { canonicalSchema, compileCanonicalForms } from '../../../server/gateway/canonical-form.ts';

function canonical(document: Json | undefined, options: Record<string, unknown> = {}): string | undefined {
  const form = canonicalSchema.parse({ escape: 'php', ...options });
  return compileCanonicalForms({ own: form }).get('own')!(document);
}

describe('a canonical form', () => {
  it('sorts names by their bytes, digits and capitals first, and never as numbers', () => {
    const document = { reference_id: 'a', referenceId: 'b', '10': 'c', '9': 'd', Z: 'e', é: 'f', '😀': 'g', '～': 'h' };

    // PHP: ksort($a, SORT_STRING). In UTF-16 the emoji would come before the tilde.
    expect(canonical(document, { escape: 'none' })).toBe(
      '{"10":"c","9":"d","Z":"e","referenceId":"b","reference_id":"a","é":"f","～":"h","😀":"g"}',
    );
  });

  it.each([
    // The output of json_encode(['a' => …]) in PHP 8.
    ['a/b', '{"a":"a\\/b"}'],
    ['é☕', '{"a":"\\u00e9\\u2615"}'],
    ['😀', '{"a":"\\ud83d\\ude00"}'],
    ['\u007f\u0080', '{"a":"\u007f\\u0080"}'],
    ['\b\f\n\r\t\u0001', '{"a":"\\b\\f\\n\\r\\t\\u0001"}'],
    ['"\\', '{"a":"\\"\\\\"}'],
    ['\u2028', '{"a":"\\u2028"}'],
    ['\\u00e9', '{"a":"\\\\u00e9"}'],
    ['', '{"a":""}'],
  ])('escapes %j as PHP does', (text, expected) => {
    expect(canonical({ a: text })).toBe(expected);
  });

  it('escapes only the slash, or nothing, if the gateway does so', () => {
    expect(canonical({ 'a/b': 'é/😀' }, { escape: 'slashes' })).toBe('{"a\\/b":"é\\/😀"}');
    expect(canonical({ 'a/b': 'é/😀' }, { escape: 'none' })).toBe('{"a/b":"é/😀"}');
    expect(canonical({ 'a/é': 1 })).toBe('{"a\\/\\u00e9":1}');
  });

  it.each<[Json, number]>([
    ['1000', 1000],
    ['0100', 100],
    ['-2', -2],
    [' 7', 7],
    ['12abc', 12],
    ['10.99', 10],
    ['abc', 0],
    ['', 0],
    [10.9, 10],
    [-10.9, -10],
    [true, 1],
    [false, 0],
    [null, 0],
  ])('writes %j as the integer %i, as PHP’s (int) does', (value, expected) => {
    expect(canonical({ total: value }, { integers: ['total', 'absent'] })).toBe(`{"total":${expected}}`);
  });

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993 IDR', '-9007199254740993'],
    ['000123', '123'],
    ['-0', '0'],
    ['9'.repeat(50), '9'.repeat(50)],
  ])('writes all digits of %j, so that a signature covers each of them', (value, expected) => {
    expect(canonical({ total: value }, { integers: ['total'] })).toBe(`{"total":${expected}}`);
  });

  it.each<[Json, number]>([
    [true, 1],
    [false, 0],
    ['true', 1],
    ['false', 0],
    ['1', 1],
    ['0', 0],
    [1, 1],
    [null, 0],
    ['', 0],
  ])('writes %j as %i in a field that is 0 or 1', (value, expected) => {
    expect(canonical({ is_escrow: value }, { zeroOne: ['is_escrow', 'absent'] })).toBe(`{"is_escrow":${expected}}`);
  });

  it.each<[Json | undefined, string]>([
    [undefined, '[]'],
    ['', '[]'],
    ['nonsense', '[]'],
    ['7', '[]'],
    ['null', '[]'],
    [null, '[]'],
    ['[{"a":1}]', '[{"a":1}]'],
    ['{"a":1}', '{"a":1}'],
    [[1, 'x/y'], '[1,"x\\/y"]'],
  ])('writes %j as the list %s', (value, expected) => {
    const document = value === undefined ? { a: 1 } : { a: 1, additional_info: value };

    expect(canonical(document, { lists: ['additional_info'] })).toBe(`{"a":1,"additional_info":${expected}}`);
  });

  it('leaves out the fields to drop, such as the signature', () => {
    expect(canonical({ signature: 'x', a: 1 }, { drop: ['signature'] })).toBe('{"a":1}');
    expect(canonical({ signature: 'x' }, { drop: ['signature'] })).toBe('{}');
  });

  it('treats a member called __proto__ like any other', () => {
    expect(canonical(JSON.parse('{"b":1,"__proto__":"x"}') as Json)).toBe('{"__proto__":"x","b":1}');
  });

  it.each<[Json | undefined]>([[undefined], [null], ['text'], [7], [[]], [true]])(
    'does not exist for a body without fields: %j',
    (document) => {
      expect(canonical(document)).toBeUndefined();
    },
  );
});
