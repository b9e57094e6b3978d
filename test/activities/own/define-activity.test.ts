import { expect, it } from 'vitest';
import { z } from 'zod';
import { z as old } from 'zod/v3';
import { defineActivity, isOwnActivity } from '../../../activities/own/define-activity.ts';

const sound = {
  name: 'points.add',
  title: 'Add points',
  input: z.strictObject({ member: z.string(), points: z.int() }),
  output: z.strictObject({ total: z.int() }),
  kind: 'network' as const,
  run: () => ({ total: 1 }),
};

it('gives an activity that Kait knows, whichever copy of the package made it', () => {
  expect(isOwnActivity(defineActivity(sound))).toBe(true);
  expect(isOwnActivity({ ...sound, [Symbol.for('kait.activity')]: true })).toBe(true);
  expect(isOwnActivity(sound)).toBe(false);
});

it.each([
  ['a name in other letters', { name: 'Points Add' }, '`name`: expected words and dots, such as points.add'],
  ['a name of a verb', { name: 'http.request' }, '`name`: is a name of Kait’s own. Choose another'],
  ['a name of a step of Kait’s', { name: 'gateway.confirm' }, '`name`: is a name of Kait’s own. Choose another'],
  ['the SDK’s name for all others', { name: 'default' }, '`name`: is a name of Kait’s own. Choose another'],
  ['no title', { title: ' ' }, '`title`: expected a short text'],
  ['an unknown kind', { kind: 'local' }, '`kind`: Invalid option: expected one of "database"|"network"'],
  ['no function', { run: 'run' }, '`run`: expected a function'],
  ['a time of nothing', { timeout: '0s' }, '`timeout`: expected a duration from 1ms to 365d, such as 30s or 5m'],
  ['a time in numbers', { timeout: 30 }, '`timeout`: Invalid input: expected string, received number'],
  ['no attempt', { retry: { attempts: 0 } }, '`retry.attempts`: Too small: expected number to be >=1'],
  ['a misspelled option', { timout: '30s' }, 'There is no option `timout`. Did you mean "timeout"?'],
  [
    'a misspelled option of the retries',
    { retry: { attemts: 3 } },
    'There is no option `retry.attemts`. Did you mean "attempts"?',
  ],
  [
    'a type of errors that no definition could name',
    { errors: { 'member unknown': 'No member has this address.' } },
    '`errors.member unknown`: expected a type of errors, such as CardDeclined',
  ],
  [
    'an error without a meaning',
    { errors: { MemberUnknown: '' } },
    '`errors.MemberUnknown`: expected what the type means',
  ],
  ['no schema', { input: { member: 'text' } }, '`input`: expected z.strictObject({ … }) of zod'],
  ['a schema of zod 3', { input: old.object({}) }, '`input`: this schema was made by zod 3. Use zod 4'],
  ['a schema of a text', { output: z.string() }, '`output`: expected z.object({ … }), got a schema of string'],
  [
    'a loose input',
    { input: z.object({ member: z.string() }) },
    '`input`: use z.strictObject, so that a misspelled name in a definition is found',
  ],
  [
    'an asynchronous refinement',
    {
      input: z.strictObject({
        tags: z.array(z.string().refine(() => Promise.resolve(true).then((known) => known))).optional(),
        member: z.string().refine(async (id) => (await Promise.resolve(id)) !== ''),
      }),
    },
    '`input`: it has an asynchronous refinement or transform. Check that in `run`, and throw a PermanentError',
  ],
  [
    'an example that the input does not take',
    { example: { member: 5 } },
    '`example.member`: Invalid input: expected string, received number',
  ],
  [
    'an output with a date',
    { output: z.object({ at: z.date() }) },
    '`output`: Date cannot be represented in JSON Schema. What steps pass on is JSON',
  ],
])('refuses %s', (_what, change, problem) => {
  expect(() => defineActivity({ ...sound, ...change } as typeof sound)).toThrow(`defineActivity: ${problem}`);
});

it('names every problem at once', () => {
  const wrong = { ...sound, title: '', kind: 'other' } as unknown as typeof sound;
  expect(() => defineActivity(wrong)).toThrow(
    'defineActivity: `title`: expected a short text. `kind`: Invalid option: expected one of "database"|"network"',
  );
});

it.each([undefined, null, 'points.add', []])('refuses %j in place of the options', (given) => {
  expect(() => defineActivity(given as unknown as typeof sound)).toThrow(
    /^defineActivity: Invalid input: expected object/,
  );
});
