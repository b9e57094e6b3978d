import { describe, expect, it } from 'vitest';
import type { CanonicalForms } from '../../../server/gateway/canonical-form.ts';
import { type InboundRequest, createRequestView } from '../../../server/gateway/request-view.ts';
import { compileSignedText } from '../../../server/gateway/signed-text.ts';
import { presetWith, requestWith } from './gateways.ts';

const { body: bodyOptions } = presetWith({});
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

type RequestParts = Partial<Omit<InboundRequest, 'body'>> & { body?: string | Buffer };

/** The signed text in one piece. Undefined if the request lacks a part of it. */
function textOf(
  template: string,
  parts: RequestParts = {},
  settings: Record<string, string> = {},
  fields = new Map<string, string>(),
) {
  const view = { ...createRequestView(requestWith(parts), bodyOptions, settings), signatureFields: fields };
  const chunks = compileSignedText(template).read(view, 'the secret');
  return chunks && Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString('utf8');
}

describe('a signed text', () => {
  it('consists of fixed characters and selectors', () => {
    const parts = {
      url: '/in/x?id=a%20b#c',
      headers: { ...json, 'x-time': '17' },
      body: '{"amount": "1.00", "paid": true, "n": 5}',
    };

    expect(textOf('POST:{path}:{query:id}:{header:X-Time}:{json:/amount}:{json:/paid}:{json:/n}|{secret}', parts)).toBe(
      'POST:/in/x:a b:17:1.00:true:5|the secret',
    );
    expect(textOf('{sig:t}.{body}', { body: ' {"a":1.0}\n' }, {}, new Map([['t', '9']]))).toBe('9. {"a":1.0}\n');
    expect(textOf('{form:a}{form:b | upper}', { headers: form, body: 'a=x%26&b=y+z' })).toBe('x&Y Z');
    expect(textOf('{cfg:publicUrl}{body}', { body: 'b' }, { publicUrl: 'https://hooks.example.id/in/x' })).toBe(
      'https://hooks.example.id/in/xb',
    );
  });

  it('has the bytes of the body as received', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe]);
    const view = createRequestView(requestWith({ body: bytes }), bodyOptions);
    const chunks = compileSignedText('a{body}b').read(view, '')!;

    expect(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))).toEqual(
      Buffer.from([0x61, 0xff, 0x00, 0xfe, 0x62]),
    );
  });

  it('uses the path that the source names rather than the one that a proxy shows', () => {
    expect(textOf('{path}', { url: '/internal/hook' }, { publicPath: '/v1.0/debit/notify' })).toBe(
      '/v1.0/debit/notify',
    );
    expect(textOf('{path}', { url: 'https://hooks.example.id/a/b?c=d' })).toBe('/a/b');
  });

  it.each([
    ['{header:x-none}'],
    ['{json:/none}'],
    ['{json:/null}'],
    ['{json:/list}'],
    ['{json:/half}'],
    ['{json:/constructor}'],
    ['{query:none}'],
    ['{form:text}'],
    ['{sig:none}'],
    ['{cfg:none}'],
    ['{cfg:constructor}'],
    ['{header:x-token | bearer}'],
  ])('is undefined if the request lacks %s, or has no text there', (template) => {
    const body = '{"null": null, "list": ["a"], "big": 9007199254740993, "half": "\\ud800", "text": "a"}';

    expect(textOf(template, { headers: { ...json, 'x-token': 'Basic x' }, body })).toBeUndefined();
  });

  it('has the digits of a number beyond 2^53 as they were sent', () => {
    expect(textOf('{json:/big}', { headers: json, body: '{"big": 9007199254740993}' })).toBe('9007199254740993');
  });

  it('finds form fields only in forms, not in JSON', () => {
    expect(textOf('{json:/a}', { headers: form, body: 'a=x' })).toBeUndefined();
    expect(textOf('{item:/a}', { headers: form, body: 'a=x' })).toBe('x');
    expect(textOf('{form:a}', { headers: json, body: '{"a":"x"}' })).toBeUndefined();
  });

  it('treats a missing text as empty if it is optional', () => {
    expect(textOf('a{header:x-none | opt}b{json:/none | opt}c', { headers: json, body: '{}' })).toBe('abc');
  });

  it('is undefined with half a surrogate pair, even in a header', () => {
    expect(textOf('{header:x}', { headers: { x: '\ud83d' } })).toBeUndefined();
    expect(textOf('{header:x}', { headers: { x: '😀' } })).toBe('😀');
  });
});

describe('a group in brackets', () => {
  const manifest = '[id:{query:data.id | lower};][request-id:{header:x-request-id};]ts:{sig:ts};';
  const ts = new Map([['ts', '1']]);

  it.each<[string, RequestParts, string]>([
    ['all', { url: '/?data.id=AbC', headers: { 'x-request-id': 'r' } }, 'id:abc;request-id:r;ts:1;'],
    ['no first', { headers: { 'x-request-id': 'r' } }, 'request-id:r;ts:1;'],
    ['no second', { url: '/?data.id=7' }, 'id:7;ts:1;'],
    ['none', {}, 'ts:1;'],
    ['an empty one', { url: '/?data.id=', headers: { 'x-request-id': '' } }, 'ts:1;'],
  ])('is left out if one of its selectors is missing or empty: %s', (_which, parts, expected) => {
    expect(textOf(manifest, parts, {}, ts)).toBe(expected);
  });

  it('may hold several selectors, all of them present, or only fixed characters', () => {
    expect(textOf('[{header:a}|{header:b}]x[y]', { headers: { a: '1', b: '2' } })).toBe('1|2xy');
    expect(textOf('[{header:a}|{header:b}]x[y]', { headers: { a: '1' } })).toBe('xy');
  });

  it('does not make other selectors optional', () => {
    expect(textOf(manifest, { url: '/?data.id=7' })).toBeUndefined();
  });
});

describe('the template of a signed text', () => {
  it.each([
    ['{body', '"{body" has an unmatched brace'],
    ['body}', '"body}" has an unmatched brace'],
    ['{a{body}}', '"{a{body}}" has an unmatched brace'],
    ['[{body}', '"[{body}" has an unmatched bracket'],
    ['{body}]', '"{body}]" has an unmatched bracket'],
    ['[a[{body}]]', '"[a[{body}]]" has an unmatched bracket'],
    ['{bdy}', 'unknown selector "bdy" in "bdy". Did you mean "body"?'],
    ['{body | sha256hx}', 'unknown filter "sha256hx" in "body | sha256hx". Did you mean "sha256hex"?'],
    ['{arrival}', 'unknown selector "arrival"'],
    ['{text:a}', 'unknown selector "text"'],
    ['{body:x}', '"body" takes no name'],
    ['{header}', '"header:" needs a name after the colon'],
    ['{header:a b}', '"a b" is not a header name'],
    ['{json:a}', '"a" is not a JSON pointer such as /data/id'],
    ['{canonical:none}', 'there is no canonical form "none"'],
    ['{}', 'unknown selector ""'],
  ])('is not accepted: %s', (template, message) => {
    expect(() => compileSignedText(template)).toThrow(message);
  });

  it('names the fields beside the signature that it needs', () => {
    expect(compileSignedText('{sig:t}.{body}[{sig:n}]').signatureFields).toEqual(['t', 'n']);
  });

  it('may hold a canonical form of the event', () => {
    const forms: CanonicalForms = new Map([['own', (document) => JSON.stringify(document)]]);
    const view = createRequestView(requestWith({ headers: json, body: '{ "a": 1 }' }), bodyOptions);

    expect(compileSignedText('<{canonical:own}>', forms).read(view, '')).toEqual(['<', '{"a":1}', '>']);
  });
});
