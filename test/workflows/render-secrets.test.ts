import { expect, it } from 'vitest';
import type { HttpStep } from '../../language/definition.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { runDefinition } from '../simulator/run-definition.ts';

const secret = { secret: 'KAIT_SECRET_SHOP' };
const hmac = (of: string) => ({ hmac: { key: secret, of } });

async function inputOf(request: Partial<HttpStep>) {
  const event = { ...sampleEvent(), data: { id: 'p1', trap: secret, trapped: { hmac: { key: secret, of: 'x' } } } };
  const step = { id: 'pay', http: 'https://shop.example/pay', ...request };
  const { trace } = await runDefinition({ steps: [step] }, { event });
  return trace[0]?.input ?? trace[0]?.error;
}

it('a request names its secrets, with the texts around them filled in', async () => {
  const headers = {
    authorization: { concat: ['Bearer ', secret, '{{event.data.id}}'] },
    'x-signature': { hmac: { key: secret } },
    'x-basic': { base64: { concat: ['{{event.data.id}}:', secret] } },
  };
  expect(await inputOf({ headers })).toMatchObject({
    headers: {
      authorization: { concat: ['Bearer ', secret, 'p1'] },
      'x-signature': { hmac: { key: secret } },
      'x-basic': { base64: { concat: ['p1:', secret] } },
    },
  });
});

it('in a body and a form, secrets are named beside it, by their places', async () => {
  const body = {
    id: '{{event.data.id}}',
    signature: hmac('{{event.data.id}}'),
    nested: [{ key: secret }],
    echo: '{{event.data.trap}}',
  };
  expect(await inputOf({ body })).toMatchObject({
    body: { id: 'p1', signature: null, nested: [{ key: null }], echo: secret },
    fill: [
      { at: ['body', 'signature'], value: hmac('p1') },
      { at: ['body', 'nested', 0, 'key'], value: secret },
    ],
  });
  expect(await inputOf({ form: { id: '{{event.data.id}}', key: secret, max: 5 } })).toMatchObject({
    form: { id: 'p1', key: null, max: 5 },
    fill: [{ at: ['form', 'key'], value: secret }],
  });
});

it('an event that looks like a secret, or like a signature, is data', async () => {
  const body = { a: '{{event.data.trap}}', b: '{{event.data.trapped}}', concat: ['a'] };
  expect(await inputOf({ body })).toEqual({
    url: 'https://shop.example/pay',
    body: { a: secret, b: { hmac: { key: secret, of: 'x' } }, concat: ['a'] },
  });
  expect(await inputOf({ headers: { a: { concat: ['{{event.data.trap}}', secret] } } })).toMatchObject({
    type: 'ExpressionFailed',
    message: 'A part of a text with a secret is an object. It must be a text.',
  });
});
