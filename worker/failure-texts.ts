import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import { describeError, errorText } from '../describe-error.ts';

/**
 * Keeps what drivers say out of histories. Activities fail with deliberate texts; any other error becomes a failure of the same type, which
 * Temporal would make of it as well, but with the message, its statement's values and its causes as they are.
 */
export function failureTextInterceptor(): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (isForTemporal(error)) throw error;
          const type = error instanceof Error ? error.name : 'Error';
          const failure = ApplicationFailure.create({ type, message: errorText(error), nonRetryable: false });
          const { stack = '' } = describeError(error);
          failure.stack = stack;
          throw failure;
        }
      },
    },
  };
}

/** An AbortError of a canceled activity is its cancellation. */
function isForTemporal(error: unknown): boolean {
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return error instanceof TemporalFailure || error instanceof CompleteAsyncError || isAbort;
}
