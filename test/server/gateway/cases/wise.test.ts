import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const wise = await shippedPreset('wise');

function idOf(event_type: string, data: object, sent_at: string) {
  const body = JSON.stringify({ data, subscription_id: 'sub-1', event_type, schema_version: '2.0.0', sent_at });
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body });
  return readInbound(wise, shop, request, new Date('2026-01-01T00:00:00Z'))[0]!.event.id;
}

it('tells the state of a transfer once, however many digits its time has', () => {
  const data = { resource: { type: 'transfer', id: 111, profile_id: 222 }, current_state: 'outgoing_payment_sent' };
  const ids = ['2026-01-01T12:34:56Z', '2026-01-01T12:34:56.789Z'].map((occurred_at) =>
    idOf('transfers#state-change', { ...data, occurred_at }, occurred_at),
  );

  expect(ids).toEqual(['transfer:111:outgoing_payment_sent', 'transfer:111:outgoing_payment_sent']);
});

it('tells two equal deposits in one second apart', () => {
  const data = { resource: { id: 111 }, amount: 1.23, currency: 'EUR', occurred_at: '2026-01-01T00:00:00Z' };

  expect(idOf('balances#credit', { ...data, post_transaction_balance_amount: 2.46 }, '2026-01-01T00:00:02Z')).toBe(
    'balances#credit:111:2026-01-01T00%3A00%3A00Z:2.46',
  );
  expect(idOf('balances#credit', { ...data, post_transaction_balance_amount: 3.69 }, '2026-01-01T00:00:02Z')).toBe(
    'balances#credit:111:2026-01-01T00%3A00%3A00Z:3.69',
  );
});
