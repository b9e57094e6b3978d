import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const plaid = await shippedPreset('plaid');

function read(body: object, token = 'eyJhIjoxfQ.eyJpYXQiOjF9.c2ln') {
  const request = requestWith({
    headers: { 'content-type': 'application/json', 'plaid-verification': token },
    body: JSON.stringify(body),
  });
  return readInbound(plaid, shop, request, new Date('2026-01-01T00:00:00Z'))[0]!.event;
}

const update = {
  webhook_type: 'PAYMENT_INITIATION',
  webhook_code: 'PAYMENT_STATUS_UPDATE',
  payment_id: 'payment-1',
  new_payment_status: 'PAYMENT_STATUS_EXECUTED',
  timestamp: '2026-01-01T00:00:00.350Z',
  environment: 'production',
};

it('counts a payment that is executed and then settled once', () => {
  const settled = { ...update, new_payment_status: 'PAYMENT_STATUS_SETTLED', timestamp: '2026-01-01T02:00:00Z' };

  expect(read(update)).toMatchObject({ id: 'payment-1:succeeded', type: 'payment.succeeded' });
  expect(read(settled)).toMatchObject({ id: 'payment-1:succeeded', type: 'payment.succeeded' });
});

it.each([
  ['production', true],
  ['sandbox', false],
  ['development', false],
  ['another', null],
])('takes the environment %s for live: %s', (environment, live) => {
  expect(read({ ...update, environment }).live).toBe(live);
});

it('tells equal notices apart by the time in their tokens, and by nothing else in them', () => {
  const notice = { webhook_type: 'TRANSACTIONS', webhook_code: 'SYNC_UPDATES_AVAILABLE', item_id: 'item-1' };
  const { id } = read(notice);

  expect(read(notice, 'eyJhIjoxfQ.eyJpYXQiOjF9.b3RoZXI').id).toBe(id);
  expect(read(notice, 'eyJhIjoxfQ.eyJpYXQiOjJ9.c2ln').id).not.toBe(id);
});
