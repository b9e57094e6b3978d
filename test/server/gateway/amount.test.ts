import { describe, expect, it } from 'vitest';
import { amountMinor } from '../../../server/gateway/amount.ts';
import { currencyExponent } from '../../../language/operators/money.ts';
import { nowMs, presetWith, readInbound, requestWith, shop } from './gateways.ts';

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

describe('an amount of several terms', () => {
  const amountOf = (terms: object, body: object) => {
    const preset = presetWith({ payments: [{ amount: { from: ['json:/a'], ...terms }, currency: ['text:IDR'] }] });
    const request = requestWith({ body: JSON.stringify({ id: 'a', type: 'b', ...body }) });
    return readInbound(preset, shop, request, new Date(nowMs))[0]!.event.payment!.amount;
  };

  it.each([
    ['a difference', { minus: ['json:/b'] }, { a: 30, b: 10 }, 20],
    ['a sum', { plus: ['json:/b'] }, { a: 30, b: 10 }, 40],
    ['a sum and a difference', { plus: ['json:/b'], minus: ['json:/c'] }, { a: 1_600, b: 500, c: 2_000 }, 100],
    ['a difference below zero', { minus: ['json:/b'] }, { a: 10, b: 30 }, null],
    ['a difference from nothing', { minus: ['json:/b'] }, { a: 10 }, null],
    ['a sum with nothing', { plus: ['json:/b'] }, { a: 10 }, null],
    ['a sum beyond 2^53', { plus: ['json:/b'] }, { a: 9_007_199_254_740_991, b: 1 }, null],
    ['a limit above it', { atMost: ['json:/b'] }, { a: 10, b: 30 }, 10],
    ['a limit below it', { atMost: ['json:/b'] }, { a: 30, b: 10 }, 10],
    ['a limit that is not told', { atMost: ['json:/b'] }, { a: 30 }, 30],
  ])('may be %s', (_what, terms, body, expected) => {
    expect(amountOf(terms, body)).toBe(expected);
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

it('is read from a number that binary arithmetic has left with too many digits', () => {
  const preset = presetWith({
    amounts: { unit: 'major' },
    payments: [{ amount: ['json:/amount'], currency: ['text:NGN'] }],
  });
  const request = requestWith({ body: '{"type":"a","id":"b","amount":1034.6000000000001}' });

  expect(readInbound(preset, shop, request, new Date(0))[0]!.event.payment?.amount).toBe(103_460);
});

it.each([
  ['1034.6000000000001', 103_460],
  ['0.30000000000000004', 30],
  ['1034.5999999999999', 103_460],
  ['1034.605', null],
  ['1034.6050000000001', null],
])('of %s in major units, the digits beyond the fifteenth do not count', (text, expected) => {
  expect(amountMinor(text, 'USD', { unit: 'major' })).toBe(expected);
});
