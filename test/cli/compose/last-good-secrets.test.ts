import { expect, it, vi } from 'vitest';
import { keepLastGood } from '../../../cli/compose/last-good-secrets.ts';

it('gives the last good value of a secret that a rotation loses, and logs each loss once', () => {
  const values: (string | undefined)[] = ['one', undefined, '', 'two', ''];
  const error = vi.fn();
  const lookup = keepLastGood(() => values[0], { error });

  const found = values.map(() => {
    const value = lookup('KEY');
    values.push(values.shift());
    return value;
  });

  expect(found).toEqual(['one', 'one', 'one', 'two', 'two']);
  const logged = [{ variable: 'KEY', reason: 'unset or empty' }, 'secret lost, the previous one stays in use'];
  expect(error.mock.calls).toEqual([logged, logged]);
});

it('gives the last good value while the secret is unreadable', () => {
  let fails = false;
  const error = vi.fn();
  const lookup = keepLastGood(
    () => {
      if (fails) throw new Error('cannot be read');
      return 'one';
    },
    { error },
  );

  expect(lookup('KEY')).toBe('one');
  fails = true;
  expect(lookup('KEY')).toBe('one');
  expect(error.mock.calls).toEqual([
    [{ variable: 'KEY', reason: 'cannot be read' }, 'secret lost, the previous one stays in use'],
  ]);
});

it('has nothing to give for a secret that never was', () => {
  const error = vi.fn();

  expect(keepLastGood(() => undefined, { error })('KEY')).toBeUndefined();
  expect(error).not.toHaveBeenCalled();
});
