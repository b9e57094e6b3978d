import { ApplicationFailure } from '@temporalio/common';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { activityFailure } from './failure-types.ts';

/**
 * Runs `work` on the database; what goes wrong there becomes `DatabaseUnavailable`, which Temporal repeats, or
 * `DatabaseRefused`. The driver's message is left out, since drizzle's holds the statement's values.
 */
export async function askDatabase<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || isBug(error)) throw error;
    const code = sqlState(error);
    // Class 22, data exception: the value itself is what the database cannot hold, a NUL in a text for one.
    if (code?.startsWith('22')) throw activityFailure('DatabaseRefused', `The database refuses a value (${code})`);
    throw activityFailure('DatabaseUnavailable', `The database did not answer (${code ?? 'no code'})`);
  }
}

function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}

/** `23505`, or a system code such as `ECONNREFUSED`. */
function sqlState(error: unknown): string | undefined {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
