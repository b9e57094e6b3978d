import { describe, expect, it } from 'vitest';
import { amountMinor } from '../../../server/gateway/amount.ts';
import { currencyExponent } from '../../../language/operators/money.ts';

describe('an amount in major units', () => {
  it.each([
    ['250000.00', 'IDR', 25_000_000],
    ['250000', 'IDR', 25_000_000],
    ['0.29', 'USD', 29],
    ['1.15', 'USD', 115],
    ['4.35', 'EUR', 435],
    ['500', 'JPY', 500],
    ['500.00', 'JPY', 500],
    ['1.234', 'KWD', 1_234],
    ['0', 'USD', 0],
    ['90071992547409.91', 'USD', 9_007_199_254_740_991],
  ])('of %s %s is exactly %i', (text, currency, expected) => {
    expect(amountMinor(text, currency, { unit: 'major' })).toBe(expected);
  });

  it.each([
    ['0.001', 'USD'],
    ['500.5', 'JPY'],
    ['90071992547409.92', 'USD'],
    ['1e3', 'USD'],
    ['-1', 'USD'],
    ['+1', 'USD'],
    ['1,000', 'USD'],
    ['1.', 'USD'],
    ['.5', 'USD'],
    ['', 'USD'],
    [' 1', 'USD'],
    ['0x10', 'USD'],
    ['Infinity', 'USD'],
    ['1'.repeat(400), 'USD'],
    ['1', 'XXX'],
    ['1', 'usd'],
    ['1', 'D A'],
  ])('of %.40s %s is unknown', (text, currency) => {
    expect(amountMinor(text, currency, { unit: 'major' })).toBeNull();
  });

  it('without a currency is unknown', () => {
    expect(amountMinor('1', null, { unit: 'major' })).toBeNull();
  });
});

describe('an amount in minor units', () => {
  it.each([
    ['2500000', 'IDR', 2_500_000],
    ['500', 'JPY', 500],
    ['500.00', 'JPY', 500],
    ['7', 'XXX', 7],
    ['7', null, 7],
    ['7.5', 'USD', null],
  ])('of %s %s is %s', (text, currency, expected) => {
    expect(amountMinor(text, currency, { unit: 'minor' })).toBe(expected);
  });

  it('is converted to those of ISO 4217 if the gateway’s differ', () => {
    const exponents = { UGX: 2, MGA: 0 };

    expect(amountMinor('50000', 'UGX', { unit: 'minor', exponents })).toBe(500);
    expect(amountMinor('50050', 'UGX', { unit: 'minor', exponents })).toBeNull();
    expect(amountMinor('500', 'MGA', { unit: 'minor', exponents })).toBe(50_000);
    expect(amountMinor('500', 'USD', { unit: 'minor', exponents })).toBe(500);
  });
});

describe('the minor unit of a currency', () => {
  it.each([
    ['IDR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['VND', 0],
    ['USD', 2],
    ['idr', undefined],
    ['XYZ', undefined],
    ['', undefined],
  ])('of %s has %s digits', (code, digits) => {
    expect(currencyExponent(code)).toBe(digits);
  });
});
