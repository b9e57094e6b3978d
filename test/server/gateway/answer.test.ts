import { describe, expect, it } from 'vitest';
import { createRequestView } from '../../../server/gateway/request-view.ts';
import { type CompiledPreset, parsePreset } from '../../../server/gateway/presets.ts';
import { presetWith, requestWith, shippedPreset, smallestPreset } from './gateways.ts';

type RequestParts = Parameters<typeof requestWith>[0];
const json = { 'content-type': 'application/json' };
const viewOf = (preset: CompiledPreset, parts: RequestParts, settings = {}) =>
  createRequestView(requestWith(parts), preset.body, settings);

function acknowledge(options: unknown, parts: RequestParts = {}, settings = {}) {
  const preset = presetWith({ acknowledge: options, settings: { code: { about: 'a code', sample: 'x' } } });
  return preset.acknowledge(viewOf(preset, parts, settings));
}

describe('an answer of text', () => {
  it('fills in selectors and leaves out missing texts', () => {
    const parts = { headers: { ...json, 'x-id': 'h1' }, url: '/in/x?q=%26', body: '{"a": {"b": 7}}' };

    expect(
      acknowledge({ body: '{json:/a/b}|{header:x-id | upper}|{query:q}|{json:/none}|{cfg:code}' }, parts, {
        code: 'c',
      }),
    ).toEqual({
      status: 200,
      body: '7|H1|&||c',
      contentType: 'text/plain; charset=utf-8',
    });
  });

  it.each([['{"success":true}'], ['{}'], ['{ json:/a }'], ['{{'], ['[accepted]']])(
    'leaves other braces as they are: %s',
    (body) => {
      expect(acknowledge({ body }).body).toBe(body);
    },
  );
});

describe('an answer of JSON', () => {
  it('keeps the type of a lone selector and makes the others text', () => {
    const template = {
      code: '2002500',
      data: '{json:/va}',
      n: '{json:/n}',
      text: 'n={json:/n}',
      none: '{json:/none}',
      fixed: [1, true, null, '{header:x-id}'],
    };
    const parts = { headers: { ...json, 'x-id': 'h' }, body: '{"va": {"no": " 1", "tags": ["\\u00e9"]}, "n": 1.50}' };
    const answer = acknowledge({ json: template }, parts);

    expect(answer.contentType).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.body)).toEqual({
      code: '2002500',
      data: { no: ' 1', tags: ['é'] },
      n: 1.5,
      text: 'n=1.5',
      none: null,
      fixed: [1, true, null, 'h'],
    });
  });

  it('cannot be broken out of by a text in the request', () => {
    const parts = { headers: json, body: JSON.stringify({ a: '","admin":true,"x":"' }) };

    expect(JSON.parse(acknowledge({ json: { echo: 'a {json:/a}' } }, parts).body)).toEqual({
      echo: 'a ","admin":true,"x":"',
    });
  });

  it('is sent for a body that cannot be read too', () => {
    expect(acknowledge({ json: { echo: '{json:/a}', text: '{json:/a}!' } }, { headers: json, body: '{' }).body).toBe(
      '{"echo":null,"text":"!"}',
    );
  });
});

describe('several answers', () => {
  const options = [
    { match: { path: [{ pattern: '.*/debit/notify' }] }, json: { responseCode: '2005600' } },
    { match: { 'json:/kind': ['va', null], 'header:x-id': ['1'] }, status: 202, body: 'va', contentType: 'text/x' },
  ];

  it('are tried in turn, by patterns for the whole text and by missing texts', () => {
    expect(acknowledge(options, { url: '/v1.0/debit/notify' }).body).toBe('{"responseCode":"2005600"}');
    expect(acknowledge(options, { url: '/v1.0/debit/notify/x' }).body).toBe('');
    expect(acknowledge(options, { headers: { 'x-id': '1' } })).toEqual({
      status: 202,
      body: 'va',
      contentType: 'text/x',
    });
    expect(acknowledge(options, { headers: { ...json, 'x-id': '1' }, body: '{"kind":"qr"}' })).toEqual({
      status: 200,
      body: '',
      contentType: 'text/plain; charset=utf-8',
    });
  });

  it('do not match a pattern against more than 256 characters', () => {
    expect(acknowledge(options, { url: `/${'a'.repeat(242)}/debit/notify` }).body).toBe('{"responseCode":"2005600"}');
    expect(acknowledge(options, { url: `/${'a'.repeat(243)}/debit/notify` }).body).toBe('');
  });
});

describe('the answers of the shipped presets', () => {
  const answersOf = async (name: string, parts: RequestParts = {}) => {
    const preset = await shippedPreset(name);
    const view = viewOf(preset, parts);
    return { yes: preset.acknowledge(view), no: preset.reject(view) };
  };

  it.each([
    ['adyen', 200, '[accepted]', 'text/plain', 401],
    ['tripay', 200, '{"success":true}', 'application/json; charset=utf-8', 401],
    ['duitku', 200, 'SUCCESS', 'text/plain; charset=utf-8', 401],
    ['duitku_md5', 200, 'SUCCESS', 'text/plain; charset=utf-8', 401],
    ['gocardless', 204, '', 'text/plain; charset=utf-8', 498],
    ['lemonsqueezy', 200, '', 'text/plain; charset=utf-8', 401],
  ])('%s: %i with %j as %s, else %i', async (name, status, body, contentType, rejectionStatus) => {
    const { yes, no } = await answersOf(name);

    expect(yes).toEqual({ status, body, contentType });
    expect(no.status).toBe(rejectionStatus);
  });

  it.each(['midtrans_snap', 'duitku_snap', 'doku_snap'])(
    '%s: the service code inside of the response code',
    async (name) => {
      const va = { virtualAccountNo: '   1900800000000046', paidAmount: { value: '150000.00', currency: 'IDR' } };
      const payment = { url: '/v1.0/transfer-va/payment', headers: json, body: JSON.stringify(va) };

      expect(JSON.parse((await answersOf(name, { url: '/v1.0/debit/notify' })).yes.body)).toMatchObject({
        responseCode: '2005600',
      });
      expect(JSON.parse((await answersOf(name, { url: '/v1.0/qr/qr-mpm-notify' })).yes.body)).toMatchObject({
        responseCode: '2005200',
      });
      expect(JSON.parse((await answersOf(name, payment)).yes.body)).toMatchObject({
        responseCode: '2002500',
        virtualAccountData: va,
      });
      expect(JSON.parse((await answersOf(name, { url: '/v1.0/debit/notify' })).no.body)).toMatchObject({
        responseCode: '4015600',
      });
    },
  );
});

it.each([
  ['an unknown selector', { body: '{jsn:/a}' }, 'unknown selector "jsn"'],
  ['an unknown selector in JSON', { json: { a: ['{jsn:/a}'] } }, 'unknown selector "jsn"'],
  ['an unknown filter', { json: '{json:/a | uper}' }, 'unknown filter "uper"'],
  ['text and JSON', { body: 'a', json: {} }, 'expected either "body" or "json"'],
  ['a malformed pattern', { match: { path: [{ pattern: '(' }] } }, 'expected a regular expression'],
  ['an undeclared setting', { body: '{cfg:codes}' }, 'unknown setting "codes"'],
])('is not accepted with %s', (_what, acknowledgement, message) => {
  const text = JSON.stringify({ ...smallestPreset, acknowledge: acknowledgement });

  expect(
    parsePreset('test_gateway.json', text)
      .mistakes.map((each) => each.message)
      .join(),
  ).toContain(message);
});
