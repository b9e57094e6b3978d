import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput } from '@temporalio/worker';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { expect, it } from 'vitest';
import { failureTextInterceptor } from '../../worker/failure-texts.ts';

const input: ActivityExecuteInput = { args: [], headers: {} };

function failing(error: unknown): Promise<unknown> {
  const execute = failureTextInterceptor().inbound?.execute;
  if (execute === undefined) throw new Error('There is one.');
  return execute(input, () => Promise.reject(error as Error)).catch((thrown: unknown) => thrown);
}

it('keeps the values of a failed statement out of the failure, its stack and its cause', async () => {
  const driver = Object.assign(new Error('value "whsec" is refused'), { code: '23505', severity: 'ERROR' });
  const failure = (await failing(new DrizzleQueryError('insert', ['whsec'], driver))) as ApplicationFailure;
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ message: 'A database statement failed (23505)', nonRetryable: false });
  expect([failure.cause, failure.stack?.includes('whsec')]).toEqual([undefined, false]);
});

it('keeps the type and the message of a bug', async () => {
  expect(await failing(new TypeError('x is not a function'))).toMatchObject({
    type: 'TypeError',
    message: 'x is not a function',
  });
});

it.each<Error>([
  ApplicationFailure.create({ type: 'Declined', message: 'no' }),
  new CancelledFailure('canceled'),
  new CompleteAsyncError(),
  Object.assign(new Error('aborted'), { name: 'AbortError' }),
])('passes on what activities throw on purpose: %s', async (error) => {
  expect(await failing(error)).toBe(error);
});
