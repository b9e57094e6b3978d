import { expect, it } from 'vitest';
import { shownMoney } from '../../language/shown-money.ts';

it.each([
  ['with the digits of its currency', { currency: 'IDR', amount: 200_000_000 }, 'IDR 2,000,000.00'],
  ['without digits if the currency has none', { currency: 'JPY', amount: 500 }, 'JPY 500'],
  ['below zero', { currency: 'EUR', amount: -5 }, 'EUR -0.05'],
  ['beyond 2^53 exactly', { currency: 'USD', amount: '900719925474099301' }, 'USD 9,007,199,254,740,993.01'],
  ['of an unknown currency in minor units', { currency: 'XXX', amount: 2_000 }, 'XXX 2000 minor units'],
  ['of no currency in minor units', { currency: null, amount: 2_000 }, '2000 minor units'],
  ['of nothing as nothing', { currency: 'IDR', amount: null }, ''],
])('shows an amount %s', (_how, money, shown) => {
  expect(shownMoney(money)).toBe(shown);
});
