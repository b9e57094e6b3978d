import { expect, it } from 'vitest';
import type { InboundRequest } from '../../../server/gateway/request-view.ts';
import { keptHeaders } from '../../../server/receiver/kept-headers.ts';

function request(headers: InboundRequest['headers']): InboundRequest {
  return { method: 'POST', url: '/in/stripe', headers, body: Buffer.alloc(0) };
}

it('keeps the headers that are named, and nothing else', () => {
  const inbound = request({ 'stripe-signature': 't=1', authorization: 'Basic x', cookie: 'a=b', 'x-empty': '' });
  expect(keptHeaders(inbound, ['stripe-signature', 'x-empty', 'x-absent'])).toEqual({
    'stripe-signature': 't=1',
    'x-empty': '',
  });
});

it('keeps null where no header is named or none of them came', () => {
  expect(keptHeaders(request({ cookie: 'a=b' }), [])).toBeNull();
  expect(keptHeaders(request({ cookie: 'a=b' }), ['stripe-signature', 'constructor'])).toBeNull();
});

it('joins a header that came several times', () => {
  expect(keptHeaders(request({ 'x-mollie-signature': ['sha256=a', 'sha256=b'] }), ['x-mollie-signature'])).toEqual({
    'x-mollie-signature': 'sha256=a, sha256=b',
  });
});
