import { expect, it } from 'vitest';
import { createAnswerBook, isWrapped, withoutIndices } from '../../simulator/mocks.ts';

it('uses a list up, and its last member for all that follow', () => {
  const answers = createAnswerBook({ pay: [{ error: { type: 'Away' } }, 1, { result: [2] }] });
  expect(['pay/0', 'pay/1', 'pay/2', 'pay/3'].map((path) => answers.next(path))).toEqual([
    { afterMs: 0, error: { type: 'Away', message: 'Away', retryable: undefined } },
    { afterMs: 0, result: 1 },
    { afterMs: 0, result: [2] },
    { afterMs: 0, result: [2] },
  ]);
});

it('prefers the mock of the item to that of the step', () => {
  const answers = createAnswerBook({ 'ship/pay': 'any', 'ship/1/pay/2': 'own', pay: 'not this' });
  expect(answers.next('ship/1/pay/2')).toEqual({ afterMs: 0, result: 'own' });
  expect(answers.next('ship/0/pay/2')).toEqual({ afterMs: 0, result: 'any' });
  expect(answers.next('pay/undo')).toBeUndefined();
  expect(answers.next('constructor')).toBeUndefined();
});

it('answers null for an empty list', () => {
  expect(createAnswerBook({ pay: [] }).next('pay')).toEqual({ afterMs: 0, result: null });
});

it('takes time', () => {
  const answers = createAnswerBook({ a: { after: '2m' }, b: { after: '1s', result: null } });
  expect(answers.next('a')).toEqual({ afterMs: 120_000 });
  expect(answers.next('b')).toEqual({ afterMs: 1_000, result: null });
});

it.each([
  [{ result: 1 }, true],
  [{ error: { type: 'A' }, after: '1s' }, true],
  [{ result: 1, status: 200 }, false],
  [{}, false],
  [[{ result: 1 }], false],
  [null, false],
])('%j is wrapped: %s', (mock, expected) => {
  expect(isWrapped(mock)).toBe(expected);
});

it('knows the name that all items share', () => {
  expect(withoutIndices('ship/3/pay/1/0/undo')).toBe('ship/pay/undo');
});
