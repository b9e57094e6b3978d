import { expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { JsonObject } from '../../../../language/json.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('flip');

function read(data: JsonObject, receivedAt = '2026-01-01T00:00:00Z'): CanonicalEvent {
  const request = requestWith({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ data: JSON.stringify(data), token: 'T' }).toString(),
  });
  return readInbound(preset, shop, request, new Date(receivedAt))[0]!.event;
}

const transfer = { idempotency_key: 'PAYOUT-1', recipient_name: 'Sari', status: 'DONE', amount: 10_000 };

it.each([
  ['with a small id', 7],
  ['with the id as text', '7'],
  ['with an id beyond 2^53', 1_234_567_890_123_456_800],
  ['without an id', null],
])('knows a transfer by the merchant’s key: %s', (_how, id) => {
  expect(read({ ...transfer, id })).toMatchObject({
    id: 'PAYOUT-1:DONE',
    type: 'payout.succeeded',
    payout: { reference: 'PAYOUT-1', amount: 1_000_000, currency: 'IDR', status: 'succeeded' },
  });
});

it('counts each payment of a bill once', () => {
  const payment = (id: string) => read({ id, bill_link_id: 5, status: 'SUCCESSFUL', amount: 10_000 });

  expect(payment('FT1')).toMatchObject({ id: 'FT1:SUCCESSFUL', type: 'payment.succeeded' });
  expect(payment('FT2').id).toBe('FT2:SUCCESSFUL');
});

it('is the same event if the state of a bank is told again later', () => {
  const bank = { bank_code: 'bca', status: 'DISTURBED', queue: 8 };

  expect(read(bank).id).toBe(read(bank, '2026-01-02T00:00:00Z').id);
  expect(read({ ...bank, queue: 9 }).id).not.toBe(read(bank).id);
});
