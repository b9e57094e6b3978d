import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../language/json.ts';
import { nowMs, presetWith, readInbound, requestWith, shop } from './gateways.ts';

const preset = presetWith({
  types: [{ match: { 'json:/type': ['refund'] }, type: 'payment.refunded' }],
  amounts: { unit: 'minor', exponents: { IDR: 0 } },
  payments: [{ amount: ['json:/paid'], currency: ['json:/currency'] }],
  refunds: [
    {
      amount: ['json:/amount'],
      totalRefunded: ['json:/total'],
      full: [
        { match: { 'json:/word': ['all'] }, is: true },
        { match: { 'json:/word': ['part'] }, is: false },
      ],
    },
  ],
});

function read(body: JsonObject) {
  const request = requestWith({ body: JSON.stringify({ id: 'a', type: 'refund', currency: 'EUR', ...body }) });
  return readInbound(preset, shop, request, new Date(nowMs))[0]!.event;
}

it.each([
  ['IDR', 5_000_000],
  ['idr', 5_000_000],
  ['Idr', 5_000_000],
])('reads the currency %s in upper case, and the amount by it', (currency, amount) => {
  expect(read({ paid: 50_000, currency }).payment).toMatchObject({ amount, currency: 'IDR' });
});

describe('a refund', () => {
  it.each<[string, JsonObject, boolean | null]>([
    ['gave everything back by its total', { total: 1_000 }, true],
    ['gave a part back by its total', { total: 5 }, false],
    ['is as large as the payment', { amount: 1_000 }, true],
    ['is smaller, and may be the last of several', { amount: 5 }, null],
    ['is said to be full', { amount: 5, word: 'all' }, true],
    ['is said to be partial', { amount: 5, word: 'part' }, false],
    ['is said to be full, but leaves something by its total', { total: 5, word: 'all' }, false],
    ['is said to be partial, although its total leaves nothing', { total: 1_000, word: 'part' }, false],
    ['is said to be full of a payment that is unknown', { paid: null, total: 5, word: 'all' }, true],
  ])('that %s', (_how, body, full) => {
    expect(read({ paid: 1_000, ...body }).refund?.full).toBe(full);
  });

  it('of 0 is of an unknown amount', () => {
    expect(read({ paid: 1_000, amount: 0 }).refund).toMatchObject({ amount: null, full: null });
  });
});

describe('the amounts of a payment', () => {
  const asked = presetWith({
    types: [
      { match: { 'json:/type': ['open'] }, type: 'payment.pending' },
      { match: { 'json:/type': ['late'] }, type: 'payment.expired' },
      { match: { 'json:/type': ['paid'] }, type: 'payment.succeeded' },
    ],
    payments: [{ amount: ['json:/paid'], requestedAmount: ['json:/asked'], currency: ['text:IDR'] }],
  });
  const amounts = (body: JsonObject) => {
    const request = requestWith({ body: JSON.stringify({ id: 'a', ...body }) });
    const { payment } = readInbound(asked, shop, request, new Date(nowMs))[0]!.event;
    return [payment?.amount, payment?.requestedAmount];
  };

  it.each<[string, JsonObject, (number | null)[]]>([
    ['what was paid', { type: 'paid', paid: 7 }, [7, null]],
    ['both if they differ', { type: 'paid', paid: 5, asked: 7 }, [5, 7]],
    ['only what was asked for while nothing is paid', { type: 'open', paid: 7 }, [null, 7]],
    ['only that, if the gateway calls it both', { type: 'late', paid: 7, asked: 7 }, [null, 7]],
    ['a part that has arrived', { type: 'late', paid: 5, asked: 7 }, [5, 7]],
  ])('tell %s', (_what, body, expected) => {
    expect(amounts(body)).toEqual(expected);
  });
});
