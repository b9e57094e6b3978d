import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../server/search/event-facts.ts';
import { readEnvelope, storedEnvelope, type Envelope, type EnvelopeRow } from '../../storage/stored-envelope.ts';
import { sampleEvent } from '../server/sample-event.ts';

/** The row that the inbox writes of an event, as a database returns it. */
function rowOf(event: Envelope): EnvelopeRow {
  const columns = factsOf({ ...event, data: null });
  const envelope = JSON.parse(JSON.stringify(storedEnvelope(event, columns))) as EnvelopeRow['envelope'];
  return {
    ...{ event_id: event.id, source: event.source, gateway: event.gateway, type: event.type },
    ...{ native_type: event.nativeType, entity: event.entity },
    ...{ occurred_at: new Date(event.occurredAt), received_at: new Date(event.receivedAt) },
    ...{ order_id: columns.orderId, payment_id: columns.paymentId, currency: columns.currency },
    amount: columns.amount === null ? null : String(columns.amount),
    envelope,
  };
}
const payment = sampleEvent().payment!;
const envelopeOf = (changes: Partial<Envelope>): Envelope => {
  const envelope: Envelope & { data?: unknown } = { ...sampleEvent(), ...changes };
  delete envelope.data;
  return envelope;
};
const nobody = { id: null, email: null, name: null };

const golden = new URL('../server/gateway/golden-events/', import.meta.url);
const samples = readdirSync(golden, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, golden), 'utf8')) as Envelope[])
  .map((event): [string, Envelope] => [`${event.gateway} ${event.nativeType} ${event.id}`, event]);

it.each(samples)('reads %s as it was stored, its members in their order', (_name, event) => {
  expect(JSON.stringify(readEnvelope(rowOf(event)))).toBe(JSON.stringify(event));
});

describe('what a column cannot hold', () => {
  it.each([
    ['an order number that is too long to be searched', { ...payment, orderId: 'x'.repeat(300) }],
    ['an order number with a line break', { ...payment, orderId: 'a\nb' }],
    ['an empty id', { ...payment, id: '' }],
    ['nothing paid of what was asked for', { ...payment, amount: null, requestedAmount: 900 }],
    ['no amount at all, whose currency is not searched', { ...payment, amount: null, requestedAmount: null }],
    ['a payment of which nothing is known', { ...payment, ...emptyPayment() }],
    ['an amount that JSON rounds', { ...payment, amount: 2 ** 53 }],
  ])('is stored with the event: %s', (_name, changed) => {
    expect(readEnvelope(rowOf(envelopeOf({ payment: changed })))).toEqual(envelopeOf({ payment: changed }));
  });

  it('is stored with the event: a payment without a reference, beside a payout that has one', () => {
    const payout = { id: 'po_1', reference: 'R-1', amount: 5, currency: 'EUR', status: null, reason: null };
    const event = envelopeOf({ payment: { ...payment, orderId: null, amount: null, currency: null }, payout });
    expect(readEnvelope(rowOf(event))).toEqual(event);
  });
});

function emptyPayment(): typeof payment {
  const nothing = { id: null, orderId: null, amount: null, requestedAmount: null, currency: null };
  return { ...nothing, status: null, method: null, customer: nobody };
}

it('stores nothing that the columns say, and no null', () => {
  expect(rowOf(envelopeOf({})).envelope).toEqual({
    payment: { status: 'succeeded', method: 'card', customer: { email: 'sari@shop.example', name: 'Sari' } },
  });
});

it('reads no event whose details are gone', () => {
  expect(readEnvelope({ ...rowOf(envelopeOf({})), envelope: null })).toBeNull();
});

it('reads a member that an older version has not stored as null', () => {
  const row = { ...rowOf(envelopeOf({})), envelope: { refund: { amount: 5 } } };
  expect(readEnvelope(row)).toMatchObject({
    ...{ live: null, tenant: null, payment: null, dispute: null },
    refund: { id: null, amount: 5, totalRefunded: null, full: null, currency: null, reason: null },
  });
});
