import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderUrl } from '../../language/expression.ts';
import type { Json } from '../../language/json.ts';
import type { UrlTemplate } from '../../language/url-template.ts';

const shop = 'https://shop.example';

function fill(template: UrlTemplate, value: Json, vars: Record<string, Json> = {}): string {
  const scope = { event: { x: value }, steps: {}, status: {}, vars, run: { id: 'r', definition: 'd' } };
  return renderUrl(template, scope, (path) => (path === 'vars.api' ? 'https://api.example/v2' : undefined));
}

describe('a value in a URL', () => {
  it.each<[template: string, value: Json, url: string]>([
    [
      '/refunds/{{event.x}}/cancel?role=user',
      '../../admin?a=999#',
      '/refunds/..%2F..%2Fadmin%3Fa%3D999%23/cancel?role=user',
    ],
    ['/{{event.x}}', 'a;b\\c%2e%2e', '/a%3Bb%5Cc%252e%252e'],
    ['/{{event.x}}', 'two words\r\n', '/two%20words%0D%0A'],
    ['/{{event.x}}', '...', '/...'],
    ['/{{event.x}}.json', '.', '/..json'],
    ['/{{event.x}}', 'café 😀', '/caf%C3%A9%20%F0%9F%98%80'],
    ['/{{event.x}}', 'half \ud83d', '/half%20%EF%BF%BD'],
    ['/{{event.x}}', 42, '/42'],
    ['/{{event.x}}', true, '/true'],
    ['/a?id={{event.x}}&b=1', 'A1&role=admin#', '/a?id=A1%26role%3Dadmin%23&b=1'],
    ['/a?id={{event.x}}', '', '/a?id='],
    ['/a?id={{event.x}}', '..', '/a?id=..'],
    ['?{{event.x}}=1', 'a=b', '?a%3Db=1'],
    ['?to=/{{event.x}}/', '..', '?to=/../'],
    ['/a#{{event.x}}', '#/b', '/a#%23%2Fb'],
  ])('is encoded for its place in %s: %j', (template, value, url) => {
    expect(fill(shop + template, value)).toBe(shop + url);
  });

  it.each<[what: string, template: string, value: Json, message: string]>([
    ['null', '/{{event.x}}', null, '{{event.x}} is null. In a URL it must be a text, a number or a boolean.'],
    ['an object', '?a={{event.x}}', {}, '{{event.x}} is an object. In a URL it must be a text, a number or a boolean.'],
    ['a list', '/a', [], '{{event.x}} is a list. In a URL it must be a text, a number or a boolean.'],
    ['an empty part of the path', '/a/', '', "{{event.x}} is empty, so a part of the URL's path would be missing."],
    [
      'the path itself',
      '/a/',
      '.',
      '{{event.x}} makes a part of the URL\'s path "." or "..", which would lead to another path.',
    ],
    [
      'the path above',
      '/a/',
      '..',
      '{{event.x}} makes a part of the URL\'s path "." or "..", which would lead to another path.',
    ],
  ])('fails if it is %s', (_what, template, value, message) => {
    const whole = template.includes('{{') ? template : `${template}{{event.x}}`;
    expect(() => fill(shop + whole, value)).toThrow(message);
  });

  it.each(['/a/{{event.x}}{{event.x}}/b', '/a/{{event.x}}.?b', '/a/%2E{{event.x}}#c', '/a\\{{event.x}}.'])(
    'fails if it completes two dots: %s',
    (template) => {
      expect(() => fill(shop + template, '.')).toThrow('would lead to another path');
    },
  );

  it('fails if the URL gets longer than 2,048 characters', () => {
    expect(fill(`${shop}/{{event.x}}`, 'a'.repeat(2_027))).toHaveLength(2_048);
    expect(() => fill(`${shop}/{{event.x}}`, 'a'.repeat(2_028))).toThrow(
      'The URL has 2049 characters. At most 2048 are sent.',
    );
  });

  it('never changes the origin, the number of path segments, the parameters or the fragment', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webPath(), fc.webUrl()), (value) => {
        fc.pre(!['', '.', '..'].includes(value));
        const url = new URL(fill(`${shop}/a/{{event.x}}/b?c={{event.x}}#d`, value));
        expect(url.origin).toBe(shop);
        expect(url.pathname.split('/')).toHaveLength(4);
        expect([...url.searchParams]).toEqual([['c', value.replace(/\p{Surrogate}/gu, '\uFFFD')]]);
        expect(url.hash).toBe('#d');
      }),
    );
  });
});

describe('a raw URL', () => {
  it('takes its values as they are, after the host', () => {
    expect(fill({ raw: `${shop}/{{event.x}}` }, 'a/b?c=d#e')).toBe(`${shop}/a/b?c=d#e`);
  });

  it.each(['@evil.example/', '//evil.example', '\\\\evil.example', '../../..', ':8080'])(
    'keeps its origin with %j',
    (value) => {
      expect(new URL(fill({ raw: `${shop}/{{event.x}}` }, value)).origin).toBe(shop);
    },
  );

  it.each(['a b', 'a\tb', 'a\r\nb'])('fails on %j', (value) => {
    expect(() => fill({ raw: `${shop}/{{event.x}}` }, value)).toThrow(
      '{{event.x}} contains white space or a control character, which no URL can contain.',
    );
  });
});

describe('the host of a URL', () => {
  it.each<UrlTemplate>([
    '{{event.x}}',
    '{{event.x}}://shop.example/',
    'https://{{event.x}}/',
    'https://{{event.x}}@shop.example/',
    'https://user:{{event.x}}@shop.example/',
    'https://shop.example{{event.x}}',
    'https://shop.example:{{event.x}}/',
    'https://shop.example\\{{event.x}}',
    'https:/{{event.x}}',
    'https://{{vars.set}}/',
    { raw: 'https://{{event.x}}/' },
    { raw: '{{event.x}}' },
    { raw: 'https://shop.example{{event.x}}' },
  ])('is never a value: %j', (template) => {
    expect(() => fill(template, 'evil.example')).toThrow(
      'stands where the host of this URL is, which only plain text can choose.',
    );
  });

  it.each([
    'ftp://shop.example/',
    'shop.example',
    'https://',
    'https:///a',
    'https://user@shop.example/',
    'https://a b/',
    'https://%65vil.example/',
  ])('is required: %s', (template) => {
    expect(() => fill(template, '')).toThrow(
      'A URL must start with https:// or http:// and a host, such as https://shop.example.com/.',
    );
  });

  it.each([
    ['http://127.0.0.1:8080/{{event.x}}', 'http://127.0.0.1:8080/a'],
    ['https://[::1]:8443/{{event.x}}', 'https://[::1]:8443/a'],
    ['HTTPS://Shop.Example?{{event.x}}', 'HTTPS://Shop.Example?a'],
    ['{{vars.api}}/orders/{{event.x}}', 'https://api.example/v2/orders/a'],
    ['https://shop.example', 'https://shop.example'],
  ])('may be an address, have a port, or be a constant of the definition: %s', (template, url) => {
    expect(fill(template, 'a')).toBe(url);
  });
});
