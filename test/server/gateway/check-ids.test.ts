import { expect, it } from 'vitest';
import { parsePreset } from '../../../server/gateway/presets.ts';

const hmac = (signed: string | string[], more: object = {}) => ({
  scheme: 'hmac',
  algorithm: 'sha256',
  signature: { from: 'header:x-signature', encoding: 'hex' },
  signed,
  ...more,
});
const token = { scheme: 'token', from: 'header:x-token' };

const question = { request: { url: '{api}/payments/{json:/id}' } };
const compares = (...claimed: string[]) => ({
  ...question,
  same: claimed.map((each) => ({ claimed: each, confirmed: 'json:/x' })),
});
const confirm = (...cases: object[]) => ({
  confirm: { level: 'required', why: 'nothing is signed', api: { live: 'https://api.example.com' }, cases },
});

/** The selectors that the rule objects to when a preset with this id and these members is loaded. */
function objections(id: string, members: object): string[] {
  const preset = {
    title: 'Test',
    setup: { where: 'here', steps: ['Paste {url}.'], secret: 'the secret' },
    event: { id, type: ['json:/type'] },
    sampleSecret: 'secret',
    ...members,
  };
  const { mistakes } = parsePreset('test_gateway.json', JSON.stringify(preset));
  return mistakes.map(({ message }) => /"(.*?)" is not signed/.exec(message)?.[1] ?? message);
}

it.each([
  ['a field of a signed body', 'json:/id', { verify: { any: [hmac('{sig:t}.{body}')] } }],
  ['the hash of a signed body', 'body | sha256hex', { verify: { any: [hmac('{body}')] } }],
  ['a field of a body whose hash is signed', 'json:/id', { verify: { any: [hmac('{path}:{body | sha256hex}')] } }],
  ['the hash of a signed event', 'document | sha256hex', { verify: { any: [hmac('{body}')] } }],
  [
    'a header that another one of a second brand stands for',
    'header:webhook-id',
    {
      verify: {
        any: [hmac('{header:webhook-id}.{body}'), hmac('{header:brand-id}.{body}')],
        exclusive: [['header:brand-id'], ['header:webhook-id']],
      },
    },
  ],
  [
    'what a signed token says',
    'header:x-token | jwspayload',
    {
      verify: {
        any: [{ scheme: 'jwt', from: 'header:x-token', algorithms: ['ES256'], claims: { x: '{body | sha256hex}' } }],
      },
    },
  ],
  ['a signed header', 'header:webhook-id', { verify: { any: [hmac('{header:webhook-id}.{body}')] } }],
  ['a signed field', 'json:/id', { verify: { any: [hmac('{json:/id}{json:/amount}')] } }],
  ['a signed field of an item', 'item:/id', { verify: { any: [hmac('{item:/id}:{item:/code}', { scope: 'item' })] } }],
  ['a form field that is signed', 'item:/id', { verify: { any: [hmac('{form:id}')] } }],
  [
    'a field of a signed form field',
    'json:/id',
    { verify: { any: [hmac('{form:payload}')] }, body: { field: 'payload' } },
  ],
  ['a constant', 'text:paid + json:/id', { verify: { any: [hmac('{body}')] } }],
  ['a field that one of all schemes signs', 'json:/id', { verify: { all: [token, hmac('{body}')] } }],
  ['a field that every case compares', 'json:/id', { verify: { any: [token] }, ...confirm(compares('json:/id')) }],
  [
    'a field that the only case for its events compares',
    'json:/id',
    {
      verify: { any: [token] },
      types: [{ match: { 'json:/type': ['paid'] }, type: 'payment.succeeded', id: 'json:/id + json:/status' }],
      ...confirm(
        { match: { 'json:/type': ['paid'] }, ...compares('json:/id', 'json:/status') },
        { match: { 'json:/type': [{ pattern: 'refund.*' }] }, ...compares('json:/id') },
      ),
    },
  ],
  [
    'a field of what is fetched',
    'json:/id + json:/status',
    { verify: { any: [{ scheme: 'none' }] }, fetch: { api: { live: 'https://api.example.com' }, ...question } },
  ],
])('%s may be part of an id', (_what, id, members) => {
  expect(objections(id, members)).toEqual([]);
});

it.each([
  ['an unsigned header', 'header:x-event-id', { verify: { any: [hmac('{body}')] } }, ['header:x-event-id']],
  [
    'a field that is not signed',
    'json:/id + json:/status',
    { verify: { any: [hmac('{json:/id}')] } },
    ['json:/status'],
  ],
  [
    'the text of a signed token, whose signature has two spellings',
    'header:x-token',
    {
      verify: {
        any: [{ scheme: 'jwt', from: 'header:x-token', algorithms: ['ES256'], claims: { x: '{body | sha256hex}' } }],
      },
    },
    ['header:x-token'],
  ],
  ['a field under a token', 'json:/id', { verify: { any: [token] } }, ['json:/id']],
  ['a field that one of any schemes signs', 'json:/id', { verify: { any: [hmac('{body}'), token] } }, ['json:/id']],
  [
    'a field that one of several texts has',
    'json:/id',
    { verify: { any: [hmac(['{body}', '{json:/x}'])] } },
    ['json:/id'],
  ],
  [
    'a field that a canonical form leaves out',
    'item:/id + item:/other',
    { verify: { any: [hmac('{canonical:plain}', { canonical: { plain: { drop: ['id'], escape: 'none' } } })] } },
    ['item:/id'],
  ],
  [
    'a field that a canonical form rewrites',
    'item:/id',
    { verify: { any: [hmac('{canonical:plain}', { canonical: { plain: { integers: ['id'], escape: 'none' } } })] } },
    ['item:/id'],
  ],
  [
    'a field that one case does not compare',
    'json:/id',
    {
      verify: { any: [token] },
      ...confirm({ match: { 'json:/type': ['paid'] }, ...compares('json:/id') }, compares('json:/status')),
    },
    ['json:/id'],
  ],
  [
    'a field that may be missing where it is compared',
    'json:/id',
    { verify: { any: [token] }, ...confirm(compares('json:/id | opt')) },
    ['json:/id'],
  ],
  [
    'a field of a request whose answer is read',
    'form:id',
    { verify: { any: [{ scheme: 'none' }] }, fetch: { api: { live: 'https://api.example.com' }, ...question } },
    ['form:id'],
  ],
  [
    'a field of a type’s own id',
    'json:/id',
    {
      verify: { any: [hmac('{json:/id}')] },
      types: [{ match: { 'json:/status': ['paid'] }, type: 'payment.succeeded', id: 'json:/id + json:/other' }],
    },
    ['json:/other'],
  ],
])('%s may not', (_what, id, members, expected) => {
  expect(objections(id, members)).toEqual(expected);
});

it('does not object if the preset says why nothing can vouch for its ids', () => {
  const event = { id: 'json:/id', unsignedId: 'nothing is signed', type: ['json:/type'] };
  expect(objections('', { verify: { any: [token] }, event })).toEqual([]);
});
