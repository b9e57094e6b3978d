import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestOptions, SignatureOptions } from '../../../../server/gateway/ask/ask-schema.ts';
import { ValueMissingError } from '../../../../server/gateway/ask/ask-text.ts';
import { compileQuestion, compileRequest, type Given } from '../../../../server/gateway/ask/compile-question.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { nowMs } from '../gateways.ts';

const given: Given = { apiUrl: 'https://api.example.com/base/', key: 'server-key', nowMs };

function viewOf(body: string, contentType = 'application/json') {
  const request = { method: 'POST', url: '/', headers: { 'content-type': contentType }, body: Buffer.from(body) };
  return createRequestView(request, { format: 'json', encoding: 'text' }, { merchant: 'M1' });
}

/** Builds a request from an event. */
function build(request: Partial<RequestOptions>, { event = {}, form, sign = {}, more = {} }: Partial<Asked> = {}) {
  const view = form === undefined ? viewOf(JSON.stringify(event)) : viewOf(form, 'application/x-www-form-urlencoded');
  const whole = { method: 'GET' as const, url: '{api}/status', headers: {}, ...request };
  return compileRequest(whole, sign).build(view, { ...given, ...more });
}

interface Asked {
  event: object;
  form: string;
  sign: Record<string, SignatureOptions>;
  more: Partial<Given>;
}

const status = { url: '{api}/v2/{json:/order_id | uri}/status' };

describe('an address', () => {
  it('is the API’s, with the event’s values in their parts of the path', () => {
    expect(build(status, { event: { order_id: 'INV-9' } })).toEqual({
      method: 'GET',
      url: 'https://api.example.com/base/v2/INV-9/status',
      headers: { accept: 'application/json' },
      body: null,
    });
  });

  it.each([
    ['../../x?y#z', '..%2F..%2Fx%3Fy%23z'],
    ['@evil.example/', '%40evil.example%2F'],
    ['a b\t\r\n', 'a%20b%09%0D%0A'],
    ["it's(*)!", 'it%27s%28%2A%29%21'],
    ['%2e%2e', '%252e%252e'],
    ['\\..\\', '%5C..%5C'],
    ['INV{json:/x}', 'INV%7Bjson%3A%2Fx%7D'],
    ['ő', '%C5%91'],
  ])('encodes %j, so that it stays in its part', (orderId, encoded) => {
    const { url } = build(status, { event: { order_id: orderId } });
    expect(url).toBe(`https://api.example.com/base/v2/${encoded}/status`);
    expect(new URL(url).href).toBe(url);
  });

  it.each(['.', '..', '', '\ud800', 'x'.repeat(513)])('cannot contain %j', (orderId) => {
    expect(() => build(status, { event: { order_id: orderId } })).toThrow(ValueMissingError);
  });

  it('cannot be built if a value is missing, and names its selector', () => {
    expect(() => build(status)).toThrow('no usable json:/order_id');
  });

  it('cannot be built if two values together make a part of dots', () => {
    const url = '{api}/v2/{json:/a}{json:/b}/status';
    expect(() => build({ url }, { event: { a: '.', b: '.' } })).toThrow('no usable path without . and ..');
  });

  it('never leaves its host and its path for any event', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 1 }), (orderId) => {
        let url: URL;
        try {
          url = new URL(build(status, { event: { order_id: orderId } }).url);
        } catch (error) {
          expect(error).toBeInstanceOf(ValueMissingError);
          return;
        }
        expect([url.origin, url.search, url.hash]).toEqual(['https://api.example.com', '', '']);
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'base', 'v2', orderId, 'status']);
      }),
    );
  });

  it('keeps values within the query, and only an optional one may be empty', () => {
    const url = '{api}/detail?reference={json:/reference}&kind={json:/kind | opt}';
    expect(build({ url }, { event: { reference: 'a&b=c' } }).url).toBe(
      'https://api.example.com/base/detail?reference=a%26b%3Dc&kind=',
    );
    expect(() => build({ url }, { event: { reference: '' } })).toThrow(ValueMissingError);
  });

  it.each(['http://api.example.com/x', 'https://{json:/host}/x', '{json:/host}/x', '{api}.evil.example/', '{api}/x#y'])(
    'cannot be declared %s',
    (url) => {
      expect(() => compileRequest({ method: 'GET', url, headers: {} }, {})).toThrow('expected an address');
    },
  );
});

describe('a request', () => {
  it('is named by its template, which holds no values', () => {
    const { target, needsKey } = compileRequest(
      { method: 'GET', url: status.url, headers: { authorization: '{basic}' } },
      {},
    );
    expect([target, needsKey]).toEqual(['GET {api}/v2/{json:/order_id | uri}/status', true]);
    expect(compileRequest({ method: 'GET', url: status.url, headers: {} }, {}).needsKey).toBe(false);
  });

  it('carries the key as a bearer token, or for Basic as the user name or as user and password', () => {
    const headers = { Authorization: 'Bearer {key}', 'x-basic': '{basic}' };
    expect(build({ headers }).headers).toEqual({
      accept: 'application/json',
      authorization: 'Bearer server-key',
      'x-basic': 'Basic c2VydmVyLWtleTo=',
    });
    expect(build({ headers }, { more: { key: 'ck_1:cs_2' } }).headers['x-basic']).toBe('Basic Y2tfMTpjc18y');
  });

  it.each(['a\r\nx-evil: 1', 'schlüssel', 'x'.repeat(4_097)])('has no header of %j', (key) => {
    expect(() => build({ headers: { authorization: '{key}' } }, { more: { key } })).toThrow(
      'no usable value for the header authorization',
    );
  });

  it('has a form with encoded fields, or JSON with escaped texts', () => {
    const event = { id: 'a&b"c' };
    expect(build({ method: 'POST', form: { id: '{json:/id}', v: '2' } }, { event })).toMatchObject({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'id=a%26b%22c&v=2',
    });
    const json = { ids: ['{json:/id}'], merchant: '{cfg:merchant}', limit: 10 };
    expect(build({ method: 'POST', json }, { event })).toMatchObject({
      headers: { 'content-type': 'application/json' },
      body: '{"ids":["a&b\\"c"],"merchant":"M1","limit":10}',
    });
  });

  it('writes times in UTC and whole seconds, in the gateway’s format', () => {
    const formats = ['unix', 'unixms', 'rfc3339', 'local', 'date', 'digits'];
    const headers = Object.fromEntries(formats.map((format) => [`x-${format}`, `{now:${format}} {since:${format}}`]));
    const sinceMs = nowMs - 60_500;
    expect(build({ headers }, { more: { sinceMs } }).headers).toMatchObject({
      'x-unix': '1767225600 1767225539',
      'x-unixms': '1767225600000 1767225539500',
      'x-rfc3339': '2026-01-01T00:00:00Z 2025-12-31T23:58:59Z',
      'x-local': '2026-01-01 00:00:00 2025-12-31 23:58:59',
      'x-date': '2026-01-01 2025-12-31',
      'x-digits': '20260101000000 20251231235859',
    });
    expect(() => build({ headers: { a: '{now:iso}' } })).toThrow('"iso" is not a time format');
  });
});

describe('a signature in a request', () => {
  const form = 'merchantCode=D1&merchantOrderId=INV-9';

  it('is a digest of a text, as Duitku expects in the body', () => {
    const sign = {
      md5: { algorithm: 'md5', text: '{form:merchantCode}{form:merchantOrderId}{key}', encoding: 'hex' },
    } as const;
    const json = { merchantOrderId: '{form:merchantOrderId}', signature: '{signed:md5}' };
    expect(build({ method: 'POST', json }, { form, sign }).body).toBe(
      '{"merchantOrderId":"INV-9","signature":"a7da5dc03511c70c2626aa2485783477"}',
    );
  });

  it('can cover the body and other signatures, as iPaymu expects in a header', () => {
    const sign = {
      outer: { algorithm: 'hmac-sha256', text: 'POST:{cfg:merchant}:{body | sha256hex}:{key}', encoding: 'hex' },
    } as const;
    const json = { transactionId: '{json:/trx_id}' };
    const built = build(
      { method: 'POST', json, headers: { signature: '{signed:outer}' } },
      { event: { trx_id: 7 }, sign },
    );
    expect(built.headers.signature).toBe('f18f991e1eb604e55bf4316c452a8dcf537e71fb68641ea489dd0b081a8e57df');
  });

  it('can have its own key and be part of another signature', () => {
    const sign = {
      inner: { algorithm: 'sha256', text: 'a', encoding: 'base64' },
      outer: { algorithm: 'hmac-sha512', key: '{cfg:merchant}', text: '{signed:inner}', encoding: 'base64' },
    } as const;
    expect(build({ headers: { s: '{signed:outer}' } }, { sign }).headers.s).toBe(
      'nm7VDMaQsHypyBhZEQBiEqlT36OA6akocOjfksHDUYzpGiKmGa1Ghppxe8QYAaWXPuQ8+7hIFveBbq9JoH7wvA==',
    );
  });

  it('is computed only for a request that uses it, so the values of other requests may be missing', () => {
    const sign = { other: { algorithm: 'sha256', text: '{token}', encoding: 'hex' } } as const;
    expect(build({}, { sign }).url).toBe('https://api.example.com/base/status');
    expect(
      compileRequest(
        { method: 'GET', url: '{api}/', headers: { a: '{signed:key}' } },
        {
          key: { algorithm: 'hmac-sha256', text: 'a', encoding: 'hex' },
        },
      ).needsKey,
    ).toBe(true);
  });
});

it('asks for a token with the same signatures, which needs the key', () => {
  const question = compileQuestion({
    request: { method: 'GET', url: '{api}/a', headers: { authorization: 'Bearer {token}' } },
    token: {
      request: { method: 'POST', url: '{api}/token', headers: { authorization: '{basic}' }, form: { grant_type: 'x' } },
      at: 'json:/access_token',
    },
    sign: {},
  });
  expect(question.needsKey).toBe(true);
  expect(question.token?.request.build(viewOf('{}'), given).body).toBe('grant_type=x');
  expect(question.request.build(viewOf('{}'), { ...given, token: 'tok' }).headers.authorization).toBe('Bearer tok');
});
