import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressAllowed } from '../../http/address-guard.ts';
import { parseNetworks } from '../../http/networks.ts';

type Bytes = number[];

const byte = fc.integer({ min: 0, max: 255 });
const bytes = (count: number) => fc.array(byte, { minLength: count, maxLength: count });

/** Addresses in networks that are refused, each as a prefix with free bytes after it. */
const privateIPv4 = fc.oneof(
  ...[
    [0],
    [10],
    [127],
    [169, 254],
    [192, 168],
    [192, 0, 0],
    [192, 0, 2],
    [192, 88, 99],
    [198, 51, 100],
    [203, 0, 113],
  ].map((prefix) => bytes(4 - prefix.length).map((rest) => [...prefix, ...rest])),
  fc.tuple(fc.integer({ min: 64, max: 127 }), bytes(2)).map(([second, rest]) => [100, second, ...rest]),
  fc.tuple(fc.integer({ min: 16, max: 31 }), bytes(2)).map(([second, rest]) => [172, second, ...rest]),
  fc.tuple(fc.constantFrom(18, 19), bytes(2)).map(([second, rest]) => [198, second, ...rest]),
  fc.tuple(fc.integer({ min: 224, max: 255 }), bytes(3)).map(([first, rest]) => [first, ...rest]),
);
const publicIPv4 = fc
  .tuple(fc.constantFrom(1, 8, 93, 151, 185, 217), bytes(3))
  .map(([first, rest]) => [first, ...rest]);
/** The first eight bytes of an ordinary address of the Internet. */
const publicPrefix = bytes(6).map((rest) => [0x26, 0x06, ...rest]);

const inverted = (ipv4: Bytes) => ipv4.map((octet) => octet ^ 0xff);
const zeros = (count: number): Bytes => Array.from({ length: count }, () => 0);

/** What each embedding makes of an IPv4 address and random bytes for the parts that it leaves free. */
const embeddings: [name: string, embed: (ipv4: Bytes, free: Bytes, prefix: Bytes) => Bytes][] = [
  ['IPv4-mapped', (ipv4) => [...zeros(10), 0xff, 0xff, ...ipv4]],
  ['IPv4-translated', (ipv4) => [...zeros(8), 0xff, 0xff, 0, 0, ...ipv4]],
  ['NAT64', (ipv4) => [0, 0x64, 0xff, 0x9b, ...zeros(8), ...ipv4]],
  ['6to4', (ipv4, free) => [0x20, 0x02, ...ipv4, ...free.slice(0, 8).map((one) => one | 4), 9, 9]],
  ['Teredo server', (ipv4, free) => [0x20, 0x01, 0, 0, ...ipv4, ...free.slice(0, 4), ...inverted([8, 8, 8, 8])]],
  ['Teredo client', (ipv4, free) => [0x20, 0x01, 0, 0, 8, 8, 8, 8, ...free.slice(0, 4), ...inverted(ipv4)]],
  ['ISATAP', (ipv4, _free, prefix) => [...prefix, 0, 0, 0x5e, 0xfe, ...ipv4]],
  ['ISATAP, globally unique', (ipv4, _free, prefix) => [...prefix, 2, 0, 0x5e, 0xfe, ...ipv4]],
];

/** All the notations of an IPv4 address that resolvers understand. */
function notations([a, b, c, d]: Bytes): string[] {
  const octets = [a!, b!, c!, d!];
  const whole = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const hex = (value: number) => `0x${value.toString(16)}`;
  const octal = (value: number) => `0${value.toString(8)}`;
  return [
    octets.join('.'),
    String(whole),
    hex(whole),
    octal(whole),
    octets.map(hex).join('.'),
    octets.map(octal).join('.'),
    `${a}.${hex(whole % 2 ** 24)}`,
    `${a}.${b}.${whole % 2 ** 16}`,
  ];
}

function ipv6Text(address: Bytes): string {
  return Array.from({ length: 8 }, (_, index) =>
    ((address[2 * index]! << 8) | address[2 * index + 1]!).toString(16),
  ).join(':');
}

describe.each(embeddings)('an address in %s notation', (_name, embed) => {
  it('is refused if the IPv4 address in it is private', () => {
    fc.assert(
      fc.property(privateIPv4, bytes(8), publicPrefix, (ipv4, free, prefix) => {
        expect(addressAllowed(ipv6Text(embed(ipv4, free, prefix)), [])).toBe(false);
      }),
    );
  });

  it('passes if the IPv4 address in it is public', () => {
    fc.assert(
      fc.property(publicIPv4, bytes(8), publicPrefix, (ipv4, free, prefix) => {
        expect(addressAllowed(ipv6Text(embed(ipv4, free, prefix)), [])).toBe(true);
      }),
    );
  });

  it('passes if the operator allows the network of the IPv4 address in it', () => {
    const allow = parseNetworks(['10.0.0.0/8', '8.8.8.8']);
    fc.assert(
      fc.property(bytes(3), bytes(8), publicPrefix, (rest, free, prefix) => {
        expect(addressAllowed(ipv6Text(embed([10, ...rest], free, prefix)), allow)).toBe(true);
      }),
    );
  });
});

describe('an IPv4 address', () => {
  it('is refused in every notation if it is private', () => {
    fc.assert(
      fc.property(privateIPv4, (ipv4) => {
        expect(notations(ipv4).filter((text) => addressAllowed(text, []))).toEqual([]);
      }),
    );
  });

  it('is refused as an IPv4-compatible address and in the local NAT64 network, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(privateIPv4, publicIPv4), bytes(6), (ipv4, free) => {
        expect(addressAllowed(ipv6Text([...zeros(12), ...ipv4]), [])).toBe(false);
        expect(addressAllowed(ipv6Text([0, 0x64, 0xff, 0x9b, 0, 1, ...free, ...ipv4]), [])).toBe(false);
      }),
    );
  });
});
