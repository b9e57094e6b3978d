import { describe, expect, it } from 'vitest';
import { bodySchema, readBody } from '../../../server/gateway/read-body.ts';

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

  it('has the last of several fields of one name, and may have any content', () => {
    expect(read('a=1&a=2&=3&b&c=%&d=%ff&e==&&', formType).form).toEqual({
      a: '2',
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
