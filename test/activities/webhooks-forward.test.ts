import { expect, it } from 'vitest';
import { forwardedHeaders } from '../../activities/webhooks-forward.ts';

const kept = { 'stripe-signature': 't=1,v1=ab', 'x-request-id': 'r1', cookie: 'a=b' };

it('sends all kept headers if none are chosen', () => {
  expect(forwardedHeaders(kept)).toEqual(kept);
  expect(forwardedHeaders({})).toEqual({});
});

it('sends only the chosen headers, ignoring case', () => {
  expect(forwardedHeaders(kept, ['Stripe-Signature', 'stripe-signature'])).toEqual({ 'stripe-signature': 't=1,v1=ab' });
  expect(forwardedHeaders(kept, [])).toEqual({});
});

it.each(['svix-id', 'constructor', '__proto__'])('fails permanently if the chosen header %s was not kept', (name) => {
  expect(() => forwardedHeaders(kept, ['x-request-id', name])).toThrow(
    expect.objectContaining({
      type: 'RequestNotKept',
      nonRetryable: true,
      message:
        `webhooks.forward: the header "${name}" was not kept. ` +
        'The request had none, or `keepHeaders` of its source does not list it',
    }),
  );
});

it('keeps the gateway’s Standard Webhooks headers beside Kait’s own', () => {
  const signed = { 'webhook-id': 'wh_1', 'webhook-timestamp': '17', 'webhook-signature': 'v1,a', 'svix-id': 'wh_1' };
  expect(forwardedHeaders(signed, ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'svix-id'])).toEqual({
    'x-original-webhook-id': 'wh_1',
    'x-original-webhook-timestamp': '17',
    'x-original-webhook-signature': 'v1,a',
    'svix-id': 'wh_1',
  });
});

it('tells no receiver to answer where somebody outside has asked it to', () => {
  expect(forwardedHeaders({ 'kait-callback-url': 'https://elsewhere.example' })).toEqual({
    'x-original-kait-callback-url': 'https://elsewhere.example',
  });
});

it('leaves out headers of the connection and the content type, which is sent anyway', () => {
  const ofConnection = {
    host: 'kait.example',
    connection: 'close',
    'content-length': '2',
    'transfer-encoding': 'chunked',
    'accept-encoding': 'gzip',
    'content-type': 'text/plain',
    expect: '100-continue',
  };
  expect(forwardedHeaders({ ...ofConnection, 'x-request-id': 'r1' })).toEqual({ 'x-request-id': 'r1' });
  expect(forwardedHeaders({}, ['Content-Type', 'Host'])).toEqual({});
});
