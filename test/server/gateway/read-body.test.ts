import { describe, expect, it } from 'vitest';
import { bodySchema, readBody, readForm } from '../../../server/gateway/read-body.ts';

const formType = 'application/x-www-form-urlencoded';

function read(body: string | Buffer, contentType: string | undefined, options: Record<string, unknown> = {}) {
  return readBody(Buffer.from(body), contentType, bodySchema.parse(options));
}

const readXml = (text: string) => read(text, 'text/xml', { format: 'xml' });

describe('a body of JSON', () => {
  it.each([undefined, '', 'application/json', 'text/plain', 'application/x-www-form-urlencodedx'])(
    'is read with the content type %s',
    (type) => {
      expect(read('{"a":1}', type)).toEqual({ form: null, document: { a: 1 } });
    },
  );

  it.each([formType, `${formType}; charset=utf-8`])('is read even if it is said to be %s', (type) => {
    expect(read(' {"a":1}', type)).toEqual({ form: null, document: { a: 1 } });
    expect(read('{"a":1', type).form).toEqual({ '{"a":1': '' });
  });

  it.each([
    ['is empty', '', 'not-json'],
    ['is a form', 'a=b', 'not-json'],
    ['has two values', '{"a":1}{"b":2}', 'not-json'],
    ['is NaN', 'NaN', 'not-json'],
    ['has single quotes', "{'a':1}", 'not-json'],
    ['has two byte order marks', '\uFEFF\uFEFF{}', 'not-json'],
    ['opens half a million brackets', '['.repeat(500_000), 'not-json'],
    ['nests 65 objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 'nested-too-deeply'],
    ['has 50,000 values', JSON.stringify(Array.from({ length: 50_000 }, () => 0)), 'too-many-values'],
  ])('is unreadable if it %s', (_what, text, unreadable) => {
    expect(read(text, 'application/json')).toEqual({ form: null, unreadable });
  });

  it('has members of its own named like inherited ones', () => {
    const { document } = read('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}', 'application/json');

    expect(JSON.stringify(document)).toBe('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('a form', () => {
  it.each([[formType], ['Application/X-WWW-Form-Urlencoded'], [`${formType};charset=UTF-8`], [` ${formType} ; x=y`]])(
    'is told by its content type: %j',
    (type) => {
      expect(read('a=1&b=x+y%26', type)).toEqual({
        form: { a: '1', b: 'x y&' },
        document: { a: '1', b: 'x y&' },
      });
    },
  );

  it('has all values of a field that comes several times, and may have any content', () => {
    expect(read('a=1&a=2&=3&b&c=%&d=%ff&e==&&', formType).form).toEqual({
      a: ['1', '2'],
      '': '3',
      b: '',
      c: '%',
      d: '\uFFFD',
      e: '=',
    });
    expect(read('', formType)).toEqual({ form: {}, document: {} });
    expect(JSON.stringify(read('__proto__=1&constructor=2', formType).form)).toBe(
      '{"__proto__":"1","constructor":"2"}',
    );
  });

  it('may have the event in a field, as JSON, in base64, or as XML', () => {
    const json = { field: 'data' };
    const base64 = { field: 'payload', encoding: 'base64', format: 'xml' };

    expect(read('token=t&data=%7B%22a%22%3A%5B1%5D%7D', formType, json)).toEqual({
      form: { token: 't', data: '{"a":[1]}' },
      document: { a: [1] },
    });
    expect(
      read(`payload=${encodeURIComponent(Buffer.from('<n><k>é</k></n>\n').toString('base64'))}`, formType, base64),
    ).toMatchObject({
      document: { n: { k: 'é' } },
    });
    expect(read('{"a":1}', 'application/json', json)).toEqual({ form: null, document: { a: 1 } });
  });

  it.each([
    ['token=t', 'no-items'],
    ['data=', 'not-json'],
    ['data=%7B', 'not-json'],
    [`data=${'['.repeat(65)}${']'.repeat(65)}`, 'nested-too-deeply'],
  ])('is unreadable without the event in its field: %.20s has %s', (text, unreadable) => {
    expect(read(text, formType, { field: 'data' })).toMatchObject({ form: expect.anything(), unreadable });
  });

  it('is unreadable with more fields than an event can have, but selectors still find them', () => {
    const many = Array.from({ length: 50_000 }, (_field, index) => `${index}=`).join('&');

    expect(read(`${many}&a=1`, formType)).toMatchObject({ form: { a: '1' }, unreadable: 'too-many-values' });
  });
});

describe('a body of XML', () => {
  it('is an object of its elements: texts, lists of repeated elements, and no attributes', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
      <!-- a comment <x> -->
      <notification kind="x"><timestamp type="datetime">2026-01-01T00:00:00Z</timestamp>
        <amount>0100.00</amount><flag>true</flag><empty/><nil nil="true"></nil>
        <item><id>1</id></item><item><id>2</id></item><text><![CDATA[<b> & ]]></text><esc>&lt;&amp;&quot;</esc>
      </notification>\n`;

    expect(readXml(text)).toEqual({
      form: null,
      document: {
        '?xml': '',
        notification: {
          timestamp: '2026-01-01T00:00:00Z',
          amount: '0100.00',
          flag: 'true',
          empty: '',
          nil: '',
          item: [{ id: '1' }, { id: '2' }],
          text: '<b> & ',
          esc: '<&"',
        },
      },
    });
  });

  const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><n><a>&b;</a></n>`;

  it.each([
    ['entities that grow', bomb],
    ['a file as an entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><n><a>&x;</a></n>'],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x">%x;]><n><a/></n>'],
    ['a document type in small letters', bomb.replace('DOCTYPE', 'doctype')],
    ['a document type of somebody else', '<!DOCTYPE html><n><a>1</a></n>'],
    ['the prototype as an element', '<a><b/><__proto__><polluted>1</polluted></__proto__></a>'],
    ['a constructor as an element', '<a><b/><constructor><prototype>1</prototype></constructor></a>'],
    ['text only', 'text'],
    ['an element of text only', '<a>text</a>'],
    ['nothing', ''],
    ['JSON', '{"a":1}'],
    ['a hundred thousand levels', '<a>'.repeat(100_000) + '</a>'.repeat(100_000)],
    ['brackets only', '<'.repeat(10_000)],
  ])('is unreadable with %s', (_what, text) => {
    expect(readXml(text)).toEqual({ form: null, unreadable: 'not-xml' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('has the limits of JSON', () => {
    expect(readXml(`${'<a>'.repeat(70)}1${'</a>'.repeat(70)}`)).toMatchObject({ unreadable: 'nested-too-deeply' });
    expect(readXml(`<a>${'<b/>'.repeat(50_000)}</a>`)).toMatchObject({ unreadable: 'too-many-values' });
  });

  it('knows only the entities of XML itself', () => {
    expect(readXml('<n><a>&unknown;&lt;</a></n>')).toEqual({ form: null, document: { n: { a: '&unknown;<' } } });
  });
});

describe('large texts', () => {
  it.each([
    ['application/json', 'é'.repeat(5_000)],
    ['application/json', '😀'.repeat(5_000)],
    ['application/json; charset=koi8-r', `${'é'.repeat(5_000)}x`],
  ])('of %s are read as small ones are: %.3s', (type, text) => {
    expect(read(`{"a":"${text}"}`, type)).toEqual({ form: null, document: { a: text } });
  });

  it.each([
    ['windows-1252', 'éA€\u0081', [0xe9, 0x41, 0x80, 0x81]],
    ['koi8-r', 'И─', [0xe9, 0x80]],
    ['windows-874', '€\u0e01', [0x80, 0xa1]],
  ])('in %s are read byte by byte', (charset, text, bytes) => {
    const body = Buffer.concat([
      Buffer.from('{"a":"'),
      ...Array<Buffer>(3_000).fill(Buffer.from(bytes)),
      Buffer.from('"}'),
    ]);

    const { document } = read(body, `text/plain; charset=${charset}`);
    const { a } = document as { a: string };
    expect(a.replaceAll(text, '')).toBe('');
    expect(a).toHaveLength(3_000 * text.length);
  });
});

describe('fields that come more than once', () => {
  it.each([
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a=1&b=x&%61=2&a=', { a: ['1', '2', ''], b: 'x' }],
    ['items[]=1&items[]=2', { 'items[]': ['1', '2'] }],
    ['items%5B%5D=1', { 'items[]': ['1'] }],
    ['items[0][name]=x&items[1][name]=y&items=z', { 'items[0][name]': 'x', 'items[1][name]': 'y', items: 'z' }],
    ['a[b=1&a]=2&[]=3&a[999999999]=4', { 'a[b': '1', 'a]': '2', '[]': ['3'], 'a[999999999]': '4' }],
    ['a[__proto__][x]=1&a[constructor]=2', { 'a[__proto__][x]': '1', 'a[constructor]': '2' }],
  ])('keep all values under the name as sent: %s', (text, form) => {
    expect(read(text, formType)).toEqual({ form, document: form });
  });

  it.each([
    ['amount=1&amount=1', 'amount'],
    ['amount=1&x=2&%61mount=2', 'amount'],
    ['amount=&amount=', 'amount'],
    ['x=1&id=1&amount=2&id=3', 'id'],
  ])('make the body unreadable if the preset reads them: %s', (text, name) => {
    const single = { ...bodySchema.parse({}), single: new Set(['amount', 'id']) };

    expect(readBody(Buffer.from(text), formType, single)).toEqual({
      form: expect.anything(),
      unreadable: `doubled-field: ${name}`,
    });
  });

  it('may be a hundred thousand, which are too many for an event', () => {
    expect(read('a=&'.repeat(100_000), formType)).toMatchObject({ unreadable: 'too-many-values' });
  });
});

describe('the charset of the content type', () => {
  const cafe = Buffer.from('{"a":"caf\xe9 \x80"}', 'latin1');

  it.each([
    'windows-1252',
    'WINDOWS-1252',
    '"windows-1252"',
    'ISO-8859-1',
    'iso8859-1',
    'latin1',
    'us-ascii',
    'cp1252; charset=utf-8',
  ])('%s has JSON read as windows-1252', (charset) => {
    expect(read(cafe, `application/json; charset=${charset}`)).toEqual({ form: null, document: { a: 'café €' } });
  });

  it.each([
    ['application/json', 'caf\uFFFD \uFFFD'],
    ['application/json; charset=utf-8', 'caf\uFFFD \uFFFD'],
    ['application/json; charset=', 'caf\uFFFD \uFFFD'],
    ['application/json; charset=""', 'caf\uFFFD \uFFFD'],
    ['application/json; x-charset=windows-1252', 'caf\uFFFD \uFFFD'],
    ['application/json; Charset = "KOI8-R"', 'cafИ ─'],
    ['application/json;charset=iso-8859-2', 'café \u0080'],
  ])('%s has the same bytes read as %j', (type, text) => {
    expect(read(cafe, type)).toEqual({ form: null, document: { a: text } });
  });

  it('cannot have UTF-8 read as anything else', () => {
    expect(read('{"a":"é"}', 'application/json; charset=windows-1252')).toEqual({ form: null, document: { a: 'é' } });
    expect(read('a=%C3%A9', `${formType}; charset=koi8-r`).form).toEqual({ a: 'é' });
  });

  it.each([
    ['x-unknown', 'x-unknown'],
    ['UTF-7', 'UTF-7'],
    ['"utf 8"', 'utf?8'],
    ['shift_jis', 'shift_jis'],
    ['gbk', 'gbk'],
    ['iso-2022-jp', 'iso-2022-jp'],
    ['replacement', 'replacement'],
    ['x-user-defined', 'x-user-defined'],
    ['x'.repeat(10_000), 'x'.repeat(40)],
    ['\u0000\u001b', '??'],
  ])('is named if it is not supported: %.20j', (charset, name) => {
    const unreadable = `unknown-charset: ${name}`;

    expect(read('{"a":1}', `application/json; charset=${charset}`)).toEqual({ form: null, unreadable });
    expect(read('a=1', `${formType}; charset=${charset}`)).toEqual({ form: null, unreadable });
  });

  it.each([
    ['utf-16', Buffer.from('{"a":"é"}', 'utf16le')],
    ['utf-16le', Buffer.from('{"a":"é"}', 'utf16le')],
    ['UTF-16BE', Buffer.from('{"a":"é"}', 'utf16le').swap16()],
    ['utf-16le', Buffer.from('\uFEFF{"a":"é"}', 'utf16le')],
    ['utf-16', Buffer.from('\uFEFF{"a":"é"}', 'utf16le').swap16()],
    ['utf-8', Buffer.from('\uFEFF{"a":"é"}', 'utf16le')],
    ['utf-8', Buffer.from('\uFEFF{"a":"é"}')],
    ['windows-1252', Buffer.from('\uFEFF{"a":"é"}')],
  ])('%s, or a byte order mark, has Unicode read', (charset, bytes) => {
    expect(read(bytes, `application/json; charset=${charset}`)).toEqual({ form: null, document: { a: 'é' } });
  });

  it('of UTF-16 leaves a body of UTF-8 unreadable', () => {
    expect(read('{"a":1}', 'application/json; charset=utf-16')).toEqual({ form: null, unreadable: 'not-json' });
  });

  it('is that of percent-encoded fields and their names, whose bytes are kept for the signature', () => {
    const body = 'na%EFve=caf%E9+%80&raw=\xe9';
    const type = `${formType}; charset=ISO-8859-1`;

    expect(read(body, type)).toEqual({
      form: { naïve: 'café €', raw: 'é' },
      document: { naïve: 'café €', raw: 'é' },
    });
    const { fields } = readForm(Buffer.from(body), type, bodySchema.parse({}));
    expect(fields?.get('naïve')?.map(({ bytes }) => bytes.toString('latin1'))).toEqual(['caf\xe9 \x80']);
  });

  it('of UTF-16 is read in forms, and a byte order mark is not part of the first name', () => {
    expect(read(Buffer.from('a=%C3%A9', 'utf16le'), `${formType}; charset=utf-16`).form).toEqual({ a: 'é' });
    expect(read('\uFEFFa=1', formType).form).toEqual({ a: '1' });
  });
});

describe('a multipart form', () => {
  const type = 'multipart/form-data; boundary=XX';
  const part = (headers: string, value: string) => `--XX\r\n${headers}\r\n\r\n${value}\r\n`;
  const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
  const readParts = (body: string | Buffer, contentType = type) => read(body, contentType, { multipart: true });

  it('is read where the preset says so, without its files', () => {
    const file = part(
      'Content-Disposition: form-data; name="b"; filename="x.pdf"\r\nContent-Type: application/pdf',
      '%PDF',
    );
    const body = `${field('a', '1')}${file}${field('a', '2')}${field('c d', 'é\r\n--X')}--XX--\r\n`;

    expect(readParts(body)).toEqual({
      form: { a: ['1', '2'], 'c d': 'é\r\n--X' },
      document: { a: ['1', '2'], 'c d': 'é\r\n--X' },
      files: 1,
    });
    expect(read(body, type)).toEqual({ form: null, unreadable: 'not-json' });
  });

  it.each([
    [
      'Multipart/Form-Data; charset=utf-8; BOUNDARY="X X"',
      `--X X\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--X X--`,
    ],
    [type, `preamble\r\n${field('a', '1')}--XX--epilogue`],
    [type, `${part('Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name="a"', '1')}--XX--`],
  ])('may be written as %j %.30j', (contentType, body) => {
    expect(readParts(body, contentType)).toMatchObject({ document: { a: '1' } });
  });

  it('has parts with charsets of their own, and names in that of the form', () => {
    const headers = 'Content-Disposition: form-data; name="a%22"\r\nContent-Type: text/plain; charset=windows-1252';
    const body = Buffer.from(`${part(headers, 'caf\xe9')}--XX--`, 'latin1');

    expect(readParts(body).form).toEqual({ 'a"': 'café' });
  });

  it('may have no parts and values of no length', () => {
    expect(readParts('--XX--')).toEqual({ form: {}, document: {} });
    expect(readParts(`${field('a', '')}--XX--`).form).toEqual({ a: '' });
  });

  it.each([
    ['nothing', ''],
    ['no delimiter at its end', field('a', '1')],
    ['another delimiter', field('a', '1').replaceAll('XX', 'YY')],
    ['text behind a delimiter', `--XXY\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX--`],
    ['a part without headers', '--XX\r\n\r\n1\r\n--XX--'],
    ['a part without a name', `${part('Content-Disposition: form-data', '1')}--XX--`],
    ['two names', `${part('Content-Disposition: form-data; name="a"; name="b"', '1')}--XX--`],
    [
      'two dispositions',
      `${part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"', '1')}--XX--`,
    ],
    ['another disposition', `${part('Content-Disposition: attachment; name="a"', '1')}--XX--`],
    ['a quote that does not end', `${part('Content-Disposition: form-data; name="a', '1')}--XX--`],
    [
      'base64',
      `${part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', 'MQ==')}--XX--`,
    ],
    [
      'an unknown charset in a part',
      `${part('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=x', '1')}--XX--`,
    ],
    [
      'large headers in a part',
      `${part(`X: ${'x'.repeat(3_000)}\r\nContent-Disposition: form-data; name="a"`, '1')}--XX--`,
    ],
    ['a thousand and one parts', `${field('a', '').repeat(1_001)}--XX--`],
  ])('is unreadable with %s', (_what, body) => {
    expect(readParts(body)).toEqual({ form: null, unreadable: 'not-multipart' });
  });

  it.each(['multipart/form-data', 'multipart/form-data; boundary=', `multipart/form-data; boundary=${'x'.repeat(71)}`])(
    'is unreadable without a boundary of its own: %.60s',
    (contentType) => {
      expect(readParts('--XX--', contentType)).toEqual({ form: null, unreadable: 'not-multipart' });
    },
  );
});
