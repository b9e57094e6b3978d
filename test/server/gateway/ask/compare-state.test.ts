import { expect, it } from 'vitest';
import type { Json } from '../../../../language/json.ts';
import { partOf } from '../../../../server/gateway/ask/ask-gateway.ts';
import type { ComparisonOptions } from '../../../../server/gateway/ask/ask-schema.ts';
import {
  compareState,
  compileComparison,
  differencesFromNothing,
  findUnclaimed,
} from '../../../../server/gateway/ask/compare-state.ts';
import { createRequestView, type RequestView } from '../../../../server/gateway/request-view.ts';

function viewOf(document: Json): RequestView {
  const body = Buffer.from(JSON.stringify(document));
  return createRequestView({ method: 'GET', url: '/', headers: {}, body }, { format: 'json', encoding: 'text' });
}

function compare(claimed: Json, confirmed: Json, changes: Partial<ComparisonOptions> = {}) {
  const options: ComparisonOptions = { claimed: 'json:/state', confirmed: 'json:/state', values: {}, as: 'text' };
  return compareState(
    [compileComparison({ ...options, ...changes })],
    viewOf({ state: claimed }),
    viewOf({ state: confirmed }),
  );
}

it('confirms the same text and shows it', () => {
  expect(compare('settlement', 'settlement')).toEqual({
    differences: [],
    state: { state: 'settlement' },
    missing: [],
  });
});

it('shows at most 64 characters, and no half of one', () => {
  const state = `${'a'.repeat(63)}😀`;
  expect(compare(state, state).state).toEqual({ state: 'a'.repeat(63) });
});

it('names what differs, and what each side says', () => {
  expect(compare('settlement', 'pending')).toEqual({
    differences: [{ name: 'state', claimed: 'settlement', confirmed: 'pending' }],
    state: {},
    missing: [],
  });
});

it.each([
  ['paid', null],
  ['paid', {}],
  [null, null],
])('takes no side when the answer lacks the value: %j and %j', (claimed, confirmed) => {
  expect(compare(claimed, confirmed)).toEqual({ differences: [], state: {}, missing: ['state'] });
});

it('names the values that the event lacks', () => {
  const options: ComparisonOptions = { claimed: 'json:/state', confirmed: 'json:/state', values: {}, as: 'text' };
  const comparisons = [compileComparison(options), compileComparison({ ...options, claimed: 'json:/id' })];
  expect(findUnclaimed(comparisons, viewOf({ id: 'a' }))).toEqual(['state']);
  expect(findUnclaimed(comparisons, viewOf({ id: 'a', state: 'paid' }))).toEqual([]);
});

it('compares an event with a thing that does not exist', () => {
  const options: ComparisonOptions = { claimed: 'json:/state', confirmed: 'json:/state', values: {}, as: 'text' };
  expect(differencesFromNothing([compileComparison(options)], viewOf({ state: 'paid' }))).toEqual([
    { name: 'state', claimed: 'paid', confirmed: null },
  ]);
});

it('accepts an optional value that both lack', () => {
  const optional = { claimed: 'json:/state | opt', confirmed: 'json:/state | opt' };
  expect(compare(null, null, optional).differences).toEqual([]);
  expect(compare('accept', null, optional).differences).toHaveLength(1);
});

it('translates the listed values into the gateway’s own, and no others', () => {
  const values = { '00': ['SUCCESS', 'PAID'] };
  expect(compare('00', 'PAID', { values }).differences).toEqual([]);
  expect(compare('00', '00', { values }).differences).toHaveLength(1);
  expect(compare('01', '01', { values }).differences).toEqual([]);
  expect(compare('constructor', 'x', { values }).differences).toHaveLength(1);
});

it.each([
  ['10.00', 10, true],
  ['0010', '10', true],
  ['-0.0', '0', true],
  ['-1', '1', false],
  ['10.10', '10.1', true],
  ['100', '10', false],
  ['123456789012345678901.10', '123456789012345678901.1', true],
  ['1e1', '10', false],
  ['', '', false],
  ['10', '', false],
  ['abc', 'abc', false],
  [1034.6000000000001, '1034.60', true],
  ['1034.6000000000001', '1034.61', false],
])('compares %j and %j as numbers by their digits', (one, other, same) => {
  expect(compare(one, other, { as: 'number' }).differences).toHaveLength(same ? 0 : 1);
});

it('lets an answer leave out a number that is optional, and takes no other number for it', () => {
  const paid = { confirmed: 'json:/paid | opt', as: 'number' } as const;

  expect(compare('10', 'x', paid).differences).toEqual([]);
  expect(compare('10', '11', { ...paid, confirmed: 'json:/state | opt' }).differences).toHaveLength(1);
});

it.each([
  ['5000.00', '5000', true],
  ['5000.00', '12000.00', true],
  ['12000.01', '12000', false],
  ['9', '10', true],
  ['10', '9', false],
  ['-1', '0', false],
  ['', '1', false],
  ['all', 'all', false],
])('takes a running total of %j for true if it is %j by now: %j', (one, other, agrees) => {
  expect(compare(one, other, { as: 'atMost' }).differences).toHaveLength(agrees ? 0 : 1);
});

it('shortens long texts and removes control characters', () => {
  expect(compare(`a\u001b${'x'.repeat(100)}`, 'b').differences[0]?.claimed).toBe(`a\uFFFD${'x'.repeat(62)}`);
});

it('finds a part of an answer, even through the only member of an object or a list', () => {
  const answer = { details: { 'TXN/1': { status: 'success' } }, two: { a: 1, b: 2 }, list: [{ id: 1 }] };
  expect(partOf(answer, ['details', '*', 'status'])).toBe('success');
  expect(partOf(answer, ['list', '*', 'id'])).toBe(1);
  expect(partOf(answer, ['two', '*'])).toBeUndefined();
  expect(partOf('text', ['*'])).toBeUndefined();
  expect(partOf(answer, [])).toBe(answer);
});
