import { expect, it } from 'vitest';
import { withActivityLimits } from '../../language/activity-limits.ts';

const limits = { 'points.add': { timeout: '2m', retry: { attempts: 3, first: '5s' } } };

it.each([
  ['takes what the activity says', {}, { timeout: '2m', retry: { attempts: 3, first: '5s' } }],
  ['lets the step say otherwise', { timeout: '1s' }, { timeout: '1s', retry: { attempts: 3, first: '5s' } }],
  ['mixes the retries', { retry: { attempts: 9 } }, { timeout: '2m', retry: { attempts: 9, first: '5s' } }],
])('%s', (_what, own, expected) => {
  expect(withActivityLimits({ call: 'points.add', ...own }, limits)).toEqual({ call: 'points.add', ...expected });
});

it.each(['orders.create', 'toString'])('leaves a step alone that calls %s, which says nothing', (call) => {
  expect(withActivityLimits({ call, timeout: '1s' }, limits)).toEqual({ call, timeout: '1s' });
});

it('gives an emit none', () => {
  expect(withActivityLimits({ emit: 'order.paid' }, limits)).toEqual({});
});
