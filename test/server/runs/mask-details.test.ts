import { expect, it } from 'vitest';
import type { Json } from '../../../language/json.ts';
import { maskDetails, maskShown } from '../../../server/runs/mask-details.ts';
import { details, step } from '../../cli/runs/sample-run.ts';

it.each<[string, Json, Json]>([
  ['a token', { accessToken: 'abc', token_type: 'x' }, { accessToken: '[secret]', token_type: '[secret]' }],
  ['a header', { headers: { Authorization: 'Bearer abc' } }, { headers: { Authorization: '[secret]' } }],
  [
    'card data',
    [{ card_number: 4111, cvv: 123, pan: '4111' }],
    [{ card_number: '[secret]', cvv: '[secret]', pan: '[secret]' }],
  ],
])('masks %s', (_what, value, expected) => {
  expect(maskShown({ value })).toEqual({ value: expected });
});

it.each<[string, Json]>([
  ['the name of a secret', { headers: { authorization: { concat: ['Bearer ', { secret: 'SHOP_API_KEY' }] } } }],
  ['other members', { id: 'ord_1', company: 'x', spinner: 1, isTokenized: true, amount: 5 }],
])('leaves %s', (_what, value) => {
  expect(maskShown({ value })).toEqual({ value });
});

it('masks the beginning of a large value, even if it ends in the middle', () => {
  const beginning = '{"id":"ord_1","password":"a\\"b","cardPin":1234,"secret":"unfin';
  expect(maskShown({ beginning, bytes: 9_000 })).toEqual({
    beginning: '{"id":"ord_1","password":"[secret]","cardPin":"[secret]","secret":"[secret]"',
    bytes: 9_000,
  });
});

it('masks what conditions saw, and steps within steps', () => {
  const inner = step('inner', { input: { value: { password: 'x' } }, output: { value: { apiKey: 'y' } } });
  const outer = step('outer', { branches: [{ label: 'do', steps: [inner] }] });
  const decision = { key: 'a', step: 'a', position: 'if', value: true, at: '2026-01-01T00:00:00Z' };
  const because = 'steps.login.token ("abc") == "abc" and steps.login.id (5) > 1';
  const masked = maskDetails(details({ steps: [outer], decisions: [{ ...decision, because }] }));
  expect(masked.steps[0]?.branches[0]?.steps[0]).toMatchObject({
    input: { value: { password: '[secret]' } },
    output: { value: { apiKey: '[secret]' } },
  });
  expect(masked.decisions[0]?.because).toBe('steps.login.token ([secret]) == "abc" and steps.login.id (5) > 1');
});
