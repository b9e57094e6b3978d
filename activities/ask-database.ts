import { ApplicationFailure } from '@temporalio/common';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { activityFailure } from './failure-types.ts';

/**
 * Runs `work` on the database. Its errors become `DatabaseUnavailable`, which Temporal retries, or `DatabaseRefused`. The
 * driver's message is left out, since drizzle's contains the statement's values.
 */
export async function askDatabase<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || isBug(error)) throw error;
    const code = sqlState(error);
    // Class 22, data exception: the database cannot hold the value itself, such as a NUL in a text.
    if (code?.startsWith('22')) throw activityFailure('DatabaseRefused', `The database cannot hold a value (${code})`);
    throw activityFailure('DatabaseUnavailable', `The database is not available (${code ?? 'no code'})`);
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
