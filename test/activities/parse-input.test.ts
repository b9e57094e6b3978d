import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseShape } from '../../activities/parse-input.ts';

it.each<[string, z.ZodType]>([
  ['returns a promise', z.strictObject({ id: z.string().refine(() => Promise.resolve(true)) })],
  [
    'throws',
    z.strictObject({
      id: z.string().refine(() => {
        throw new TypeError('no such member');
      }),
    }),
  ],
])('refuses an input for good if a refinement of its schema %s', (_what, schema) => {
  expect(() => parseShape('members.add', schema, { id: 'a' })).toThrow(
    expect.objectContaining({
      type: 'InputInvalid',
      nonRetryable: true,
      message: 'members.add: a refinement or transform of the input throws or is asynchronous',
    }),
  );
});
