import { expect, it } from 'vitest';
import { readAmount } from '../../../server/search/read-amount.ts';

it.each([
  ['IDR 2,000,000.00', 'IDR', 200_000_000],
  ['idr 2000000', 'IDR', 200_000_000],
  ['2,000,000 IDR', 'IDR', 200_000_000],
  ['Rp 2.000.000', 'IDR', 200_000_000],
  ['Rp2.000.000,50', 'IDR', 200_000_050],
  ['IDR 2.000', 'IDR', 200_000],
  ['EUR 12,50', 'EUR', 1_250],
  ['EUR 12.5', 'EUR', 1_250],
  ['JPY 500', 'JPY', 500],
  ['KWD 2.000', 'KWD', 2_000],
  ['KWD 1,234.567', 'KWD', 1_234_567],
  ['  USD 0  ', 'USD', 0],
])('reads %s', (text, currency, amount) => {
  expect(readAmount(text)).toEqual({ currency, amount });
});

it('takes a currency that is given apart', () => {
  expect(readAmount('2000000', 'idr')).toEqual({ currency: 'IDR', amount: 200_000_000 });
});

it.each([
  '',
  '2000000',
  'XXX 5',
  'IDR',
  'IDR -5',
  'IDR 1,00,000',
  'IDR 1.000,00.0',
  'JPY 5.5',
  'EUR 1.2345',
  'IDR 5 USD',
  'IDR 5.',
  'IDR 99999999999999999999',
  `IDR ${'9'.repeat(100_000)}`,
  'INV-2026-1',
  '%',
])('reads no amount from %j', (text) => {
  expect(readAmount(text)).toBeUndefined();
});
