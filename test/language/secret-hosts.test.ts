import { describe, expect, it } from 'vitest';
import { isAtSecretHost, parseSecretHost, type SecretHost, secretHostOf } from '../../language/secret-hosts.ts';

const hostOf = (text: string) => parseSecretHost(text) as SecretHost;

describe('a host of secrets.json', () => {
  it.each([
    ['api.shop.example', 'https://api.shop.example/orders?x=1#y'],
    ['api.shop.example', 'https://api.shop.example:443/'],
    ['api.shop.example', 'HTTPS://API.SHOP.EXAMPLE./'],
    ['API.Shop.Example.', 'https://api.shop.example/'],
    ['api.shop.example:443', 'https://api.shop.example/'],
    ['api.shop.example:8443', 'https://api.shop.example:8443/'],
    ['https://api.shop.example', 'https://api.shop.example/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['xn--bcher-kva.example', 'https://BÜCHER.example/'],
    ['*.api.shop.example', 'https://eu.api.shop.example/'],
    ['*.api.shop.example', 'https://1.eu.api.shop.example/'],
    ['api.shop.example', 'https://ａｐｉ%2Eshop。ex\u00ADample:0443/'],
    ['api.shop.example', 'https:\\\\api.shop.example\\'],
    ['93.184.215.14', 'https://93.184.215.14/'],
    ['93.184.215.14', 'https://0x5db8d70e/'],
    ['[2606:2800:21f:0:0::1]', 'https://[2606:2800:21f::1]/'],
    ['http://10.0.0.5:8080', 'http://10.0.0.5:8080/'],
    ['http://shop.internal', 'http://shop.internal:80/'],
    ['localhost:8080', 'http://localhost:8080/'],
    ['localhost:8080', 'https://localhost:8080/'],
    ['127.0.0.1', 'http://127.0.0.1/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
  ])('%s allows %s', (text, url) => {
    expect(isAtSecretHost(new URL(url), hostOf(text))).toBe(true);
  });

  it.each([
    ['api.shop.example', 'https://api.shop.example.evil.test/'],
    ['api.shop.example', 'https://api.shop.example@evil.test/'],
    ['api.shop.example', 'https://evil.test/api.shop.example'],
    ['api.shop.example', 'https://evil.test#api.shop.example'],
    ['api.shop.example', 'https://evil.test\\@api.shop.example/'],
    ['api.shop.example', 'https://xapi.shop.example/'],
    ['api.shop.example', 'https://a.api.shop.example/'],
    ['api.shop.example', 'https://shop.example/'],
    ['api.shop.example', 'https://api.shop.example../'],
    ['api.shop.example', 'https://api.shop.example:8443/'],
    ['api.shop.example', 'https://аpi.shop.example/'],
    ['api.shop.example', 'http://api.shop.example/'],
    ['api.shop.example', 'http://api.shop.example:443/'],
    ['api.shop.example', 'ftp://api.shop.example/'],
    ['api.shop.example:8443', 'https://api.shop.example/'],
    ['api.shop.example:80', 'http://api.shop.example/'],
    ['https://localhost:8080', 'http://localhost:8080/'],
    ['http://shop.internal', 'https://shop.internal/'],
    ['http://shop.internal', 'http://shop.internal:8080/'],
    ['*.api.shop.example', 'https://api.shop.example/'],
    ['*.api.shop.example', 'https://evilapi.shop.example/'],
    ['*.api.shop.example', 'https://.api.shop.example/'],
    ['*.api.shop.example', 'https://eu.api.shop.example.evil.test/'],
    ['*.api.shop.example', 'http://eu.api.shop.example/'],
    ['api.shop.example', 'https://api.shop.example%2f@evil.test/'],
    ['api.shop.example', 'https://api.shop.example。evil.test/'],
    ['api.shop.example', 'https://api.shop.example\t.evil.test/'],
    ['api.shop.example', 'https:/\n/api.shop.example:x@evil.test/'],
    ['127.0.0.1', 'http://[::ffff:127.0.0.1]/'],
    ['93.184.215.14', 'https://[64:ff9b::93.184.215.14]/'],
    ['127.0.0.1', 'http://127.0.0.2/'],
    ['localhost', 'http://127.0.0.1/'],
    ['localhost', 'http://localhost.evil.test/'],
    ['[::1]', 'http://[::2]/'],
    ['93.184.215.14', 'https://93.184.215.140/'],
  ])('%s does not allow %s', (text, url) => {
    expect(isAtSecretHost(new URL(url), hostOf(text))).toBe(false);
  });

  it.each([
    ...['', ' ', '*', '*.', '*shop.example', 'a.*.example', '*.*.shop.example', 'user@shop.example'],
    ...[
      'https://shop.example/',
      'shop.example/path',
      'shop.example?x',
      'shop.example#x',
      'shop.example\\x',
      '//shop.example',
    ],
    ...[
      'shop.example:',
      'shop.example:0',
      'shop.example:99999',
      'shop.example:08',
      'ftp://shop.example',
      'shop example',
    ],
    ...[
      '.shop.example',
      'shop..example',
      'shop.example..',
      '%61pi.shop.example',
      '*.co%2euk',
      '[::1',
      '::1',
      'shop.example\n',
    ],
  ])('cannot be %j', (text) => {
    expect(parseSecretHost(text)).toEqual({ problem: `"${text}" names no host.` });
  });

  it.each([
    ['127.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['010.0.0.1', '8.0.0.1'],
  ])('cannot be the address %s, which one may take for another', (text, address) => {
    expect(parseSecretHost(text)).toEqual({
      problem: `"${text}" is an address in a form that may be misread. Write ${address}.`,
    });
  });

  it.each([
    ...['*.example', '*.localhost', '*.10.0.0.1', '*.[::1]'],
    ...['*.co.uk', '*.CO.UK.', '*.co。uk', 'https://*.github.io:8443', '*.shop.example'],
  ])('cannot be %s, which may name anybody’s hosts', (text) => {
    expect(parseSecretHost(text)).toEqual({
      problem: `"${text}" names too many hosts. Write each of them, or a domain such as *.api.shop.example.`,
    });
  });

  it.each([
    ['https://API.shop.example./x?y', 'api.shop.example'],
    ['https://api.shop.example:8443/', 'api.shop.example:8443'],
    ['http://shop.internal:8080/', 'http://shop.internal:8080'],
    ['http://localhost:8080/', 'localhost:8080'],
    ['https://[::1]/', '[::1]'],
  ])('that allows %s is proposed as %s', (url, text) => {
    expect(secretHostOf(new URL(url))).toBe(text);
    expect(isAtSecretHost(new URL(url), hostOf(text))).toBe(true);
  });
});
