import { describe, expect, it } from 'vitest';
import { filters, inverses } from '../../../server/gateway/filters.ts';

const minified = (text: string) => String(filters.minify(text));

describe('minify', () => {
  it.each([
    ['{ "a" : [ 1 , 2 ] }', '{"a":[1,2]}'],
    ['\t{\r\n"a"\n:\n1.0}\n', '{"a":1.0}'],
    ['{"a b": " c  d "}', '{"a b":" c  d "}'],
    ['{"a": "x \\" y", "b": 1}', '{"a":"x \\" y","b":1}'],
    ['{"a": "x \\\\", "b": " "}', '{"a":"x \\\\","b":" "}'],
    ['{"a": "\\\\\\" z", "b": 1}', '{"a":"\\\\\\" z","b":1}'],
    ['{"a": "Jos\\u00e9 é", "b": 1E+2}', '{"a":"Jos\\u00e9 é","b":1E+2}'],
    ['{"a":\u00a01}', '{"a":\u00a01}'],
    ['\uFEFF{ }', '\uFEFF{}'],
    ['{"open: 1, 2', '{"open: 1, 2'],
    ['', ''],
  ])('makes %j into %j', (text, expected) => {
    expect(minified(text)).toBe(expected);
  });

  it('keeps bytes that are not UTF-8', () => {
    const bytes = Buffer.from([0x7b, 0x20, 0x22, 0xff, 0x20, 0xfe, 0x22, 0x20, 0x7d]);

    expect(filters.minify(bytes)).toEqual(Buffer.from([0x7b, 0x22, 0xff, 0x20, 0xfe, 0x22, 0x7d]));
  });
});

it('minifies 256 KiB, and no more, because nobody has signed it yet', () => {
  expect(filters.minify(' '.repeat(2 ** 18))).toEqual(Buffer.alloc(0));
  expect(filters.minify(' '.repeat(2 ** 18 + 1))).toBeUndefined();
});

describe('bearer', () => {
  it.each([
    ['Bearer abc.def', 'abc.def'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    ['xBearer abc', undefined],
    ['Bearer abc, Bearer abc', undefined],
    ['', undefined],
  ])('of %j is %j', (text, expected) => {
    expect(filters.bearer(text)).toBe(expected);
  });
});

describe('basic', () => {
  it.each([
    // RFC 7617, section 2 and 2.1.
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin:open sesame'],
    ['basic dGVzdDoxMjPCow==', 'test:123£'],
    ['Basic dGVzdDoxMjPCow', undefined],
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==', undefined],
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==x', undefined],
    ['Basic QWxhZGRp bjpv', undefined],
    ['Basic Pz8_', undefined],
    ['Basic', undefined],
    ['Basic ', undefined],
    ['Bearer QWxhZGRpbg==', undefined],
  ])('of %j is %j', (text, expected) => {
    expect(filters.basic(text)).toBe(expected);
  });
});

describe('decimal', () => {
  it.each([
    ['5.95', '5.95'],
    ['5.950', '5.95'],
    ['05.95', '5.95'],
    ['10.00', '10'],
    ['10', '10'],
    ['100', '100'],
    ['0.00', '0'],
    ['000', '0'],
    ['0.05', '0.05'],
    ['-1', undefined],
    ['1e3', undefined],
    ['1,00', undefined],
    ['.5', undefined],
    ['', undefined],
  ])('of %j is %j', (text, expected) => {
    expect(filters.decimal(text)).toBe(expected);
  });
});

describe('the other filters', () => {
  it.each([
    ['lower', 'AbÉ', 'abé'],
    ['upper', 'aßé', 'ASSÉ'],
    // printf abc | sha256sum
    ['sha256hex', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['sha256b64', 'abc', 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    // The check value of CRC-32/ISO-HDLC.
    ['crc32', '123456789', '3421780262'],
    ['base64', 'é?>', 'w6k/Pg=='],
    ['uri', 'a b/ü&\ud800', 'a%20b%2F%C3%BC%26%EF%BF%BD'],
  ] as const)('%s of %j is %j', (name, text, expected) => {
    expect(filters[name](text)).toBe(expected);
  });

  it('hash bytes as bytes', () => {
    const bytes = Buffer.from([0xff, 0xfe]);

    // printf '\xff\xfe' | sha256sum; python3 -c 'import zlib; print(zlib.crc32(b"\xff\xfe"))'
    expect(filters.sha256hex(bytes)).toBe('b3d510ef04275ca8e698e5b3cbb0ece3949ef9252f0cdc839e9ee347409a2209');
    expect(filters.crc32(bytes)).toBe('2297966742');
  });

  it('have inverses if samples are signed with them', () => {
    expect(filters.basic(inverses.basic!('kait:pässword:1'))).toBe('kait:pässword:1');
    expect(filters.bearer(inverses.bearer!('abc'))).toBe('abc');
  });
});

describe('abs', () => {
  it.each([
    ['-250000.00', '250000.00'],
    ['250000.00', '250000.00'],
    ['--1', '--1'],
    ['-', '-'],
  ])('makes %j into %j', (text, expected) => {
    expect(filters.abs(text)).toBe(expected);
  });
});

describe('jwspayload', () => {
  it.each([
    ['eyJh.eyJp.c2ln', 'eyJp'],
    ['eyJh.eyJp.', undefined],
    ['eyJh.eyJp', undefined],
    ['a.b.c.d', undefined],
  ])('is that of %j: %j', (text, expected) => {
    expect(filters.jwspayload(text)).toBe(expected);
  });
});
