import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readForwarded } from '../../../server/receiver/forwarded.ts';

it.each([
  ['a token', 'for=192.0.2.43', ['192.0.2.43']],
  ['a quoted address', 'for="192.0.2.43"', ['192.0.2.43']],
  ['a port', 'for="192.0.2.43:47011"', ['192.0.2.43']],
  ['IPv6 with a port', 'for="[2001:db8::1]:4711"', ['2001:db8::1']],
  ['IPv6 in another notation', 'For="[2001:DB8:0:0::1]"', ['2001:db8::1']],
  ['an IPv4 address written as IPv6', 'for="[::ffff:192.0.2.43]"', ['192.0.2.43']],
  ['an obfuscated port', 'for="192.0.2.43:_gazonk"', ['192.0.2.43']],
  ['any case of a name', 'FOR=192.0.2.43;Proto=http', ['192.0.2.43']],
  ['any order of the parameters', 'by=203.0.113.43;proto=https;for=192.0.2.60', ['192.0.2.60']],
  ['several hops', 'for=192.0.2.43, for="[2001:db8:cafe::17]"', ['192.0.2.43', '2001:db8:cafe::17']],
  ['blanks around separators', 'for=192.0.2.43 ; proto=http\t,for=198.51.100.17', ['192.0.2.43', '198.51.100.17']],
  ['empty elements of the list', ', ,for=192.0.2.43,', ['192.0.2.43']],
  ['empty pairs', ';for=192.0.2.43;;proto=http', ['192.0.2.43']],
  ['separators inside quotes', 'for=192.0.2.43;host="a,b;for=203.0.113.9"', ['192.0.2.43']],
  ['escapes inside quotes', 'for="192\\.0.2.43";host="a\\"b\\\\"', ['192.0.2.43']],
  ['unknown', 'for=unknown', [null]],
  ['an obfuscated identifier', 'for=_hidden, for="_SEVKISEK:443"', [null, null]],
  ['an element without for', 'proto=https;by=203.0.113.43', [null]],
  ['text that is no address', 'for=proxy.example', [null]],
  ['shorthand', 'for=127.1, for=10, for=0x7f.0.0.1', [null, null, null]],
  ['an address out of range', 'for=256.0.0.1', [null]],
  ['IPv6 without brackets', 'for="2001:db8::1"', [null]],
  ['IPv6 with a zone', 'for="[fe80::1%eth0]"', [null]],
  ['IPv4 in brackets', 'for="[192.0.2.43]"', [null]],
  ['a port that is no number', 'for="192.0.2.43:http"', [null]],
  ['a port that is too long', 'for="192.0.2.43:470111"', [null]],
  ['blanks inside quotes', 'for=" 192.0.2.43"', [null]],
  ['an empty value in quotes', 'for=""', [null]],
  ['nothing', '', []],
])('reads %s', (_what, header, addresses) => {
  expect(readForwarded(header)).toEqual(addresses);
});

it.each([
  ['a colon without quotes', 'for=192.0.2.43:80'],
  ['brackets without quotes', 'for=[2001:db8::1]'],
  ['blanks around the equals sign', 'for = 192.0.2.43'],
  ['an empty value', 'for=, for=192.0.2.43'],
  ['a name without a value', 'for, for=192.0.2.43'],
  ['a value without a name', '192.0.2.43'],
  ['a parameter twice', 'for=192.0.2.43;For=203.0.113.9'],
  ['text after a quoted string', 'for="192.0.2.43"x'],
  ['an open quoted string', 'for="192.0.2.43'],
  ['an open quoted string before a proxy’s entry', 'for="x, for=192.0.2.43'],
  ['an open quoted string before a proxy’s quoted entry', 'for=203.0.113.9;x=", for="[2001:db8::1]"'],
  ['an escape before a proxy’s entry', 'for="x\\, for=192.0.2.43'],
  ['a control character', 'for=192.0.2.43\u0000'],
  ['more than 4,096 characters', `for=192.0.2.43;x=${'x'.repeat(4_096)}`],
])('believes nothing of a header with %s', (_what, header) => {
  expect(readForwarded(header)).toEqual([null]);
});

const proxysOwn = fc.constantFrom('for=192.0.2.43', 'for="[2001:db8::1]:4711"', 'for=192.0.2.43;by="_x";proto=https');
const hostile = fc.string({
  unit: fc.constantFrom('for', '=', '"', '\\', ',', ';', ' ', '[', ']', ':', '1.2.3.4', '2001:db8::9', '_a', '\t', 'é'),
  maxLength: 40,
});

it('never takes what a sender wrote for the entry of the proxy behind it', () => {
  fc.assert(
    fc.property(hostile, proxysOwn, (before, own) => {
      const last = readForwarded(`${before}, ${own}`).at(-1);
      expect([null, ...readForwarded(own)]).toContain(last);
    }),
    { numRuns: 5_000 },
  );
});

it('returns addresses or nothing for any text, in linear time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (header) => {
      expect(readForwarded(header).every((each) => each === null || /^[\d.:a-f]+$/.test(each))).toBe(true);
    }),
  );
  const started = process.cpuUsage();
  for (const text of ['for="', '\\"', 'for=a;', ' ', ',', 'a', '"\\']) readForwarded(text.repeat(4_096 / text.length));
  expect(process.cpuUsage(started).user).toBeLessThan(50_000);
});
